//! How long callers wait for a connection.

use std::time::Instant;

use crate::seaorm::metrics::Histogram;

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

    pub(super) const fn since(&self) -> Instant {
        self.since
    }
}

impl<const N: usize> Drop for Wait<'_, N> {
    fn drop(&mut self) {
        self.waits.observe(self.since.elapsed());
    }
}
