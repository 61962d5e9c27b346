//! Changing single rows.

use ports::DatabaseError;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait as _, ActiveValue, ColumnTrait as _, ConnectionTrait,
    DbBackend, FromQueryResult as _, IdenStatic as _, Iterable as _, ModelTrait as _,
    PrimaryKeyTrait as _, QueryFilter, TransactionSession as _, TransactionTrait as _, Value,
    sea_query::{ArrayType, Expr, ExprTrait as _, LockType, Query},
};

use super::{
    AsyncAdapter, Context, Record,
    create::all_columns,
    read::hidden,
    settle, stamp,
    text::{Columns, Shape},
    value::is_null,
};
use crate::seaorm::{Archive, Backend, Prepared, Session, database_error};

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// Changes the columns that are set in `row`, and answers the row as the database
    /// has it then; `None` when there is no row with this primary key.
    ///
    /// A [`Versioned`](crate::seaorm::Versioned) row must carry the version that the
    /// change is based on. An [`Archived`](crate::seaorm::Archived) one is copied first.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Conflict`] when the row has another version by now;
    /// [`DatabaseError::InvalidQuery`] without a primary key or version.
    pub async fn update(&self, row: E::ActiveModel) -> Result<Option<E::Model>, DatabaseError> {
        let session = self.session()?;
        let Some(archive) = E::archive() else {
            return change::<E, B>(&self.context, &session, row).await;
        };
        let key = key_of::<E>(&row)?;
        let scope = session.begin().await.map_err(database_error)?;
        let copied = copy::<E, _>(&self.context, &scope, &key, archive).await;
        let changed = match copied {
            Ok(()) => Box::pin(change::<E, B>(&self.context, scope.session(), row)).await,
            Err(error) => Err(error),
        };
        if matches!(changed, Ok(None)) {
            scope.rollback().await.map_err(database_error)?;
            return Ok(None);
        }
        settle(scope, changed).await
    }
}

/// The values of a primary key, by their columns.
type Key<E> = Vec<(<E as sea_orm::EntityTrait>::Column, Value)>;

async fn change<E: Record, B: Backend>(
    context: &Context,
    session: &Session<B>,
    row: E::ActiveModel,
) -> Result<Option<E::Model>, DatabaseError> {
    let mut row = E::ActiveModel::before_save(row, session, false)
        .await
        .map_err(database_error)?;
    let key = key_of::<E>(&row)?;
    stamp::updated::<E>(context, &mut row)?;
    let based_on = take_version::<E>(&mut row)?;
    for (column, _) in &key {
        row.not_set(*column);
    }
    let change = Change::<E>::take(row, &key, based_on);
    if change.is_none() {
        return Box::pin(missing::<E, B>(context, session, &key, false)).await;
    }
    let versioned = change.version.is_some();
    let statement = change.statement(context, B::DIALECT);
    let changed = session.query_one_prepared(statement).await;
    let Some(changed) = changed.map_err(database_error)? else {
        // Boxed, because it is rare.
        return Box::pin(missing::<E, B>(context, session, &key, versioned)).await;
    };
    let model = E::Model::from_query_result(&changed, "").map_err(database_error)?;
    let model = E::ActiveModel::after_save(model, session, false).await;
    model.map(Some).map_err(database_error)
}

/// A change of one row. The values are those of the columns that are set, then those of the
/// key, then the version that the change is based on.
struct Change<E: Record> {
    set: Vec<E::Column>,
    columns: Option<Columns>,
    key: Vec<E::Column>,
    version: Option<E::Column>,
    values: Vec<Value>,
}

impl<E: Record> Change<E> {
    fn take(mut row: E::ActiveModel, key: &Key<E>, based_on: Option<(E::Column, Value)>) -> Self {
        let mut set = Vec::new();
        let mut values = Vec::new();
        let mut columns = Columns::of::<E>(|column| match row.take(column) {
            ActiveValue::Set(value) => {
                set.push(column);
                values.push(value);
                true
            }
            ActiveValue::Unchanged(_) | ActiveValue::NotSet => false,
        });
        let (version, based_on) = based_on.unzip();
        let place = key.iter().map(|(_, value)| value).chain(&based_on);
        // NULL is compared with in another way.
        columns = columns.filter(|_| !place.clone().any(is_null));
        values.extend(place.cloned());
        Self {
            set,
            columns,
            key: key.iter().map(|(column, _)| *column).collect(),
            version,
            values,
        }
    }

    fn is_none(&self) -> bool {
        self.set.is_empty() && self.version.is_none()
    }

    fn statement(self, context: &Context, dialect: DbBackend) -> Prepared {
        let shape = self.columns.map(Shape::Update);
        let (set, key, version) = (&self.set, &self.key, self.version);
        context
            .texts
            .statement(dialect, shape, self.values, |values| {
                let mut values = values.into_iter();
                let mut update = Query::update();
                update.table(E::default().table_ref());
                for (column, value) in set.iter().zip(&mut values) {
                    update.value(*column, column.save_as(Expr::val(value)));
                }
                if let Some(column) = version {
                    update.value(column, Expr::col(column).add(Expr::cust("1")));
                }
                for (column, value) in key.iter().chain(&version).zip(&mut values) {
                    update.and_where(column.eq(value));
                }
                for column in hidden::<E>(context) {
                    update.and_where(column.is_null());
                }
                update.returning(all_columns::<E>(dialect)).to_owned()
            })
    }
}

/// Nothing was changed: because there is no such row, or because its version is another.
async fn missing<E: Record, B: Backend>(
    context: &Context,
    session: &Session<B>,
    key: &Key<E>,
    versioned: bool,
) -> Result<Option<E::Model>, DatabaseError> {
    let mut find = E::find();
    for (column, value) in key {
        find = QueryFilter::filter(find, column.eq(value.clone()));
    }
    let find = super::read::visible::<E>(context, find);
    let found = find.one(session).await.map_err(database_error)?;
    if found.is_none() || !versioned {
        return Ok(found);
    }
    let id: Vec<_> = key.iter().map(|(_, value)| plain(value)).collect();
    Err(DatabaseError::Conflict {
        entity: E::default().table_name().into(),
        id: id.join(", "),
    })
}

fn plain(value: &Value) -> String {
    match value {
        Value::Uuid(Some(uuid)) => uuid.to_string(),
        Value::String(Some(text)) => text.clone(),
        other => other.to_string(),
    }
}

fn key_of<E: Record>(row: &E::ActiveModel) -> Result<Key<E>, DatabaseError> {
    let columns = E::PrimaryKey::iter().map(sea_orm::PrimaryKeyToColumn::into_column);
    columns
        .map(|column| match row.get(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Ok((column, value)),
            ActiveValue::NotSet => Err(DatabaseError::invalid_query(format!(
                "the row to change has no {}, its primary key",
                column.as_str()
            ))),
        })
        .collect()
}

/// Takes the version that the change is based on out of the row.
fn take_version<E: Record>(
    row: &mut E::ActiveModel,
) -> Result<Option<(E::Column, Value)>, DatabaseError> {
    let Some(column) = E::version() else {
        return Ok(None);
    };
    match row.take(column) {
        ActiveValue::Set(version) | ActiveValue::Unchanged(version) => Ok(Some((column, version))),
        ActiveValue::NotSet => Err(DatabaseError::invalid_query(format!(
            "the row to change has no {}: say which version the change is based on",
            column.as_str()
        ))),
    }
}

/// Copies the row as it is, with the id of its origin. The row is locked from here on: what
/// is copied is what the update is going to replace.
async fn copy<E: Record, C: ConnectionTrait>(
    context: &Context,
    session: &C,
    key: &Key<E>,
    archive: Archive<E::Column>,
) -> Result<(), DatabaseError> {
    let [(key_column, id)] = key.as_slice() else {
        return Err(unfit::<E>());
    };
    let mut columns = Vec::new();
    let mut values = Query::select();
    for column in E::Column::iter() {
        let name = column.as_str();
        let value = if name == key_column.as_str() {
            match new_id::<E>(context, column)? {
                Some(id) => Expr::val(id),
                None => continue,
            }
        } else if name == archive.origin_id.as_str() {
            Expr::col(*key_column)
        } else if name == archive.archived_at.as_str() {
            Expr::val(stamp::now::<E>(context, column)?)
        } else {
            Expr::col(column)
        };
        columns.push(column);
        values.expr(value);
    }
    values
        .from(E::default().table_ref())
        .and_where(Expr::col(*key_column).eq(Expr::val(id.clone())))
        .and_where(Expr::col(archive.origin_id).is_null())
        .lock(LockType::NoKeyUpdate);
    let mut insert = Query::insert();
    insert.into_table(E::default().table_ref()).columns(columns);
    let insert = insert.select_from(values).map_err(DatabaseError::query)?;
    session.execute(insert).await.map_err(database_error)?;
    Ok(())
}

/// The id of a copy: `None` when the database counts.
fn new_id<E: Record>(context: &Context, column: E::Column) -> Result<Option<Value>, DatabaseError> {
    if E::PrimaryKey::auto_increment() {
        return Ok(None);
    }
    match E::Model::get_value_type(column) {
        ArrayType::Uuid => Ok(Some(context.ids.next().into())),
        _ => Err(unfit::<E>()),
    }
}

fn unfit<E: Record>() -> DatabaseError {
    DatabaseError::invalid_query(format!(
        "{} can not be archived: its primary key is not one UUID, and does not count up by \
         itself",
        E::default().table_name()
    ))
}
