//! What SQLite means by its result codes.

use ports::{Cause, DatabaseError, Violation};
use sea_orm::sqlx::{error::DatabaseError as _, sqlite::SqliteError};

const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const NO_MEMORY: i32 = 7;
const READ_ONLY: i32 = 8;
const INTERRUPTED: i32 = 9;
const FULL: i32 = 13;
const CAN_NOT_OPEN: i32 = 14;
const IO_NO_MEMORY: i32 = 3082;
const IO_SHARED_MEMORY_SIZE: i32 = 4874;
const CHECK: i32 = 275;
const BUSY_SNAPSHOT: i32 = 517;
const FOREIGN_KEY: i32 = 787;
const NOT_NULL: i32 = 1299;
const PRIMARY_KEY: i32 = 1555;
const UNIQUE: i32 = 2067;
const ROW_ID: i32 = 2579;

/// What the engine said, by its extended result code.
pub(crate) fn classify(error: &SqliteError, cause: Cause) -> DatabaseError {
    let code = error.code().and_then(|code| code.parse::<i32>().ok());
    let code = code.unwrap_or_default();
    match code {
        UNIQUE | PRIMARY_KEY | ROW_ID => DatabaseError::UniqueViolation(column(error, cause)),
        NOT_NULL => DatabaseError::NotNullViolation(column(error, cause)),
        FOREIGN_KEY => DatabaseError::ForeignKeyViolation(Violation {
            constraint: None,
            table: None,
            column: None,
            source: cause,
        }),
        CHECK => DatabaseError::CheckViolation(Violation {
            constraint: subject(error).map(str::to_owned),
            table: None,
            column: None,
            source: cause,
        }),
        IO_NO_MEMORY | IO_SHARED_MEMORY_SIZE => DatabaseError::OutOfResources(cause),
        BUSY_SNAPSHOT => DatabaseError::Serialization(cause),
        // The low byte is the primary code.
        _ => match code & 0xff {
            BUSY | LOCKED => DatabaseError::LockTimeout(cause),
            READ_ONLY => DatabaseError::ReadOnly(cause),
            FULL | NO_MEMORY => DatabaseError::OutOfResources(cause),
            INTERRUPTED => DatabaseError::StatementTimeout(cause),
            CAN_NOT_OPEN => DatabaseError::Connection(cause),
            _ => DatabaseError::Query(cause),
        },
    }
}

/// Table and column of a violation. The code has decided what happened; the engine
/// gives the names in its message alone, as `...: table.column, table.column`, or as
/// `...: index 'name'` when the index is on an expression.
fn column(error: &SqliteError, cause: Cause) -> Violation {
    let names = subject(error).unwrap_or_default();
    let index = names
        .strip_prefix("index '")
        .and_then(|name| name.strip_suffix('\''));
    let is_single = !names.contains(", ");
    let first = names.split(", ").next().unwrap_or_default();
    let place = index.is_none().then(|| first.split_once('.')).flatten();
    Violation {
        constraint: index.map(str::to_owned),
        table: place.map(|(table, _)| table.to_owned()),
        column: place
            .filter(|_| is_single)
            .map(|(_, column)| column.to_owned()),
        source: cause,
    }
}

fn subject(error: &SqliteError) -> Option<&str> {
    error.message().split_once(": ").map(|(_, names)| names)
}
