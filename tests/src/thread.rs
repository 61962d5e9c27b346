//! Running a future where no runtime of the caller is involved.

use std::panic::resume_unwind;
use std::thread::{self, Builder, scope};
use tokio::runtime;

/// Runs `future` to its end on a thread and a runtime of its own, and passes on its panic.
///
/// It works from anywhere: from synchronous tests, and inside a runtime, where `block_on` would
/// panic. A socket belongs to the runtime that opened it, so nothing that holds a connection may
/// be returned. The calling thread is blocked meanwhile.
pub fn on_own_thread<T: Send>(future: impl Future<Output = T> + Send) -> T {
    try_on_own_thread(future).unwrap_or_else(|panic| resume_unwind(panic))
}

/// The same for a `Drop`, which may run while a test unwinds: a second panic would end the
/// process.
pub(crate) fn try_on_own_thread<T: Send>(
    future: impl Future<Output = T> + Send,
) -> thread::Result<T> {
    scope(|scope| {
        Builder::new()
            .name("test-harness".to_owned())
            .spawn_scoped(scope, || new_runtime().block_on(future))
            .map_err(|error| Box::new(error) as _)
            .and_then(thread::ScopedJoinHandle::join)
    })
}

/// A runtime for one thread; it goes away with its thread, never inside another runtime.
pub(crate) fn new_runtime() -> runtime::Runtime {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime for the test harness")
}
