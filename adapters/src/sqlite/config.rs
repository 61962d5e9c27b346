//! Where a SQLite database is, and how it is opened.

use std::{path::PathBuf, str::FromStr as _, time::Duration};

use ports::DatabaseError;
use sea_orm::sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    config::Variables,
    seaorm::{PrePing, SETTING_KEYS, SessionSettings},
};

/// Where a SQLite database is, and how sessions on it behave.
#[derive(Debug, Clone)]
pub struct SqliteConfig {
    options: SqliteConnectOptions,
    in_memory: bool,
    /// The longest time to wait while somebody else writes.
    pub lock_timeout: Duration,
    /// Prepared statements kept for each connection.
    pub statement_cache_size: usize,
    /// Pool, log and retries.
    pub session: SessionSettings,
}

impl SqliteConfig {
    /// The database of a process that names none: a file that needs no server.
    pub const EMBEDDED_URL: &str = "sqlite://data/hexacoral.db?mode=rwc";

    /// The configuration of the process: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] with the variable that is wrong.
    pub fn from_env() -> Result<Self, DatabaseError> {
        Self::from_variables(&Variables::of_process("DATABASE")?)
    }

    /// A URL with everything else at its default: `sqlite://data/app.db?mode=rwc`, or
    /// `sqlite::memory:`.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn from_url(url: &str) -> Result<Self, DatabaseError> {
        Self::from_variables(&Variables::of("DATABASE", [("DATABASE_URL", url)])?)
    }

    /// The embedded database, with everything at its default.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn embedded() -> Result<Self, DatabaseError> {
        Self::from_url(Self::EMBEDDED_URL)
    }

    /// The configuration in these variables; without a URL, that of the embedded
    /// database.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] with the variable that is wrong. Variables that
    /// only PostgreSQL has are among them.
    pub fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        variables.refuse_unknown(
            &SETTING_KEYS
                .iter()
                .copied()
                .filter(|key| *key != "statement_timeout")
                .collect::<Vec<_>>(),
        )?;
        variables.otherwise("url", Self::EMBEDDED_URL);
        let url = variables.text("url").unwrap_or(Self::EMBEDDED_URL);
        if !url.starts_with("sqlite:") {
            // Not repeated: the URL of another database may hold a password.
            return Err(DatabaseError::configuration(
                "DATABASE_URL does not begin with sqlite:; allowed is sqlite://FILE?mode=rwc",
            ));
        }
        let parse = |url: &str| {
            SqliteConnectOptions::from_str(url).map_err(|error| {
                DatabaseError::configuration(format!(
                    "DATABASE_URL is {url:?} ({error}); allowed is sqlite://FILE?mode=rwc"
                ))
            })
        };
        let options = match variables.try_read("url", parse)? {
            Some(options) => options,
            None => parse(Self::EMBEDDED_URL)?,
        };
        let in_memory = is_in_memory(url);
        let mut session = SessionSettings::from_variables(variables)?;
        if in_memory {
            // The database is gone when its last connection is closed.
            session.pool_size = 1;
            session.pool_max_overflow = 0;
            session.pool_recycle = Duration::MAX;
            session.pool_pre_ping = PrePing::Never;
        }
        Ok(Self {
            options,
            in_memory,
            lock_timeout: variables.duration_or("lock_timeout", Duration::from_secs(5))?,
            statement_cache_size: variables.number_or("statement_cache_size", 1..=100_000, 500)?,
            session,
        })
    }

    /// The file, if the database is in one.
    pub fn file(&self) -> Option<PathBuf> {
        // The driver gives a database in memory the name of a file that there is not.
        (!self.in_memory).then(|| self.options.get_filename().to_owned())
    }

    /// What sqlx needs to open a connection: foreign keys on, readers beside a writer
    /// (WAL), every commit on disk, LIKE with regard to case as on PostgreSQL.
    pub(super) fn connect_options(&self) -> SqliteConnectOptions {
        self.options
            .clone()
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(self.lock_timeout)
            .pragma("case_sensitive_like", "ON")
            .statement_cache_capacity(self.statement_cache_size)
            .disable_statement_logging()
    }
}

/// Whether the driver takes this URL as one of a database that is in no file.
fn is_in_memory(url: &str) -> bool {
    let location = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let (name, parameters) = location.split_once('?').unwrap_or((location, ""));
    name == ":memory:"
        || parameters
            .split('&')
            .any(|parameter| parameter == "mode=memory")
}
