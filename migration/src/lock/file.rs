//! The lock of a SQLite database.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::Instant;

use super::Kind;
use crate::MigrationError;

/// A file beside the database that the system has locked. SQLite's own locks are of no use: the
/// migrations need another connection, which would have to wait for them. The system takes the
/// lock back when the process ends. The file stays: removing it would let somebody lock a file
/// that the next one no longer sees.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    pub(super) fn release(self) {
        // The lock goes with the file that is open, so a failure does not leave it behind.
        drop(self.0.unlock());
    }
}

pub(super) async fn take(database: &Path, patience: Duration) -> Result<Kind, MigrationError> {
    let deadline = Instant::now() + patience;
    let path = beside(database);
    let failed = |source| MigrationError::LockFile {
        path: path.clone(),
        source,
    };
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true);
    let file = file.open(&path).map_err(failed)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Kind::File(Lock(file))),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        if !super::wait_until(deadline).await {
            return Err(MigrationError::Locked {
                waited: patience,
                holder: format!("the process that has locked {}", path.display()),
            });
        }
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".migrate.lock");
    name.into()
}
