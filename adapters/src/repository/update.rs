//! Creating and changing single rows.

use ports::DatabaseError;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait as _, ActiveValue, ColumnTrait as _, ConnectionTrait,
    IdenStatic as _, Iterable as _, ModelTrait as _, PrimaryKeyTrait as _, QueryFilter,
    TransactionSession as _, TransactionTrait as _, UpdateMany, Value,
    sea_query::{ArrayType, Expr, ExprTrait as _, LockType, Query},
};

use super::{AsyncAdapter, Context, Record, read::hidden, settle, stamp};
use crate::seaorm::{Archive, Backend, database_error};

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// Stores a new row, and answers it as the database has it. Columns left unset get
    /// their conventions' values, else their defaults.
    ///
    /// # Errors
    ///
    /// The violation of a constraint by its name, or what else a statement can fail with.
    #[doc(alias = "add")]
    pub async fn create(&self, mut row: E::ActiveModel) -> Result<E::Model, DatabaseError> {
        let session = self.session()?;
        stamp::created::<E>(&self.context, &mut row)?;
        row.insert(&session).await.map_err(database_error)
    }

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
            return change::<E, _>(&self.context, &session, row).await;
        };
        let key = key_of::<E>(&row)?;
        let scope = session.begin().await.map_err(database_error)?;
        let copied = copy::<E, _>(&self.context, &scope, &key, archive).await;
        let changed = match copied {
            Ok(()) => change::<E, _>(&self.context, &scope, row).await,
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

async fn change<E: Record, C: ConnectionTrait>(
    context: &Context,
    session: &C,
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
    let mut update = with_key::<E>(sea_orm::EntityTrait::update_many(), &key).set(row);
    for column in hidden::<E>(context) {
        update = update.filter(column.is_null());
    }
    if let Some((column, version)) = &based_on {
        update = update
            .filter(Expr::col(column.as_column_ref()).eq(Expr::val(version.clone())))
            .col_expr(*column, Expr::col(*column).add(1));
    }
    let changed = update.exec_with_returning(session).await;
    let Some(model) = changed.map_err(database_error)?.into_iter().next() else {
        return missing::<E, C>(context, session, &key, based_on.is_some()).await;
    };
    let model = E::ActiveModel::after_save(model, session, false).await;
    model.map(Some).map_err(database_error)
}

/// Nothing was changed: because there is no such row, or because its version is another.
async fn missing<E: Record, C: ConnectionTrait>(
    context: &Context,
    session: &C,
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

fn with_key<E: Record>(mut update: UpdateMany<E>, key: &Key<E>) -> UpdateMany<E> {
    for (column, value) in key {
        update = update.filter(column.eq(value.clone()));
    }
    update
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
