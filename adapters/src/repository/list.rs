//! Lists: filters, an order, and a part of what they give.

use ports::{DatabaseError, Filter, Page, PageRequest, Sort};
use sea_orm::{
    ModelTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
    Select, Value,
};

use super::{
    AsyncAdapter, Context, Record, condition,
    cursor::Sealer,
    keyset,
    limit::Limit,
    order::Ordering,
    read::{models, visible},
    text::Shape,
    value::{check_unbinds, unbind},
};
use crate::seaorm::{Backend, Prepared, Session, database_error};

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// A page of the rows for which all filters hold, and how many such rows there are.
    ///
    /// No sort means newest first, if the entity is timestamped; ties are broken by the
    /// primary key. Two statements.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::InvalidQuery`] for a value that does not fit its column, or a
    /// cursor that does not fit the order.
    #[doc(alias = "find_all")]
    pub async fn search(
        &self,
        filters: &[Filter<E::Column>],
        sort: &[Sort<E::Column>],
        page: &PageRequest,
    ) -> Result<(Vec<E::Model>, u64), DatabaseError> {
        let found = self.list(filters, sort, page).await?;
        let total = match found.total {
            Some(total) => total,
            None => self.count(filters).await?,
        };
        Ok((found.items, total))
    }

    /// A page of the rows for which all filters hold: by number with the total, in two
    /// statements, or by key with the cursor of the next page, in one.
    ///
    /// # Errors
    ///
    /// Those of [`search`](Self::search).
    pub async fn list(
        &self,
        filters: &[Filter<E::Column>],
        sort: &[Sort<E::Column>],
        page: &PageRequest,
    ) -> Result<Page<E::Model>, DatabaseError> {
        let session = self.session()?;
        let values = condition::values::<E>(filters, B::DIALECT)?;
        let query = Query {
            shape: Some(condition::describe(filters, B::DIALECT)),
            values,
            select: |values: &mut Values| filtered::<E, B>(&self.context, filters, values),
        };
        self.page_of(&session, query, sort, page).await
    }

    /// How many rows there are for which all filters hold.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::InvalidQuery`] for a value that does not fit its column.
    pub async fn count(&self, filters: &[Filter<E::Column>]) -> Result<u64, DatabaseError> {
        let session = self.session()?;
        let mut values = condition::values::<E>(filters, B::DIALECT)?.into_iter();
        let select = filtered::<E, B>(&self.context, filters, &mut values);
        select.count(&session).await.map_err(database_error)
    }

    /// A page of a query that the caller has made, for conditions that filters do not
    /// have.
    pub(crate) async fn page(
        &self,
        session: &Session<B>,
        select: Select<E>,
        sort: &[Sort<E::Column>],
        page: &PageRequest,
    ) -> Result<Page<E::Model>, DatabaseError> {
        let query = Query {
            shape: None,
            values: Vec::new(),
            select: |_: &mut Values| select.clone(),
        };
        self.page_of(session, query, sort, page).await
    }

    async fn page_of(
        &self,
        session: &Session<B>,
        query: Query<impl Fn(&mut Values) -> Select<E>>,
        sort: &[Sort<E::Column>],
        page: &PageRequest,
    ) -> Result<Page<E::Model>, DatabaseError> {
        let order = Ordering::of::<E>(sort);
        match page.offset() {
            Some(offset) => {
                let select = (query.select)(&mut query.values.into_iter());
                by_number(session, select, &order, offset, page.size()).await
            }
            None => by_key(&self.context, session, query, order, page).await,
        }
    }
}

/// Values on their way into a statement.
type Values = std::vec::IntoIter<Value>;

/// What a page is a part of.
struct Query<S> {
    /// What decides its text, if its text is kept.
    shape: Option<String>,
    values: Vec<Value>,
    /// Makes it of any values in the same order.
    select: S,
}

fn filtered<E: Record, B: Backend>(
    context: &Context,
    filters: &[Filter<E::Column>],
    values: &mut Values,
) -> Select<E> {
    let condition = condition::all_of::<E>(filters, values, B::DIALECT);
    visible::<E>(context, E::find()).filter(condition)
}

async fn by_number<E: Record, B: Backend>(
    session: &Session<B>,
    select: Select<E>,
    order: &Ordering<E::Column>,
    offset: u64,
    size: u64,
) -> Result<Page<E::Model>, DatabaseError> {
    let total = select
        .clone()
        .count(session)
        .await
        .map_err(database_error)?;
    let ordered = order.apply(select, B::DIALECT).offset(offset).limit(size);
    let items = ordered.all(session).await.map_err(database_error)?;
    Ok(Page {
        items,
        total: Some(total),
        next: None,
    })
}

async fn by_key<E: Record, B: Backend>(
    context: &Context,
    session: &Session<B>,
    query: Query<impl Fn(&mut Values) -> Select<E>>,
    order: Ordering<E::Column>,
    page: &PageRequest,
) -> Result<Page<E::Model>, DatabaseError> {
    for sort in &order.0 {
        check_unbinds::<E>(sort.field)?;
    }
    let here = [&session.database_name(), E::default().table_name()].join("\0");
    let sealer = Sealer {
        key: session.cursor_key(),
        list: &here,
        order: order.describe(),
    };
    let place = match page.cursor() {
        Some(cursor) => Some(keyset::bound::<E>(&order.0, &sealer.open(cursor)?)?),
        None => None,
    };
    let statement = statement::<E, B>(context, query, &order, &sealer.order, place, page.size());
    let found = session.query_all_prepared(statement).await;
    let mut items = models::<E>(&found.map_err(database_error)?)?;
    let size = usize::try_from(page.size()).unwrap_or(usize::MAX);
    let next = if items.len() > size {
        items.truncate(size);
        let last = items.last();
        last.map(|last| sealer.seal(place_of::<E>(last, &order)?))
            .transpose()?
    } else {
        None
    };
    Ok(Page {
        items,
        total: None,
        next,
    })
}

/// The rows of a page by key, and one more: that tells whether there is a next page. Its values
/// are those of the query, then those of the place, then how many rows.
fn statement<E: Record, B: Backend>(
    context: &Context,
    query: Query<impl Fn(&mut Values) -> Select<E>>,
    order: &Ordering<E::Column>,
    described: &str,
    place: Option<Vec<Option<Value>>>,
    size: u64,
) -> Prepared {
    // NULL is compared with in another way.
    let has_value: Option<Vec<bool>> = place
        .as_ref()
        .map(|place| place.iter().map(Option::is_some).collect());
    let limit = Limit::of(size, query.shape.is_some() && query.values.is_empty());
    let shape = query.shape.map(|mut shape| {
        shape.push_str(described);
        let keys = has_value.iter().flatten();
        shape.extend(keys.map(|has_value| if *has_value { '.' } else { '0' }));
        shape.extend(["\0", &limit.to_string()]);
        Shape::List(shape)
    });
    let mut values = query.values;
    values.extend(place.into_iter().flatten().flatten());
    values.extend(limit.value());
    context
        .texts
        .statement(B::DIALECT, shape, values, |values| {
            let mut values = values.into_iter();
            let mut select = (query.select)(&mut values);
            if let Some(has_value) = &has_value {
                let place = has_value
                    .iter()
                    .map(|has_value| has_value.then(|| values.next()).flatten());
                select = select.filter(keyset::after::<E>(&order.0, place));
            }
            let ordered = order.apply(select, B::DIALECT).into_query();
            limit.apply(ordered, values.next())
        })
}

fn place_of<E: Record>(
    row: &E::Model,
    order: &Ordering<E::Column>,
) -> Result<Vec<Option<ports::Value>>, DatabaseError> {
    let keys = order.0.iter();
    keys.map(|sort| unbind(&row.get(sort.field))).collect()
}
