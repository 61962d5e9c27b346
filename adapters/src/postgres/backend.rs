//! How PostgreSQL is spoken to: transactions, modes, timeouts.

use std::{fmt::Write as _, time::Duration};

use ports::{DatabaseError, Isolation, UnitOfWorkOptions, Verdict};
use sea_orm::{
    DbBackend, ExecResult, QueryResult,
    sea_query::Values,
    sqlx::{self, ConnectOptions as _, Postgres, SqlStr, postgres::PgConnection},
};

use super::{
    config::PostgresConfig,
    error::{is_gone, is_stale},
};
use crate::seaorm::{Backend, SessionSettings, backend::shared_statements};

impl Backend for Postgres {
    type Config = PostgresConfig;

    const DIALECT: DbBackend = DbBackend::Postgres;
    const MAX_PARAMETERS: usize = 65_535;
    const IS_REMOTE: bool = true;

    fn settings(config: &PostgresConfig) -> &SessionSettings {
        &config.session
    }

    fn name(config: &PostgresConfig) -> String {
        config.name.clone()
    }

    async fn connect(config: &PostgresConfig) -> Result<PgConnection, sqlx::Error> {
        config.connect_options().connect().await
    }

    fn begin(options: &UnitOfWorkOptions) -> Result<String, DatabaseError> {
        let mut sql = String::from("BEGIN");
        if let Some(isolation) = options.isolation {
            sql.push_str(" ISOLATION LEVEL ");
            sql.push_str(isolation.as_sql());
        }
        if options.read_only {
            sql.push_str(" READ ONLY");
        }
        if options.deferrable {
            sql.push_str(" DEFERRABLE");
        }
        sql.push_str(&timeouts(options));
        Ok(sql)
    }

    fn end(_: &PostgresConfig, _: &UnitOfWorkOptions) -> String {
        String::new()
    }

    fn isolation(config: &PostgresConfig, options: &UnitOfWorkOptions) -> Isolation {
        let asked = options.isolation.or(config.isolation_level);
        asked.unwrap_or(Isolation::ReadCommitted)
    }

    fn begin_nested(
        options: &UnitOfWorkOptions,
        _: &UnitOfWorkOptions,
    ) -> Result<String, DatabaseError> {
        let mut sql = String::new();
        if options.read_only {
            // Given back by the server when the savepoint is released or rolled back.
            sql.push_str("; SET LOCAL transaction_read_only = on");
        }
        sql.push_str(&timeouts(options));
        Ok(sql)
    }

    /// ROLLBACK TO takes back what was set since the savepoint; RELEASE keeps it.
    fn end_nested(
        options: &UnitOfWorkOptions,
        around: &UnitOfWorkOptions,
        verdict: Verdict,
    ) -> String {
        let mut sql = String::new();
        if verdict == Verdict::Rollback {
            return sql;
        }
        let timeouts = [
            (
                "statement_timeout",
                options.statement_timeout,
                around.statement_timeout,
            ),
            ("lock_timeout", options.lock_timeout, around.lock_timeout),
        ];
        for (name, inner, outer) in timeouts {
            match (inner, outer) {
                (None, _) => {}
                (Some(_), Some(outer)) => set_local(&mut sql, name, outer),
                (Some(_), None) => {
                    let _ = write!(sql, "; SET LOCAL {name} TO DEFAULT");
                }
            }
        }
        sql
    }

    fn is_lost(error: &sqlx::Error) -> bool {
        is_gone(error)
    }

    fn is_stale(error: &sqlx::Error) -> bool {
        is_stale(error)
    }

    shared_statements!(Postgres);
}

fn timeouts(options: &UnitOfWorkOptions) -> String {
    let mut sql = String::new();
    if let Some(timeout) = options.statement_timeout {
        set_local(&mut sql, "statement_timeout", timeout);
    }
    if let Some(timeout) = options.lock_timeout {
        set_local(&mut sql, "lock_timeout", timeout);
    }
    sql
}

/// 0 would mean "no limit" to the server, so the least is a millisecond.
fn set_local(sql: &mut String, name: &str, timeout: Duration) {
    let millis = timeout.as_millis().clamp(1, i32::MAX as u128);
    let _ = write!(sql, "; SET LOCAL {name} = {millis}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begin_with_all_of_its_modes_is_one_message() {
        let options = UnitOfWorkOptions::new()
            .isolation(Isolation::Serializable)
            .read_only()
            .deferrable()
            .statement_timeout(Duration::from_secs(2))
            .lock_timeout(Duration::from_micros(1));
        assert_eq!(
            Postgres::begin(&options).unwrap(),
            "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; \
             SET LOCAL statement_timeout = 2000; SET LOCAL lock_timeout = 1"
        );
        assert_eq!(Postgres::begin(&UnitOfWorkOptions::new()).unwrap(), "BEGIN");
    }

    #[test]
    fn timeouts_of_a_nested_scope_end_with_it() {
        let inner = UnitOfWorkOptions::new().statement_timeout(Duration::from_secs(1));
        let outer = UnitOfWorkOptions::new();
        assert_eq!(
            Postgres::end_nested(&inner, &outer, Verdict::Commit),
            "; SET LOCAL statement_timeout TO DEFAULT"
        );
        assert_eq!(Postgres::end_nested(&inner, &outer, Verdict::Rollback), "");
    }
}
