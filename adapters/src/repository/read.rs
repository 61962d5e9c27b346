//! Reads by primary key, and reads of the caller's own making.

use ports::DatabaseError;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, FromQueryResult as _, Iterable as _,
    PrimaryKeyToColumn as _, QueryFilter, QueryOrder as _, QueryResult, QueryTrait as _, Select,
    StatementBuilder, TryGetable, Value,
    sea_query::{Expr, ExprTrait as _, IntoValueTuple as _, LockType, ValueTuple},
};

use super::{AsyncAdapter, Context, IdOf, Record, condition, key, text::Shape, value::is_null};
use crate::seaorm::{Backend, Session, database_error};

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// The row with this primary key.
    ///
    /// # Errors
    ///
    /// Those of a statement.
    #[doc(alias = "get")]
    pub async fn find_by_id(
        &self,
        id: impl Into<IdOf<E>>,
    ) -> Result<Option<E::Model>, DatabaseError> {
        let session = self.session()?;
        one::<E, B>(&self.context, &session, id.into(), None).await
    }

    /// The row with this primary key, locked against changes by others until the end of
    /// the unit of work. On SQLite the unit of work itself is that lock.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::OutsideUnitOfWork`] when there is none: the lock would be gone
    /// before the caller had the row.
    #[doc(alias = "with_for_update")]
    pub async fn lock(&self, id: impl Into<IdOf<E>>) -> Result<Option<E::Model>, DatabaseError> {
        let session = self.session()?;
        check_locks(&session)?;
        one::<E, B>(&self.context, &session, id.into(), Some(LOCK)).await
    }

    /// Those of the rows with these primary keys that are there, in the order of the keys and
    /// locked in that order, as [`lock`](Self::lock) does, in one statement: callers that lock
    /// the same rows wait for each other, and never in a circle.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock); [`DatabaseError::InvalidQuery`] for more keys than the
    /// statement can have parameters. On PostgreSQL keys of one column are one parameter.
    pub async fn lock_many<I: Into<IdOf<E>>>(
        &self,
        ids: impl IntoIterator<Item = I>,
    ) -> Result<Vec<E::Model>, DatabaseError> {
        let session = self.session()?;
        check_locks(&session)?;
        let keys = ids.into_iter().map(|id| id.into().into_value_tuple());
        let keys: Vec<_> = keys.collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        many::<E, B>(&self.context, &session, &keys).await
    }

    /// Runs a statement for its effect, and answers how many rows it touched. The
    /// entity's conventions are not applied.
    ///
    /// # Errors
    ///
    /// Those of a statement.
    pub async fn execute(&self, statement: &impl StatementBuilder) -> Result<u64, DatabaseError> {
        let session = self.session()?;
        let done = session.execute(statement).await.map_err(database_error)?;
        Ok(done.rows_affected())
    }

    /// Runs a query and answers the first column of each row.
    ///
    /// # Errors
    ///
    /// Those of a statement; [`DatabaseError::Query`] when a value is not a `T`.
    pub async fn scalars<T: TryGetable>(
        &self,
        query: &impl StatementBuilder,
    ) -> Result<Vec<T>, DatabaseError> {
        let session = self.session()?;
        let rows = session.query_all(query).await.map_err(database_error)?;
        let first = rows.iter().map(|row| row.try_get_by_index(0));
        first.collect::<Result<_, _>>().map_err(database_error)
    }
}

/// Rows that only refer to the locked one by its key may still be written.
const LOCK: LockType = LockType::NoKeyUpdate;

fn check_locks<B: Backend>(session: &Session<B>) -> Result<(), DatabaseError> {
    if session.in_unit_of_work() {
        return Ok(());
    }
    Err(DatabaseError::OutsideUnitOfWork(
        "a row can be locked only inside of a unit of work: call this within atomic".into(),
    ))
}

async fn one<E: Record, B: Backend>(
    context: &Context,
    session: &Session<B>,
    id: IdOf<E>,
    lock: Option<LockType>,
) -> Result<Option<E::Model>, DatabaseError> {
    let key: Vec<Value> = id.into_value_tuple().into_iter().collect();
    let shape = lock.map_or(Shape::Find, |_| Shape::Lock);
    // NULL is compared with in another way.
    let shape = Some(shape).filter(|_| !key.iter().any(is_null));
    let statement = context.texts.statement(B::DIALECT, shape, key, |key| {
        let mut select = visible::<E>(context, E::find());
        for (column, value) in E::PrimaryKey::iter().zip(key) {
            select = QueryFilter::filter(select, column.into_column().eq(value));
        }
        let mut select = select.into_query();
        if let Some(lock) = lock {
            select.lock(lock);
        }
        select
    });
    let found = session.query_one_prepared(statement).await;
    let row = found.map_err(database_error)?;
    row.map(|row| E::Model::from_query_result(&row, ""))
        .transpose()
        .map_err(database_error)
}

async fn many<E: Record, B: Backend>(
    context: &Context,
    session: &Session<B>,
    keys: &[ValueTuple],
) -> Result<Vec<E::Model>, DatabaseError> {
    // One text for any number of keys, where they travel as one value.
    let (column, array) = key::array_of::<E>(keys, B::DIALECT).unzip();
    let shape = column.map(|_| Shape::LockMany);
    let values = array.into_iter().collect();
    let statement = context
        .texts
        .statement(B::DIALECT, shape, values, |values| {
            let these = match column.zip(values.into_iter().next()) {
                Some((column, array)) => condition::in_array::<E>(column, array),
                None => key::one_of::<E>(keys, B::DIALECT),
            };
            let mut select = QueryFilter::filter(visible::<E>(context, E::find()), these);
            for key in E::PrimaryKey::iter() {
                select = select.order_by_asc(key.into_column());
            }
            let mut select = select.into_query();
            select.lock(LOCK);
            select
        });
    let found = session.query_all_prepared(statement).await;
    models::<E>(&found.map_err(database_error)?)
}

/// Rows as the entity has them.
pub(super) fn models<E: Record>(rows: &[QueryResult]) -> Result<Vec<E::Model>, DatabaseError> {
    let models = rows.iter().map(|row| E::Model::from_query_result(row, ""));
    models.collect::<Result<_, _>>().map_err(database_error)
}

/// Leaves out what is deleted or archived, unless it was asked for.
pub(super) fn visible<E: Record>(context: &Context, mut select: Select<E>) -> Select<E> {
    for column in hidden::<E>(context) {
        select = QueryFilter::filter(select, Expr::col(column.as_column_ref()).is_null());
    }
    select
}

/// The columns that must be empty in what the caller sees.
pub(super) fn hidden<E: Record>(context: &Context) -> impl Iterator<Item = E::Column> {
    let deleted = E::deleted_at().filter(|_| !context.with_deleted);
    let archived = E::archive().filter(|_| !context.with_archived);
    deleted
        .into_iter()
        .chain(archived.map(|archive| archive.origin_id))
}
