//! PostgreSQL: how to reach it, how it speaks of transactions and of errors.

mod backend;
mod config;
pub(crate) mod error;

pub use config::{PostgresConfig, SslMode};
use sea_orm::{DatabaseConnection, SqlxPostgresConnector, sqlx};

use crate::{
    registry::Registry,
    repository::{Adapter, AsyncAdapter},
    seaorm::{AsyncManager, Manager},
};

/// [`crate::seaorm::Session`] on PostgreSQL.
pub type Session = crate::seaorm::Session<sqlx::Postgres>;

/// Sessions and units of work on PostgreSQL for async code.
pub type AsyncPostgresSessionManager = AsyncManager<sqlx::Postgres>;

/// Sessions and units of work on PostgreSQL for blocking code.
pub type PostgresSessionManager = Manager<sqlx::Postgres>;

/// The managers of one PostgreSQL database, made when they are first asked for.
pub type PostgresSessionManagerRegistry = Registry<sqlx::Postgres>;

/// The generic adapter over an entity on PostgreSQL, for async code.
pub type AsyncPostgresAdapter<E> = AsyncAdapter<E, sqlx::Postgres>;

/// The generic adapter over an entity on PostgreSQL, for blocking code.
pub type PostgresAdapter<E> = Adapter<E, sqlx::Postgres>;

impl AsyncPostgresSessionManager {
    /// A manager of the process's own database: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// [`ports::DatabaseError::Configuration`] with the variable that is wrong.
    pub fn from_env() -> Result<Self, ports::DatabaseError> {
        Self::new(PostgresConfig::from_env()?)
    }

    /// A plain connection of SeaORM, for code that insists on one, such as
    /// migrations. It has a small pool of its own, and takes no part in units of work.
    pub fn database_connection(&self) -> DatabaseConnection {
        database_connection(self.config())
    }
}

impl PostgresSessionManager {
    /// A manager of the process's own database: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// [`ports::DatabaseError::Configuration`] with the variable that is wrong.
    pub fn from_env() -> Result<Self, ports::DatabaseError> {
        Self::new(PostgresConfig::from_env()?)
    }

    /// A plain connection of SeaORM, for code that insists on one. It has a small pool
    /// of its own, takes no part in units of work, and must be made and used inside of
    /// a tokio runtime.
    pub fn database_connection(&self) -> DatabaseConnection {
        database_connection(self.config())
    }
}

fn database_connection(config: &PostgresConfig) -> DatabaseConnection {
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(5)
        .acquire_timeout(config.session.pool_timeout)
        .connect_lazy_with(config.connect_options());
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

crate::registry::process_wide!(sqlx::Postgres, PostgresConfig);
