//! Rows that are not what the domain says they can be.

use std::{error::Error, fmt};

use ports::DatabaseError;
use uuid::Uuid;

/// A row that is not what the domain says it can be.
#[derive(Debug, thiserror::Error)]
#[error("the row {id} of {table} is wrong in {column}")]
struct WrongRow {
    table: &'static str,
    column: &'static str,
    id: Uuid,
    source: Box<dyn Error + Send + Sync>,
}

/// Names the row and the column that a domain type has refused.
pub(super) fn wrong<E>(
    table: &'static str,
    column: impl fmt::Display + Into<&'static str>,
    id: Uuid,
) -> impl FnOnce(E) -> DatabaseError
where
    E: Error + Send + Sync + 'static,
{
    let column = column.into();
    move |source| {
        DatabaseError::query(WrongRow {
            table,
            column,
            id,
            source: Box::new(source),
        })
    }
}
