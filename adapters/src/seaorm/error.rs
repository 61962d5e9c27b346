//! From what SeaORM and the drivers answer to what the ports promise, and back
//! through SeaORM's own signatures without loss.

use std::{io, sync::Arc};

use ports::DatabaseError;
use sea_orm::{
    ConnAcquireErr, DbErr, RuntimeErr,
    sqlx::{self, postgres::PgDatabaseError, sqlite::SqliteError},
};

use super::backend::DriverError;
use crate::{postgres, sqlite};

/// What a failure of SeaORM means to the application: `.map_err(database_error)`.
///
/// Decides by SQLSTATE, SQLite result code and error kind.
pub fn database_error(error: DbErr) -> DatabaseError {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => from_driver(error),
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout | ConnAcquireErr::ConnectionClosed)
        | DbErr::Conn(_) => DatabaseError::Connection(Arc::new(error)),
        other => DatabaseError::query(other),
    }
}

/// What a driver's failure means to the application.
pub(crate) fn from_driver(error: DriverError) -> DatabaseError {
    match error.as_ref() {
        sqlx::Error::AnyDriverError(inner) => match inner.downcast_ref::<DatabaseError>() {
            Some(own) => own.clone(),
            None => DatabaseError::Query(error),
        },
        sqlx::Error::Database(inner) => {
            if let Some(server) = inner.try_downcast_ref::<PgDatabaseError>() {
                postgres::error::classify(server, Arc::clone(&error) as _)
            } else if let Some(engine) = inner.try_downcast_ref::<SqliteError>() {
                sqlite::error::classify(engine, Arc::clone(&error) as _)
            } else {
                DatabaseError::Query(error)
            }
        }
        sqlx::Error::Configuration(inner) => DatabaseError::configuration(inner.to_string()),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => DatabaseError::Connection(error),
        _ => DatabaseError::Query(error),
    }
}

/// A failure while a connection was being opened: whatever the server says then is
/// about the connection.
pub(crate) fn while_connecting(error: sqlx::Error) -> DatabaseError {
    match from_driver(Arc::new(error)) {
        DatabaseError::Query(cause) => DatabaseError::Connection(cause),
        other => other,
    }
}

/// A connection that was not opened in time.
pub(crate) fn connect_timed_out() -> DatabaseError {
    DatabaseError::Connection(Arc::new(io::Error::new(
        io::ErrorKind::TimedOut,
        "the connection was not opened within the connect timeout",
    )))
}

/// Our own error in SeaORM's clothes, for the methods of its traits.
/// [`database_error`] takes them off again.
pub(crate) fn db_err(error: DatabaseError) -> DbErr {
    let carried = sqlx::Error::AnyDriverError(Box::new(error));
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(carried)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_ours_comes_back_as_itself() {
        let through = database_error(db_err(DatabaseError::BlockingInAsyncContext));
        assert!(matches!(through, DatabaseError::BlockingInAsyncContext));
    }

    #[test]
    fn an_error_of_seaorm_keeps_its_source() {
        let error = database_error(DbErr::RecordNotUpdated);
        assert!(matches!(error, DatabaseError::Query(_)));
        assert!(std::error::Error::source(&error).is_some());
    }
}
