//! What PostgreSQL means by its SQLSTATEs.

use std::io;

use ports::{Cause, DatabaseError, Violation};
use sea_orm::sqlx::{
    self,
    postgres::{PgDatabaseError, PgSeverity},
};

/// What the server said, by its SQLSTATE.
pub(crate) fn classify(error: &PgDatabaseError, cause: Cause) -> DatabaseError {
    let violation = |cause| Violation {
        constraint: error.constraint().map(str::to_owned),
        table: error.table().map(str::to_owned),
        column: error.column().map(str::to_owned),
        source: cause,
    };
    match error.code() {
        // Given up on the way in by `authentication_timeout`.
        "57014" if ends_connection(error) => DatabaseError::Connection(cause),
        "23505" => DatabaseError::UniqueViolation(violation(cause)),
        "23503" | "23001" => DatabaseError::ForeignKeyViolation(violation(cause)),
        "23502" => DatabaseError::NotNullViolation(violation(cause)),
        "23514" => DatabaseError::CheckViolation(violation(cause)),
        "23P01" => DatabaseError::ExclusionViolation(violation(cause)),
        "40001" => DatabaseError::Serialization(cause),
        "40P01" => DatabaseError::Deadlock(cause),
        "57014" => DatabaseError::StatementTimeout(cause),
        "55P03" => DatabaseError::LockTimeout(cause),
        "25006" => DatabaseError::ReadOnly(cause),
        "25P02" => DatabaseError::TransactionAborted(cause),
        _ if ends_connection(error) => DatabaseError::Connection(cause),
        // A full disk, no memory, a limit of the configuration; a disk that fails.
        code if code.starts_with("53") || code == "58030" => DatabaseError::OutOfResources(cause),
        _ => DatabaseError::Query(cause),
    }
}

/// Whether the connection is of no further use after this.
pub(super) fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(ends_connection),
        _ => false,
    }
}

/// Whether the connection keeps something that no longer fits the server: a plan from
/// before a change of the schema, a prepared statement that is gone.
pub(super) fn is_stale(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    error
        .try_downcast_ref::<PgDatabaseError>()
        .is_some_and(|error| match error.code() {
            "0A000" => error.routine() == Some("RevalidateCachedQuery"),
            "26000" => true,
            _ => false,
        })
}

/// The server hangs up after an error that is fatal, whatever it is about: a wrong password,
/// too many clients, a shutdown, a transaction that idled for too long. Class 08 is about
/// the connection itself.
fn ends_connection(error: &PgDatabaseError) -> bool {
    let fatal = matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic);
    fatal || error.code().starts_with("08")
}

/// The error of a file that can not be read.
pub(super) fn unreadable(path: &str, error: &io::Error) -> String {
    format!("the file {path} can not be read: {error}")
}
