//! Work that may panic, or not come to an end.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use tokio::{task::JoinError, time::timeout};

/// Does it for so long at most. The error says why nothing came of it.
pub(super) async fn attempt<T>(
    longest: Duration,
    work: impl Future<Output = T>,
) -> Result<T, String> {
    match timeout(longest, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(done) => done.map_err(told),
        Err(_) => Err(format!("did not end within {longest:?}")),
    }
}

/// Why a task has no result.
pub(super) fn reason(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => told(panic),
        Err(error) => error.to_string(),
    }
}

/// What a panic has said.
pub(super) fn told(panic: Box<dyn Any + Send>) -> String {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast_ref::<&str>()
            .map_or_else(String::new, ToString::to_string),
    };
    format!("panicked: {text}")
}
