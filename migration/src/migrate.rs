//! What a service does about the schema when it starts, and while it runs.

use std::time::Duration;

use adapters::Database;

use crate::{
    Change, LOCK_TIMEOUT, MigrationError, Report, change,
    history::{self, Status},
    reach,
};

/// Brings a schema up to date: what a service does when it starts.
///
/// When nothing is pending nothing is locked or written, so that a role without rights to
/// change the schema may call it. A database that is ahead of this program is not an error:
/// a warning is logged, and [`Report::unknown`] says what it has.
///
/// Of any number of callers at once, in any number of processes, each migration runs in one,
/// and the others wait for it.
///
/// # Errors
///
/// [`MigrationError::Locked`] when somebody else is still at it after `lock_timeout`; what a
/// migration fails with. Those before it stay applied.
pub async fn migrate(
    database: &Database,
    lock_timeout: Duration,
) -> Result<Report, MigrationError> {
    let report = match status(database).await? {
        Status {
            pending, unknown, ..
        } if pending.is_empty() => Report {
            unknown,
            ..Report::default()
        },
        _ => change(database, Change::Up(None), lock_timeout).await?,
    };
    if !report.unknown.is_empty() {
        tracing::warn!(
            unknown = report.unknown.join(", "),
            "the database is ahead of this program: it has migrations that are not known here"
        );
    }
    Ok(report)
}

/// Brings the schema of the database at this URL up to date. No connection is left when it
/// returns.
///
/// # Errors
///
/// As with [`migrate`].
pub async fn migrate_url(url: &str) -> Result<Report, MigrationError> {
    migrate(&Database::from_url(url)?, LOCK_TIMEOUT).await
}

/// What the database has, lacks, and has beyond this program. Nothing is written; of a SQLite
/// file that is not there it is told without making it.
///
/// # Errors
///
/// When the database can not be reached.
pub async fn status(database: &Database) -> Result<Status, MigrationError> {
    if let Database::Sqlite(config) = database
        && config.file().is_some_and(|file| !file.exists())
    {
        return Ok(Status::of_nothing());
    }
    let connection = reach::connection(database).await?;
    let status = history::read(&connection).await;
    connection.close().await?;
    Ok(status?)
}

/// The migrations that `up` would apply.
///
/// # Errors
///
/// When the database can not be reached.
pub async fn pending(database: &Database) -> Result<Vec<String>, MigrationError> {
    Ok(status(database).await?.pending)
}
