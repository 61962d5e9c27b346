//! How long callers wait for a connection.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use crate::seaorm::metrics::Histogram;

/// Waits for a connection, and counts how long that took. One that is there at once, as most
/// are, is not worth a look at the clock.
pub(super) async fn counted<T, const N: usize>(
    waits: &Histogram<N>,
    getting: impl Future<Output = T>,
) -> T {
    let mut getting = pin!(getting);
    let at_once = poll_fn(|context| Poll::Ready(getting.as_mut().poll(context)));
    if let Poll::Ready(got) = at_once.await {
        waits.observe(Duration::ZERO);
        return got;
    }
    let _wait = Wait::begin(waits);
    getting.await
}

/// A wait that is counted when it is dropped: a caller may give up.
pub(super) struct Wait<'h, const N: usize> {
    waits: &'h Histogram<N>,
    since: Instant,
}

impl<'h, const N: usize> Wait<'h, N> {
    pub(super) fn begin(waits: &'h Histogram<N>) -> Self {
        Self {
            waits,
            since: Instant::now(),
        }
    }
}

impl<const N: usize> Drop for Wait<'_, N> {
    fn drop(&mut self) {
        self.waits.observe(self.since.elapsed());
    }
}
