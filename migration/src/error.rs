//! What changing or reading a schema can fail with.

use std::{io, path::PathBuf, time::Duration};

use ports::DatabaseError;
use sea_orm_migration::DbErr;

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
