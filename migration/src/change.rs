//! Changing a schema, one at a time.

use std::{fmt, time::Duration};

use adapters::Database;
use sea_orm_migration::{MigratorTraitSelf as _, sea_orm::DatabaseConnection};

use crate::{
    Lock, MigrationError,
    history::{self, Status},
    tolerant::Tolerant,
};

/// What can be done to a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Apply what is pending: so many, or all.
    Up(Option<u32>),
    /// Take back the last ones.
    Down(u32),
    /// Drop every table, whoever made it, and apply everything.
    Fresh,
    /// Take everything back, and apply it again.
    Refresh,
    /// Take everything back.
    Reset,
}

impl Change {
    /// Whether rows get lost.
    pub const fn is_destructive(self) -> bool {
        !matches!(self, Self::Up(_))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up(_) => f.write_str("apply what is pending"),
            Self::Down(1) => f.write_str("take back the last migration"),
            Self::Down(steps) => write!(f, "take back the last {steps} migrations"),
            Self::Fresh => f.write_str("drop every table and apply every migration"),
            Self::Refresh => f.write_str("take back every migration and apply it again"),
            Self::Reset => f.write_str("take back every migration"),
        }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Applied just now, in this order.
    pub applied: Vec<String>,
    /// Taken back just now, in this order.
    pub reverted: Vec<String>,
    /// What the database has beyond this program: it is ahead of it. Left alone.
    pub unknown: Vec<String>,
}

/// Does it, under the lock. Nothing asks whether that is wanted: see [`crate::guard`].
///
/// # Errors
///
/// [`MigrationError::Locked`] after `lock_timeout`; [`MigrationError::Unknown`] before anything
/// is done when a migration would have to be taken back that this program does not know; what
/// a migration fails with.
pub async fn change(
    database: &Database,
    change: Change,
    lock_timeout: Duration,
) -> Result<Report, MigrationError> {
    let database = without_timeouts(database);
    let lock = Lock::take(&database, lock_timeout).await?;
    let outcome = connected(&database, change).await;
    lock.release().await;
    outcome
}

/// A migration may well run for longer than a request may.
fn without_timeouts(database: &Database) -> Database {
    let mut database = database.clone();
    if let Database::Postgres(config) = &mut database {
        config.statement_timeout = None;
        config.idle_in_transaction_timeout = None;
    }
    database
}

async fn connected(database: &Database, change: Change) -> Result<Report, MigrationError> {
    let connection = database.connection()?;
    let outcome = perform(&connection, change).await;
    let closed = connection.close().await;
    let report = outcome?;
    closed?;
    Ok(report)
}

async fn perform(
    connection: &DatabaseConnection,
    change: Change,
) -> Result<Report, MigrationError> {
    let mut report = Report::default();
    match change {
        Change::Up(steps) => report.applied = apply(connection, steps).await?,
        Change::Down(steps) => report.reverted = revert(connection, Some(steps)).await?,
        Change::Fresh => {
            // Of an empty database nothing is unknown.
            Tolerant::default().fresh(connection).await?;
            report.applied = history::read(connection).await?.applied;
        }
        Change::Refresh => {
            report.reverted = revert(connection, None).await?;
            report.applied = apply(connection, None).await?;
        }
        Change::Reset => {
            report.reverted = revert(connection, None).await?;
            Tolerant::default().uninstall(connection).await?;
        }
    }
    report.unknown = history::read(connection).await?.unknown;
    Ok(report)
}

async fn apply(
    connection: &DatabaseConnection,
    steps: Option<u32>,
) -> Result<Vec<String>, MigrationError> {
    let Status {
        pending, unknown, ..
    } = history::read(connection).await?;
    Tolerant { unknown }.up(connection, steps).await?;
    let count = steps.map_or(usize::MAX, |steps| steps as usize);
    Ok(pending.into_iter().take(count).collect())
}

async fn revert(
    connection: &DatabaseConnection,
    steps: Option<u32>,
) -> Result<Vec<String>, MigrationError> {
    let before = history::read(connection).await?;
    let count = steps.map_or(usize::MAX, |steps| steps as usize);
    let doomed: Vec<_> = before.recorded().into_iter().rev().take(count).collect();
    let unknown = |name: &&String| before.unknown.contains(name);
    let strangers: Vec<_> = doomed.iter().filter(unknown).cloned().collect();
    if !strangers.is_empty() {
        return Err(MigrationError::Unknown(strangers));
    }
    let migrator = Tolerant {
        unknown: before.unknown,
    };
    migrator.down(connection, steps).await?;
    Ok(doomed)
}
