//! How SQLite is spoken to: transactions, modes, timeouts.

use std::fmt::Write as _;

use ports::{DatabaseError, Isolation, UnitOfWorkOptions, Verdict};
use sea_orm::{
    DbBackend, ExecResult, QueryResult,
    sea_query::Values,
    sqlx::{self, ConnectOptions as _, SqlStr, Sqlite, sqlite::SqliteConnection},
};

use super::config::SqliteConfig;
use crate::seaorm::{Backend, SessionSettings, backend::shared_statements};

impl Backend for Sqlite {
    type Config = SqliteConfig;

    const DIALECT: DbBackend = DbBackend::Sqlite;
    const MAX_PARAMETERS: usize = 32_766;
    const IS_REMOTE: bool = false;

    fn settings(config: &SqliteConfig) -> &SessionSettings {
        &config.session
    }

    fn name(config: &SqliteConfig) -> String {
        config.file().unwrap_or_default().display().to_string()
    }

    async fn connect(config: &SqliteConfig) -> Result<SqliteConnection, sqlx::Error> {
        config.connect_options().connect().await
    }

    /// A writer takes the write lock at once: a reader that became one later could not
    /// wait for it, it would have to fail.
    fn begin(options: &UnitOfWorkOptions) -> Result<String, DatabaseError> {
        refuse_timeout(options)?;
        let mut sql = String::new();
        if let Some(timeout) = options.lock_timeout {
            let _ = write!(sql, "PRAGMA busy_timeout = {}; ", millis(timeout));
        }
        sql.push_str(if options.read_only {
            "PRAGMA query_only = 1; BEGIN"
        } else {
            "BEGIN IMMEDIATE"
        });
        Ok(sql)
    }

    fn end(config: &SqliteConfig, options: &UnitOfWorkOptions) -> String {
        let mut sql = String::new();
        if options.read_only {
            sql.push_str("; PRAGMA query_only = 0");
        }
        if options.lock_timeout.is_some() {
            let _ = write!(
                sql,
                "; PRAGMA busy_timeout = {}",
                millis(config.lock_timeout)
            );
        }
        sql
    }

    fn isolation(_: &SqliteConfig, _: &UnitOfWorkOptions) -> Isolation {
        Isolation::Serializable
    }

    fn begin_nested(
        options: &UnitOfWorkOptions,
        around: &UnitOfWorkOptions,
    ) -> Result<String, DatabaseError> {
        refuse_timeout(options)?;
        // The write lock is had already: there is nothing left to wait for.
        Ok(if options.read_only && !around.read_only {
            "; PRAGMA query_only = 1".to_owned()
        } else {
            String::new()
        })
    }

    fn end_nested(options: &UnitOfWorkOptions, around: &UnitOfWorkOptions, _: Verdict) -> String {
        if options.read_only && !around.read_only {
            "; PRAGMA query_only = 0".to_owned()
        } else {
            String::new()
        }
    }

    fn is_lost(error: &sqlx::Error) -> bool {
        matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_)
        )
    }

    fn is_stale(_: &sqlx::Error) -> bool {
        false
    }

    shared_statements!(Sqlite);
}

/// SQLite has no timeout for statements, and one that is not kept must not be promised.
fn refuse_timeout(options: &UnitOfWorkOptions) -> Result<(), DatabaseError> {
    match options.statement_timeout {
        None => Ok(()),
        Some(_) => Err(DatabaseError::invalid_query(
            "SQLite has no statement timeout; leave it unset",
        )),
    }
}

/// A time as SQLite takes it: more than it can count is as long as it can count.
fn millis(time: std::time::Duration) -> u128 {
    time.as_nanos().div_ceil(1_000_000).min(i32::MAX as u128)
}
