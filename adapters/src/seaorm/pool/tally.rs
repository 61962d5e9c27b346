//! What a pool has open, has done, and has found out about the server.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

use super::discard::Discard;
use crate::seaorm::metrics::Histogram;

/// A wait is short, or it is for a connection to be opened, or the pool is full.
static WAITS: [Duration; 14] = [
    Duration::from_micros(100),
    Duration::from_micros(250),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// What a pool has open, and has done.
pub(super) struct Tally {
    epoch: Instant,
    open: AtomicUsize,
    opened: AtomicU64,
    closed: [AtomicU64; Discard::ALL.len()],
    refused: AtomicU64,
    recycled: AtomicU64,
    timed_out: AtomicU64,
    pub(super) waits: Histogram<{ WAITS.len() }>,
    suspect_before: AtomicU64,
    mute_before: AtomicU64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            open: AtomicUsize::new(0),
            opened: AtomicU64::new(0),
            closed: [const { AtomicU64::new(0) }; Discard::ALL.len()],
            refused: AtomicU64::new(0),
            recycled: AtomicU64::new(0),
            timed_out: AtomicU64::new(0),
            waits: Histogram::new(&WAITS),
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
        self.closed.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// Connections closed so far for each of [`Discard::ALL`].
    pub(super) fn closed_by_reason(&self) -> [(Discard, u64); Discard::ALL.len()] {
        let mut counts = self.closed.iter();
        Discard::ALL.map(|reason| (reason, counts.next().map_or(0, |count| count.load(Relaxed))))
    }

    /// Connections that could not be opened.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// How often a connection was handed out again.
    pub(super) fn recycled(&self) -> u64 {
        self.recycled.load(Relaxed)
    }

    /// Waits that ended without a connection because they took too long.
    pub(super) fn timed_out(&self) -> u64 {
        self.timed_out.load(Relaxed)
    }

    pub(super) fn count_refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(super) fn count_recycled(&self) {
        self.recycled.fetch_add(1, Relaxed);
    }

    pub(super) fn count_timed_out(&self) {
        self.timed_out.fetch_add(1, Relaxed);
    }

    /// Counts a connection in, and answers how many were opened with it.
    pub(super) fn count_in(&self) -> u64 {
        self.open.fetch_add(1, Relaxed);
        self.opened.fetch_add(1, Relaxed) + 1
    }

    /// Counts a connection out, unless [`claim_excess`](Self::claim_excess) has.
    pub(super) fn count_out(&self, claimed: bool, reason: Discard) {
        if !claimed {
            self.open.fetch_sub(1, Relaxed);
        }
        if let Some(count) = self.closed.get(reason as usize) {
            count.fetch_add(1, Relaxed);
        }
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
