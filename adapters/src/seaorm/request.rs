//! The four ways to send something to a server.

use std::{future::Future, sync::Arc};

use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Value,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, SqlSafeStr as _, SqlStr},
};

use super::backend::{Backend, DriverError};

/// Something to send, and what comes back. Consumed by sending: neither the SQL nor
/// the values are copied on the way.
pub(super) trait Request: Send + Sized {
    type Output: Send;

    /// Whether the caller may do other things before the answer is complete.
    const HOLDS: bool = false;

    fn sql(&self) -> &SqlStr;

    fn values(&self) -> Option<&Values>;

    fn send<B: Backend>(
        self,
        connection: &mut B::Connection,
    ) -> impl Future<Output = Result<Self::Output, sqlx::Error>> + Send;

    /// The error as SeaORM would have worded it.
    fn db_err(error: DriverError) -> DbErr;
}

/// A statement, its SQL cheap to clone for the log.
pub(crate) struct Prepared {
    sql: SqlStr,
    values: Option<Values>,
}

impl Prepared {
    pub(crate) const fn new(sql: SqlStr, values: Vec<Value>) -> Self {
        Self {
            sql,
            values: Some(Values(values)),
        }
    }

    pub(crate) const fn sql(&self) -> &SqlStr {
        &self.sql
    }

    pub(crate) const fn values(&self) -> Option<&Values> {
        self.values.as_ref()
    }

    pub(super) fn into_parts(self) -> (SqlStr, Option<Values>) {
        (self.sql, self.values)
    }
}

impl From<Statement> for Prepared {
    fn from(statement: Statement) -> Self {
        Self {
            sql: shared(statement.sql),
            values: statement.values,
        }
    }
}

/// Run for its effect.
pub(super) struct Execute(pub(super) Prepared);

/// Run for its first row.
pub(super) struct QueryOne(pub(super) Prepared);

/// Run for all of its rows.
pub(super) struct QueryAll(pub(super) Prepared);

/// One or more statements without parameters, not prepared.
pub(super) struct Script(SqlStr);

impl Script {
    pub(super) fn new(sql: impl Into<String>) -> Self {
        Self(shared(sql.into()))
    }
}

fn shared(sql: String) -> SqlStr {
    AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str()
}

macro_rules! prepared_request {
    ($request:ident, $output:ty, $send:ident, $error:ident) => {
        impl Request for $request {
            type Output = $output;

            fn sql(&self) -> &SqlStr {
                &self.0.sql
            }

            fn values(&self) -> Option<&Values> {
                self.0.values.as_ref()
            }

            async fn send<B: Backend>(
                self,
                connection: &mut B::Connection,
            ) -> Result<Self::Output, sqlx::Error> {
                B::$send(connection, self.0.sql, self.0.values).await
            }

            fn db_err(error: DriverError) -> DbErr {
                DbErr::$error(RuntimeErr::SqlxError(error))
            }
        }
    };
}

prepared_request!(Execute, ExecResult, execute, Exec);
prepared_request!(QueryOne, Option<QueryResult>, query_one, Query);
prepared_request!(QueryAll, Vec<QueryResult>, query_all, Query);

impl Request for Script {
    type Output = ExecResult;

    fn sql(&self) -> &SqlStr {
        &self.0
    }

    fn values(&self) -> Option<&Values> {
        None
    }

    async fn send<B: Backend>(
        self,
        connection: &mut B::Connection,
    ) -> Result<ExecResult, sqlx::Error> {
        B::script(connection, self.0).await
    }

    fn db_err(error: DriverError) -> DbErr {
        DbErr::Exec(RuntimeErr::SqlxError(error))
    }
}
