//! What a pool has open, has done, and has found out about the server.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::Instant,
};

/// What a pool has open, and has done.
pub(super) struct Tally {
    epoch: Instant,
    open: AtomicUsize,
    opened: AtomicU64,
    closed: AtomicU64,
    suspect_before: AtomicU64,
    mute_before: AtomicU64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            open: AtomicUsize::new(0),
            opened: AtomicU64::new(0),
            closed: AtomicU64::new(0),
            suspect_before: AtomicU64::new(0),
            mute_before: AtomicU64::new(0),
        }
    }

    /// Connections opened so far.
    pub(super) fn opened(&self) -> u64 {
        self.opened.load(Relaxed)
    }

    /// Connections closed so far.
    pub(super) fn closed(&self) -> u64 {
        self.closed.load(Relaxed)
    }

    /// Counts a connection in, and answers how many were opened with it.
    pub(super) fn count_in(&self) -> u64 {
        self.open.fetch_add(1, Relaxed);
        self.opened.fetch_add(1, Relaxed) + 1
    }

    /// Counts a connection out, unless [`claim_excess`](Self::claim_excess) has.
    pub(super) fn count_out(&self, claimed: bool) {
        if !claimed {
            self.open.fetch_sub(1, Relaxed);
        }
        self.closed.fetch_add(1, Relaxed);
    }

    /// Whether more connections are open than this.
    pub(super) fn is_above(&self, keep: usize) -> bool {
        self.open.load(Relaxed) > keep
    }

    /// Takes one of the connections beyond `keep` off the count; the caller closes it.
    pub(super) fn claim_excess(&self, keep: usize) -> bool {
        let claim = |open| (open > keep).then(|| open - 1);
        self.open.fetch_update(Relaxed, Relaxed, claim).is_ok()
    }

    /// Remembers that a connection was found dead.
    pub(super) fn suspect_all(&self) {
        let now = self.micros_at(Instant::now());
        self.suspect_before.fetch_max(now, Relaxed);
    }

    pub(super) fn is_suspect(&self, used: Instant) -> bool {
        self.micros_at(used) < self.suspect_before.load(Relaxed)
    }

    /// A ping was waited for in vain: to wait on each of the others as well would take
    /// longer than to open new ones.
    pub(super) fn mute_all(&self) {
        let now = self.micros_at(Instant::now());
        self.mute_before.fetch_max(now, Relaxed);
    }

    pub(super) fn is_mute(&self, used: Instant) -> bool {
        self.micros_at(used) < self.mute_before.load(Relaxed)
    }

    fn micros_at(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.epoch);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}
