//! What differs between databases, and the little that the session layer asks of each.

use std::{future::Future, sync::Arc};

use futures_util::stream::BoxStream;
use ports::{DatabaseError, Isolation, UnitOfWorkOptions, Verdict};
use sea_orm::{
    DbBackend, ExecResult, QueryResult,
    sea_query::Values,
    sqlx::{self, Database, Executor, IntoArguments, SqlStr},
};
use sea_query_sqlx::SqlxValues;

use super::settings::SessionSettings;

/// A database that sessions can be opened on: [`sqlx::Postgres`] or [`sqlx::Sqlite`].
///
/// Sealed by its nature: everything else in this crate is written once against it.
pub trait Backend: Database + Sized {
    /// How to reach the database.
    type Config: Clone + Send + Sync + 'static;

    /// The dialect that SeaORM builds its statements in.
    const DIALECT: DbBackend;

    /// The most parameters that one statement can bind.
    const MAX_PARAMETERS: usize;

    /// Whether it is somewhere else, and may be there or not.
    const IS_REMOTE: bool;

    /// The part of the configuration that the session layer itself lives by.
    fn settings(config: &Self::Config) -> &SessionSettings;

    /// What the database is called.
    fn name(config: &Self::Config) -> String;

    /// Opens a connection.
    fn connect(
        config: &Self::Config,
    ) -> impl Future<Output = Result<Self::Connection, sqlx::Error>> + Send;

    /// The script that begins a transaction with all of its modes, as one message.
    fn begin(options: &UnitOfWorkOptions) -> Result<String, DatabaseError>;

    /// What must follow COMMIT or ROLLBACK, to undo what [`begin`](Self::begin) set
    /// for the connection and not for the transaction.
    fn end(config: &Self::Config, options: &UnitOfWorkOptions) -> String;

    /// The isolation level of a transaction that was begun with these options.
    fn isolation(config: &Self::Config, options: &UnitOfWorkOptions) -> Isolation;

    /// The script that follows SAVEPOINT, to give a nested scope its own modes. `around`
    /// is what is in force in the scope around it.
    fn begin_nested(
        options: &UnitOfWorkOptions,
        around: &UnitOfWorkOptions,
    ) -> Result<String, DatabaseError>;

    /// The script that follows RELEASE, or ROLLBACK TO and RELEASE, to give the scope
    /// around a nested one its modes back.
    fn end_nested(
        options: &UnitOfWorkOptions,
        around: &UnitOfWorkOptions,
        verdict: Verdict,
    ) -> String;

    /// Whether the error means that this connection is of no further use.
    fn is_lost(error: &sqlx::Error) -> bool;

    /// Whether the error means that this connection keeps something outdated, and had
    /// better be replaced before it is used by somebody else.
    fn is_stale(error: &sqlx::Error) -> bool;

    /// Runs a prepared statement for its effect.
    fn execute(
        connection: &mut Self::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> impl Future<Output = Result<ExecResult, sqlx::Error>> + Send;

    /// Runs a prepared statement for its first row.
    fn query_one(
        connection: &mut Self::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> impl Future<Output = Result<Option<QueryResult>, sqlx::Error>> + Send;

    /// Runs a prepared statement for all of its rows.
    fn query_all(
        connection: &mut Self::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> impl Future<Output = Result<Vec<QueryResult>, sqlx::Error>> + Send;

    /// Runs a prepared statement for its rows, one after the other.
    fn stream(
        connection: &mut Self::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> BoxStream<'_, Result<QueryResult, sqlx::Error>>;

    /// Runs a script of statements without preparing them.
    fn script(
        connection: &mut Self::Connection,
        sql: SqlStr,
    ) -> impl Future<Output = Result<ExecResult, sqlx::Error>> + Send;
}

/// The parts of [`Backend`] that are the same for every sqlx database.
pub(crate) mod shared {
    use futures_util::{StreamExt as _, TryStreamExt as _};

    use super::{
        BoxStream, Database, ExecResult, Executor, IntoArguments, QueryResult, SqlStr, SqlxValues,
        Values, sqlx,
    };

    pub(crate) async fn execute<DB>(
        connection: &mut DB::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> Result<ExecResult, sqlx::Error>
    where
        DB: Database,
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
        SqlxValues: IntoArguments<DB>,
        ExecResult: From<DB::QueryResult>,
    {
        let query = sqlx::query_with::<DB, _>(sql, bound(values));
        connection.execute(query).await.map(Into::into)
    }

    pub(crate) async fn query_one<DB>(
        connection: &mut DB::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> Result<Option<QueryResult>, sqlx::Error>
    where
        DB: Database,
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
        SqlxValues: IntoArguments<DB>,
        QueryResult: From<DB::Row>,
    {
        let query = sqlx::query_with::<DB, _>(sql, bound(values));
        let row = connection.fetch_optional(query).await?;
        Ok(row.map(Into::into))
    }

    pub(crate) async fn query_all<DB>(
        connection: &mut DB::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> Result<Vec<QueryResult>, sqlx::Error>
    where
        DB: Database,
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
        SqlxValues: IntoArguments<DB>,
        QueryResult: From<DB::Row>,
    {
        let query = sqlx::query_with::<DB, _>(sql, bound(values));
        let rows = connection.fetch_all(query).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    pub(crate) fn stream<'c, DB>(
        connection: &'c mut DB::Connection,
        sql: SqlStr,
        values: Option<Values>,
    ) -> BoxStream<'c, Result<QueryResult, sqlx::Error>>
    where
        DB: Database,
        for<'e> &'e mut DB::Connection: Executor<'e, Database = DB>,
        SqlxValues: IntoArguments<DB>,
        QueryResult: From<DB::Row>,
    {
        let query = sqlx::query_with::<DB, _>(sql, bound(values));
        connection.fetch(query).map_ok(Into::into).boxed()
    }

    pub(crate) async fn script<DB>(
        connection: &mut DB::Connection,
        sql: SqlStr,
    ) -> Result<ExecResult, sqlx::Error>
    where
        DB: Database,
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
        ExecResult: From<DB::QueryResult>,
    {
        connection.execute(sqlx::raw_sql(sql)).await.map(Into::into)
    }

    fn bound(values: Option<Values>) -> SqlxValues {
        SqlxValues(values.unwrap_or_else(|| Values(Vec::new())))
    }
}

/// Writes the statement functions of [`Backend`], which are the same for every
/// sqlx database, but can not be default methods: their bounds would then stand in
/// every signature that names a backend.
macro_rules! shared_statements {
    ($db:ty) => {
        async fn execute(
            connection: &mut Self::Connection,
            sql: SqlStr,
            values: Option<Values>,
        ) -> Result<ExecResult, sqlx::Error> {
            crate::seaorm::backend::shared::execute::<$db>(connection, sql, values).await
        }

        async fn query_one(
            connection: &mut Self::Connection,
            sql: SqlStr,
            values: Option<Values>,
        ) -> Result<Option<QueryResult>, sqlx::Error> {
            crate::seaorm::backend::shared::query_one::<$db>(connection, sql, values).await
        }

        async fn query_all(
            connection: &mut Self::Connection,
            sql: SqlStr,
            values: Option<Values>,
        ) -> Result<Vec<QueryResult>, sqlx::Error> {
            crate::seaorm::backend::shared::query_all::<$db>(connection, sql, values).await
        }

        fn stream(
            connection: &mut Self::Connection,
            sql: SqlStr,
            values: Option<Values>,
        ) -> futures_util::stream::BoxStream<'_, Result<QueryResult, sqlx::Error>> {
            crate::seaorm::backend::shared::stream::<$db>(connection, sql, values)
        }

        async fn script(
            connection: &mut Self::Connection,
            sql: SqlStr,
        ) -> Result<ExecResult, sqlx::Error> {
            crate::seaorm::backend::shared::script::<$db>(connection, sql).await
        }
    };
}
pub(crate) use shared_statements;

/// Refuses a nested scope that asks for more than its transaction gives.
pub(crate) fn refuse_stricter(
    options: &UnitOfWorkOptions,
    given: Isolation,
) -> Result<(), DatabaseError> {
    match options.isolation {
        Some(asked) if asked > given => Err(DatabaseError::invalid_query(format!(
            "a nested scope asks for {asked}, but its transaction was begun with {given}: \
             only the outermost scope chooses the isolation"
        ))),
        _ => Ok(()),
    }
}

/// A driver's failure, shared between the statement that met it and the unit of
/// work that it aborts.
pub(crate) type DriverError = Arc<sqlx::Error>;
