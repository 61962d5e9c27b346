//! SQLite: the embedded default, and the proof that the session layer is tied to no
//! one database.
//!
//! Writers take turns: a unit of work that may write begins immediately, and one that
//! finds the database busy for longer than the lock timeout gets
//! [`ports::DatabaseError::LockTimeout`].

mod backend;
mod config;
pub(crate) mod error;

pub use config::SqliteConfig;
use sea_orm::{DatabaseConnection, SqlxSqliteConnector, sqlx};

use crate::{
    registry::Registry,
    repository::{Adapter, AsyncAdapter},
    seaorm::{AsyncManager, Manager},
};

/// [`crate::seaorm::Session`] on SQLite.
pub type Session = crate::seaorm::Session<sqlx::Sqlite>;

/// Sessions and units of work on SQLite for async code.
pub type AsyncSqliteSessionManager = AsyncManager<sqlx::Sqlite>;

/// Sessions and units of work on SQLite for blocking code.
pub type SqliteSessionManager = Manager<sqlx::Sqlite>;

/// The managers of one SQLite database, made when they are first asked for.
pub type SqliteSessionManagerRegistry = Registry<sqlx::Sqlite>;

/// The generic adapter over an entity on SQLite, for async code.
pub type AsyncSqliteAdapter<E> = AsyncAdapter<E, sqlx::Sqlite>;

/// The generic adapter over an entity on SQLite, for blocking code.
pub type SqliteAdapter<E> = Adapter<E, sqlx::Sqlite>;

impl AsyncSqliteSessionManager {
    /// A manager of the process's own database: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// [`ports::DatabaseError::Configuration`] with the variable that is wrong.
    pub fn from_env() -> Result<Self, ports::DatabaseError> {
        Self::new(SqliteConfig::from_env()?)
    }

    /// A plain connection of SeaORM, for code that insists on one, such as
    /// migrations. It takes no part in units of work.
    pub fn database_connection(&self) -> DatabaseConnection {
        database_connection(self.config())
    }
}

impl SqliteSessionManager {
    /// A manager of the process's own database: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// [`ports::DatabaseError::Configuration`] with the variable that is wrong.
    pub fn from_env() -> Result<Self, ports::DatabaseError> {
        Self::new(SqliteConfig::from_env()?)
    }

    /// A plain connection of SeaORM, for code that insists on one. It takes no part in
    /// units of work, and must be made and used inside of a tokio runtime.
    pub fn database_connection(&self) -> DatabaseConnection {
        database_connection(self.config())
    }
}

fn database_connection(config: &SqliteConfig) -> DatabaseConnection {
    let pool = sqlx::sqlite::SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(config.session.pool_timeout)
        .connect_lazy_with(config.connect_options());
    SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
}

crate::registry::process_wide!(sqlx::Sqlite, SqliteConfig);
