//! Tables in memory, with the isolation of a database: a unit of work changes a copy, which
//! takes the place of the original when it commits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ports::DatabaseError;
use tokio::sync::Mutex as Turn;

use super::{
    query::Cursors,
    unit_of_work::{Hook, surrounding},
};

/// Tables that repositories share. Clones share them too.
///
/// Outside of a unit of work each write commits by itself. Writers take turns: a write waits
/// for the unit of work that is open. Readers do not wait, and see what was committed.
pub struct MemoryStore<T> {
    root: Arc<Level<T>>,
    cursors: Arc<Cursors>,
}

/// The tables as one scope sees them: the store itself, a unit of work, or one nested in it.
pub(super) struct Level<T> {
    tables: Mutex<T>,
    /// Held by the one nested scope, or for the time of a statement.
    pub(super) turn: Arc<Turn<()>>,
    pub(super) failure: Mutex<Option<DatabaseError>>,
    pub(super) hooks: Mutex<Vec<Hook>>,
    pub(super) read_only: bool,
    pub(super) is_root: bool,
}

impl<T> Clone for MemoryStore<T> {
    fn clone(&self) -> Self {
        Self {
            root: Arc::clone(&self.root),
            cursors: Arc::clone(&self.cursors),
        }
    }
}

impl<T: Default> Default for MemoryStore<T> {
    fn default() -> Self {
        Self {
            root: Arc::new(Level::new(T::default(), true, false)),
            cursors: Arc::default(),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> MemoryStore<T> {
    /// Looks at the tables, as the caller's scope sees them.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::TransactionAborted`] when a write of the scope has failed.
    pub async fn read<R>(
        &self,
        read: impl FnOnce(&T) -> Result<R, DatabaseError>,
    ) -> Result<R, DatabaseError> {
        let level = self.current();
        if level.is_root {
            return read(&level.tables());
        }
        let _turn = level.turn.lock().await;
        level.check()?;
        read(&level.tables())
    }

    /// Changes the tables in the caller's scope. The change must leave them as they were when
    /// it fails; as on PostgreSQL, its unit of work can then no longer commit.
    ///
    /// # Errors
    ///
    /// Those of the change, and [`DatabaseError::ReadOnly`].
    pub async fn write<R>(
        &self,
        change: impl FnOnce(&mut T) -> Result<R, DatabaseError>,
    ) -> Result<R, DatabaseError> {
        let level = self.current();
        let _turn = level.turn.lock().await;
        level.check()?;
        let changed = if level.read_only {
            Err(DatabaseError::ReadOnly(Arc::new(Refused)))
        } else {
            change(&mut level.tables())
        };
        changed.inspect_err(|error| level.fail(error))
    }

    /// Whether the caller is inside a unit of work on this store.
    pub fn in_unit_of_work(&self) -> bool {
        !self.current().is_root
    }

    /// The cursors that were handed out for lists of this store.
    pub fn cursors(&self) -> &Cursors {
        &self.cursors
    }

    pub(super) fn current(&self) -> Arc<Level<T>> {
        surrounding(self.identity()).unwrap_or_else(|| Arc::clone(&self.root))
    }

    /// Tells stores apart.
    pub(super) fn identity(&self) -> usize {
        Arc::as_ptr(&self.root).addr()
    }
}

impl<T> Level<T> {
    pub(super) fn new(tables: T, is_root: bool, read_only: bool) -> Self {
        Self {
            tables: Mutex::new(tables),
            turn: Arc::default(),
            failure: Mutex::default(),
            hooks: Mutex::default(),
            read_only,
            is_root,
        }
    }

    pub(super) fn tables(&self) -> MutexGuard<'_, T> {
        lock(&self.tables)
    }

    /// Refuses what comes after a failed write, as PostgreSQL does.
    pub(super) fn check(&self) -> Result<(), DatabaseError> {
        match lock(&self.failure).clone() {
            Some(first) => Err(DatabaseError::TransactionAborted(Arc::new(first))),
            None => Ok(()),
        }
    }

    /// Remembers a failed write. A stale version is no failure of a statement: it changed
    /// nothing, that is all.
    fn fail(&self, error: &DatabaseError) {
        if !self.is_root && !matches!(error, DatabaseError::Conflict { .. }) {
            lock(&self.failure).get_or_insert_with(|| error.clone());
        }
    }
}

/// A panic in a test leaves nothing half-done behind these locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, thiserror::Error)]
#[error("the unit of work was opened for reads only")]
struct Refused;
