//! The unit of work: everything inside is stored, or nothing is.

mod options;
mod retry;
mod verdict;

use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

pub use options::{Isolation, UnitOfWorkOptions};
pub use retry::RetryPolicy;
pub use verdict::Verdict;

use crate::DatabaseError;

/// One run of the work inside a unit of work.
pub type Attempt<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// Work that runs after a commit.
pub type Hook = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Runs work in a transaction that repositories find by themselves.
///
/// The transaction is ambient: repositories of the same manager that are called
/// inside the work take part in it, and no signature mentions it. A unit of work
/// inside a unit of work is a savepoint. Keep it as `Arc<dyn UnitOfWork>` and
/// call [`Atomic::atomic`].
///
/// What always holds:
///
/// * `Ok` means committed. If a statement failed and its error was swallowed, the
///   answer is [`DatabaseError::TransactionAborted`], with that error as its source.
/// * An `Err`, a panic or a dropped future means that nothing was stored.
/// * An inner `Err` that the caller handles leaves the outer work intact; an inner
///   `Ok` is undone by an outer `Err`.
/// * The outermost unit of work, and only it, runs the work again after a
///   serialization failure or a deadlock.
/// * It holds one connection, whatever the nesting, and its statements run one
///   after the other. Scopes and statements of an outer level wait for an inner
///   scope to end, for as long as the pool would have them wait, then fail.
/// * A task spawned inside does not take part, unless it is carried in on purpose.
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// The object-safe core of [`Atomic::atomic`]: runs `work`, which says by its
    /// [`Verdict`] whether to commit, and answers the verdict that was carried out.
    ///
    /// # Errors
    ///
    /// What the layer itself met: no connection, an aborted transaction, a failed
    /// commit. Nothing is stored then, except for
    /// [`DatabaseError::CommitOutcomeUnknown`], which says that it can not know.
    async fn run<'a>(
        &'a self,
        options: UnitOfWorkOptions,
        work: &'a (dyn Fn() -> Attempt<'a> + Send + Sync + 'a),
    ) -> Result<Verdict, DatabaseError>;

    /// Has `hook` run once, after the outermost commit and outside of the unit of
    /// work. It is discarded with every attempt, and every inner scope, that does
    /// not commit. It does not run if the process dies, or the caller's future is
    /// dropped, in between: what must happen is a row written inside.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::OutsideUnitOfWork`] when there is none.
    fn defer(&self, hook: Hook) -> Result<(), DatabaseError>;
}

/// The typed form of [`UnitOfWork::run`], for every unit of work, `dyn` included.
pub trait Atomic: UnitOfWork {
    /// Runs `work` so that all of it is stored, or nothing.
    ///
    /// ```
    /// # use ports::{Atomic, DatabaseError, UnitOfWork};
    /// # async fn sketch(unit_of_work: &dyn UnitOfWork) -> Result<(), DatabaseError> {
    /// let stored = unit_of_work
    ///     .atomic(|| async {
    ///         // Repositories called here take part.
    ///         Ok::<_, DatabaseError>(42)
    ///     })
    ///     .await?;
    /// # let _: i32 = stored; Ok(()) }
    /// ```
    ///
    /// `work` runs again after a serialization failure or a deadlock, so it must be
    /// fit to be repeated: what it does outside of the database belongs into
    /// [`after_commit`](Self::after_commit).
    #[doc(alias = "transactional")]
    #[doc(alias = "begin")]
    #[track_caller]
    fn atomic<'a, T, E, F, Fut>(&'a self, work: F) -> impl Future<Output = Result<T, E>> + Send + 'a
    where
        F: Fn() -> Fut + Send + Sync + 'a,
        Fut: Future<Output = Result<T, E>> + Send + 'a,
        T: Send + 'a,
        E: From<DatabaseError> + Send + 'a,
    {
        self.atomic_with(UnitOfWorkOptions::new(), work)
    }

    /// [`atomic`](Self::atomic) with isolation, timeouts or retries of its own.
    #[track_caller]
    fn atomic_with<'a, T, E, F, Fut>(
        &'a self,
        options: UnitOfWorkOptions,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'a
    where
        F: Fn() -> Fut + Send + Sync + 'a,
        Fut: Future<Output = Result<T, E>> + Send + 'a,
        T: Send + 'a,
        E: From<DatabaseError> + Send + 'a,
    {
        // The typed result travels past the object-safe `run` in this slot.
        async move {
            let slot = Mutex::new(None);
            let attempt = || -> Attempt<'_> {
                let running = work();
                Box::pin(async {
                    let result = running.await;
                    let verdict = Verdict::of(&result);
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                    verdict
                })
            };
            let ended = self.run(options, &attempt).await;
            let result = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            Verdict::resolve(ended, result)
        }
    }

    /// Has `hook` run once, after the outermost commit: see [`UnitOfWork::defer`].
    fn after_commit<F, Fut>(&self, hook: F) -> Result<(), DatabaseError>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.defer(Box::new(move || Box::pin(hook())))
    }
}

impl<U: UnitOfWork + ?Sized> Atomic for U {}
