//! Where blocking database calls are allowed, and how they wait.
//!
//! A thread that drives async tasks must not block. From async code, move blocking
//! work to a thread of its own with [`spawn`].

use std::{
    cell::Cell,
    future::Future,
    io,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Instant,
};

use ports::DatabaseError;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};

thread_local! {
    /// Set on threads that were lent out for blocking work by [`spawn`].
    static LENT: Cell<bool> = const { Cell::new(false) };
    /// The driver that the thread is inside of.
    static INSIDE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Runs blocking work on a thread of tokio's pool for it, where the sync session
/// managers are allowed.
///
/// `tokio::task::spawn_blocking` is not enough: from inside, its threads can not be
/// told from those that drive tasks, so the managers refuse them.
///
/// # Panics
///
/// Outside of a tokio runtime, as `spawn_blocking` does.
pub fn spawn<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    tokio::task::spawn_blocking(|| {
        let _lent = Restore::set(&LENT, true);
        work()
    })
}

/// Says whether the calling thread may block.
pub(crate) fn check() -> Result<(), DatabaseError> {
    let refused = || Err(DatabaseError::BlockingInAsyncContext);
    if INSIDE.get().is_some() {
        return refused();
    }
    match Handle::try_current() {
        Ok(runtime) if !LENT.get() || !may_enter(&runtime) => refused(),
        _ => Ok(()),
    }
}

/// Whether a lent thread has not been made to drive tasks after all. Tokio has no other
/// way to tell than to try.
fn may_enter(runtime: &Handle) -> bool {
    let enter = || runtime.block_on(std::future::ready(()));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(enter)).is_ok()
}

/// A current-thread runtime that drives the sockets of one connection, on whichever
/// thread has the connection.
pub(crate) struct Driver(Mutex<Option<Arc<Runtime>>>);

impl Driver {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self(Mutex::new(Some(Arc::new(runtime)))))
    }

    /// Runs a future to its end on the calling thread, which [`check`] has allowed.
    /// `None` when it was retired.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let runtime = Lent(self.runtime().clone());
        let _inside = Restore::set(&INSIDE, Some(self.identity()));
        Some(runtime.0.as_ref()?.block_on(future))
    }

    /// Ends the runtime, and the tasks that were left behind on it.
    pub(crate) fn retire(&self) {
        let retired = self.runtime().take();
        drop(Lent(retired));
    }

    /// Whether there is a runtime to drive anything with.
    pub(crate) fn is_alive(&self) -> bool {
        self.runtime().is_some()
    }

    fn runtime(&self) -> MutexGuard<'_, Option<Arc<Runtime>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the calling thread is inside this driver's [`block_on`](Self::block_on).
    pub(crate) fn is_current(&self) -> bool {
        INSIDE.get() == Some(self.identity())
    }

    fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.retire();
    }
}

/// A runtime in use. The last to use a retired one ends it.
struct Lent(Option<Arc<Runtime>>);

impl Drop for Lent {
    /// Dropping a runtime in an async context panics; shutting it down in the
    /// background does not.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take().and_then(Arc::into_inner) {
            runtime.shutdown_background();
        }
    }
}

/// Polls a future on the calling thread until `deadline`; `None` when that passes.
///
/// For futures that need no runtime: a wait for a place in the pool.
pub(crate) fn wait_until<T>(deadline: Instant, future: impl Future<Output = T>) -> Option<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Sets a cell for the time of a call, whichever way the call ends.
struct Restore<T: Copy + 'static> {
    cell: &'static thread::LocalKey<Cell<T>>,
    before: T,
}

impl<T: Copy + 'static> Restore<T> {
    fn set(cell: &'static thread::LocalKey<Cell<T>>, value: T) -> Self {
        Self {
            cell,
            before: cell.replace(value),
        }
    }
}

impl<T: Copy + 'static> Drop for Restore<T> {
    fn drop(&mut self) {
        self.cell.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_plain_thread_may_block() {
        assert!(check().is_ok());
    }

    #[tokio::test]
    async fn a_task_may_not_block_and_a_lent_thread_may() {
        assert!(matches!(
            check(),
            Err(DatabaseError::BlockingInAsyncContext)
        ));
        let lent = spawn(check).await;
        assert!(lent.is_ok_and(|allowed| allowed.is_ok()));
        let borrowed = tokio::task::spawn_blocking(check).await;
        assert!(borrowed.is_ok_and(|allowed| allowed.is_err()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_lent_thread_that_drives_tasks_may_not_block() {
        let runtime = Handle::current();
        let inside = spawn(move || runtime.block_on(async { check() })).await;
        assert!(inside.is_ok_and(|allowed| allowed.is_err()));
    }

    #[test]
    fn a_driven_future_may_not_block_again() -> io::Result<()> {
        let driver = Driver::new()?;
        assert!(
            driver
                .block_on(async { check() })
                .is_some_and(|inner| inner.is_err())
        );
        assert!(check().is_ok());
        Ok(())
    }

    #[tokio::test]
    async fn a_driver_can_be_dropped_in_async_code() -> io::Result<()> {
        drop(Driver::new()?);
        Ok(())
    }

    #[test]
    fn a_wait_ends_at_its_deadline() {
        let begun = Instant::now();
        let deadline = begun + Duration::from_millis(20);
        assert!(wait_until(deadline, std::future::pending::<()>()).is_none());
        assert!(begun.elapsed() >= Duration::from_millis(20));
    }
}
