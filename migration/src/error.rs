//! What changing or reading a schema can fail with.

use std::{io, path::PathBuf, time::Duration};

use adapters::seaorm::database_error;
use ports::DatabaseError;
use sea_orm_migration::{
    DbErr,
    sea_orm::sqlx::{Error as DriverError, postgres::PgDatabaseError},
};

/// Why the schema was not changed, or not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// The configuration is wrong, or the server can not be reached.
    #[error(transparent)]
    Database(#[from] DatabaseError),

    /// Somebody else is changing the schema, and went on for longer than the bound.
    #[error("somebody else holds the migration lock, and did so for all of {waited:?}: {holder}")]
    Locked {
        /// The bound.
        waited: Duration,
        /// Who that is, as far as it can be told.
        holder: String,
    },

    /// The file that is the lock of a SQLite database can not be used.
    #[error("the lock file {} can not be used", path.display())]
    LockFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// A migration failed, and what it had done is undone; or the list of those that were
    /// applied can not be read.
    #[error("changing or reading the schema failed")]
    Statement(#[from] DbErr),

    /// Taking back migrations that only another version of the program knows how to.
    #[error(
        "the database has migrations that this program does not know: {}; take them back with \
         the version that has them",
        .0.join(", ")
    )]
    Unknown(Vec<String>),

    /// A command that destroys data was not confirmed.
    #[error("{0}")]
    Refused(String),

    /// A migration can not be added.
    #[error("{0}")]
    Generate(String),
}

impl MigrationError {
    /// Whether there is no server that could have done it, and there may be one before long:
    /// nothing answers, or it is starting, stopping, or full. One that refuses this user or does
    /// not have this database is not waited for.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Database(error) => is_unreachable(error),
            Self::Statement(error) => is_unreachable(&database_error(error.clone())),
            _ => false,
        }
    }
}

fn is_unreachable(error: &DatabaseError) -> bool {
    let cause = match error {
        DatabaseError::PoolTimeout { .. } => return true,
        DatabaseError::Connection(cause) => cause,
        _ => return false,
    };
    // Class 57 is an operator at work, 53 a lack of resources.
    let passes = |code: &str| code.starts_with("57") || code.starts_with("53");
    match cause.downcast_ref::<DriverError>() {
        Some(DriverError::Database(answer)) => answer
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|answer| passes(answer.code())),
        Some(DriverError::Tls(_)) => false,
        _ => true,
    }
}
