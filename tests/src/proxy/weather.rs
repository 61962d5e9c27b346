//! What the network does to everything that passes.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often whoever waits looks whether it is still worth it.
const LOOK: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
pub(super) struct Weather {
    delay_nanos: AtomicU64,
    stalls: Mutex<bool>,
    changed: Condvar,
}

impl Weather {
    pub(super) fn set_delay(&self, delay: Duration) {
        let nanos = u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX);
        self.delay_nanos.store(nanos, Relaxed);
    }

    pub(super) fn stall(&self, stalls: bool) {
        *self.stalls.lock().unwrap_or_else(PoisonError::into_inner) = stalls;
        self.changed.notify_all();
    }

    /// Waits until what arrived at this time may leave; answers whether it still can.
    pub(super) fn hold(&self, arrived: Instant, has_ended: impl Fn() -> bool) -> bool {
        let delay = Duration::from_nanos(self.delay_nanos.load(Relaxed));
        if let Some(left) = (arrived + delay).checked_duration_since(Instant::now()) {
            thread::sleep(left);
        }
        let mut stalls = self.stalls.lock().unwrap_or_else(PoisonError::into_inner);
        while *stalls && !has_ended() {
            let waited = self.changed.wait_timeout(stalls, LOOK);
            stalls = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        !has_ended()
    }
}
