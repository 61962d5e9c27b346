//! Every failure of a database, provoked on a real one, and what becomes of it on its way to the
//! application.

mod chain;
mod connection;
mod contention;
mod lost_write;
mod query;
mod resources;
mod sqlite;
mod timeout;
mod transaction;
mod violation;

use crate::session::manager;
use adapters::postgres::{AsyncPostgresSessionManager, Session};
use ports::{AsyncSessionManager, DatabaseError};
use tests::TestDatabase;

/// A database with these tables, and a session on it outside of any unit of work.
async fn session_on(sql: &str) -> (TestDatabase, Session) {
    let (database, manager) = manager_on(sql).await;
    let session = manager.session().unwrap();
    (database, session)
}

async fn manager_on(sql: &str) -> (TestDatabase, AsyncPostgresSessionManager) {
    let database = TestDatabase::empty().await;
    database.execute(sql).await;
    let manager = manager(&database.url(), &[("RETRY_ATTEMPTS", "1")]);
    (database, manager)
}

/// Constraint, table and column of a violation, as far as they are known.
fn named(error: &DatabaseError) -> (Option<&str>, Option<&str>, Option<&str>) {
    let violation = error.violation().unwrap_or_else(|| panic!("{error:?}"));
    (
        violation.constraint.as_deref(),
        violation.table.as_deref(),
        violation.column.as_deref(),
    )
}
