//! Lists: filters, an order, and a part of what they give.

use ports::{DatabaseError, Filter, Page, PageRequest, Sort};
use sea_orm::{ModelTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _, Select};

use super::{
    AsyncAdapter, Context, Record, condition,
    cursor::Sealer,
    keyset,
    order::Ordering,
    read::visible,
    value::{check_unbinds, unbind},
};
use crate::seaorm::{Backend, Session, database_error};

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
        let select = filtered::<E, B>(&self.context, filters)?;
        self.page(&session, select, sort, page).await
    }

    /// How many rows there are for which all filters hold.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::InvalidQuery`] for a value that does not fit its column.
    pub async fn count(&self, filters: &[Filter<E::Column>]) -> Result<u64, DatabaseError> {
        let session = self.session()?;
        let select = filtered::<E, B>(&self.context, filters)?;
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
        let order = Ordering::of::<E>(sort);
        match page.offset() {
            Some(offset) => by_number(session, select, &order, offset, page.size()).await,
            None => by_key(session, select, order, page).await,
        }
    }
}

fn filtered<E: Record, B: Backend>(
    context: &Context,
    filters: &[Filter<E::Column>],
) -> Result<Select<E>, DatabaseError> {
    let condition = condition::all_of::<E>(filters, B::DIALECT)?;
    Ok(visible::<E>(context, E::find()).filter(condition))
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
    session: &Session<B>,
    mut select: Select<E>,
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
    if let Some(cursor) = page.cursor() {
        let place = sealer.open(cursor)?;
        select = select.filter(keyset::after::<E>(&order.0, &place)?);
    }
    // One more than asked for tells whether there is a next page.
    let ordered = order.apply(select, B::DIALECT).limit(page.size() + 1);
    let mut items = ordered.all(session).await.map_err(database_error)?;
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

fn place_of<E: Record>(
    row: &E::Model,
    order: &Ordering<E::Column>,
) -> Result<Vec<Option<ports::Value>>, DatabaseError> {
    let keys = order.0.iter();
    keys.map(|sort| unbind(&row.get(sort.field))).collect()
}
