//! The ports for code without async: batch jobs, command lines, plain threads.

use std::{cell::RefCell, future::Future, pin::pin};

use crate::{DatabaseError, SessionManager, UnitOfWorkOptions, Verdict};

/// Work that runs after a commit, on the thread that committed.
pub type Hook = Box<dyn FnOnce() + Send>;

/// [`crate::UnitOfWork`] for blocking code: the same promises, on a thread.
///
/// Use [`Atomic::atomic`]; this is its object-safe core.
pub trait UnitOfWork: Send + Sync {
    /// Runs `work` in a transaction, or in a savepoint when there is one already.
    ///
    /// # Errors
    ///
    /// Those of [`crate::UnitOfWork::run`], and
    /// [`DatabaseError::BlockingInAsyncContext`].
    fn run(
        &self,
        options: UnitOfWorkOptions,
        work: &dyn Fn() -> Verdict,
    ) -> Result<Verdict, DatabaseError>;

    /// Has `hook` run once, after the outermost commit.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::OutsideUnitOfWork`] when there is none.
    fn after_commit(&self, hook: Hook) -> Result<(), DatabaseError>;
}

/// The typed form of [`UnitOfWork::run`].
pub trait Atomic: UnitOfWork {
    /// Runs `work` so that all of it is stored, or nothing.
    ///
    /// `Ok` means committed. The outermost `atomic` runs `work` again after a
    /// serialization failure or a deadlock, so `work` must be fit to be repeated.
    #[doc(alias = "transactional")]
    #[track_caller]
    fn atomic<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn() -> Result<T, E>,
        E: From<DatabaseError>,
    {
        self.atomic_with(UnitOfWorkOptions::new(), work)
    }

    /// [`atomic`](Self::atomic) with isolation, timeouts or retries of its own.
    #[track_caller]
    fn atomic_with<T, E, F>(&self, options: UnitOfWorkOptions, work: F) -> Result<T, E>
    where
        F: Fn() -> Result<T, E>,
        E: From<DatabaseError>,
    {
        let slot = RefCell::new(None);
        let attempt = || {
            let result = work();
            let verdict = Verdict::of(&result);
            slot.replace(Some(result));
            verdict
        };
        let ended = self.run(options, &attempt);
        Verdict::resolve(ended, slot.into_inner())
    }
}

impl<U: UnitOfWork + ?Sized> Atomic for U {}

/// The typed form of [`SessionManager::drive`].
pub trait BlockOn: SessionManager {
    /// Runs `future` to its end on the calling thread: how blocking code uses
    /// async repositories and services. Inside a unit of work of this manager,
    /// the future is part of it.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::BlockingInAsyncContext`] inside async code, and what
    /// taking a connection can fail with; the future has not run then.
    fn block_on<T>(&self, future: impl Future<Output = T>) -> Result<T, DatabaseError> {
        let mut output = None;
        // Pinned before it is wrapped: it may be large, and each wrapping would copy it.
        let mut future = pin!(future);
        self.drive(pin!(async { output = Some(future.as_mut().await) }))?;
        output.ok_or_else(|| {
            DatabaseError::invalid_query("the session manager did not run the future to its end")
        })
    }
}

impl<M: SessionManager + ?Sized> BlockOn for M {}
