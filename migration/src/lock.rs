//! One migrator at a time.

mod advisory;
mod file;

use std::time::Duration;

use adapters::Database;
use tokio::time::{Instant, sleep};

use crate::MigrationError;

/// How long to wait for another migrator when nobody says otherwise.
pub const LOCK_TIMEOUT: Duration = Duration::from_mins(1);

/// How long to sleep between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// The right to change a schema. It ends with the value, and with the process, however that
/// ends.
#[derive(Debug)]
pub struct Lock(Kind);

#[derive(Debug)]
enum Kind {
    Advisory(advisory::Lock),
    File(file::Lock),
    /// A database in memory belongs to one process, which migrates it once.
    Needless,
}

impl Lock {
    /// Waits for the right to change this schema, for no longer than `patience`.
    ///
    /// # Errors
    ///
    /// [`MigrationError::Locked`] when that was not enough; an unreachable database.
    pub async fn take(database: &Database, patience: Duration) -> Result<Self, MigrationError> {
        let kind = match database {
            Database::Postgres(config) => advisory::take(database, config, patience).await?,
            Database::Sqlite(config) => {
                database.prepare()?;
                match config.file() {
                    Some(path) => file::take(&path, patience).await?,
                    None => Kind::Needless,
                }
            }
        };
        Ok(Self(kind))
    }

    /// Gives it back. On PostgreSQL the session is closed when it returns; dropping the value
    /// is enough too, but then the server takes a moment to notice.
    pub async fn release(self) {
        match self.0 {
            Kind::Advisory(lock) => lock.release().await,
            Kind::File(lock) => lock.release(),
            Kind::Needless => {}
        }
    }
}

/// Sleeps before the next try, or answers that there is no time left for one.
async fn wait_until(deadline: Instant) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    sleep(left.min(PAUSE)).await;
    !left.is_zero()
}
