//! What has become of the units of work of an engine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use ports::{DatabaseError, UnitOfWorkOptions, Verdict};

use super::watch::{Watched, watch};
use crate::seaorm::metrics::{Histogram, Snapshot};

static LENGTHS: [Duration; 14] = [
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_mins(1),
];

/// How a unit of work has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Committed,
    RolledBack,
    /// Dropped, or ended by a panic, and rolled back for that.
    Abandoned,
    /// The connection was lost during COMMIT.
    Unknown,
}

impl Outcome {
    pub(crate) const ALL: [Self; 4] = [
        Self::Committed,
        Self::RolledBack,
        Self::Abandoned,
        Self::Unknown,
    ];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::RolledBack => "rolled_back",
            Self::Abandoned => "abandoned",
            Self::Unknown => "unknown",
        }
    }

    pub(super) const fn of(ended: &Result<Verdict, DatabaseError>) -> Self {
        match ended {
            Ok(Verdict::Commit) => Self::Committed,
            Ok(Verdict::Rollback) => Self::RolledBack,
            Err(error) => Self::of_failure(error),
        }
    }

    pub(in crate::seaorm) const fn of_failure(error: &DatabaseError) -> Self {
        match error {
            DatabaseError::CommitOutcomeUnknown(_) => Self::Unknown,
            _ => Self::RolledBack,
        }
    }
}

/// Why a unit of work is worth another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// 40001.
    Serialization,
    /// 40P01.
    Deadlock,
}

impl Conflict {
    pub(crate) const ALL: [Self; 2] = [Self::Serialization, Self::Deadlock];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Serialization => "serialization",
            Self::Deadlock => "deadlock",
        }
    }

    /// The conflict in this error, if it is one.
    pub(in crate::seaorm) fn of(error: &DatabaseError) -> Option<Self> {
        match error {
            DatabaseError::Serialization(_) => Some(Self::Serialization),
            DatabaseError::Deadlock(_) => Some(Self::Deadlock),
            DatabaseError::TransactionAborted(source) => source.downcast_ref().and_then(Self::of),
            _ => None,
        }
    }
}

/// Counts units of work. Nested scopes are none of their own.
pub(in crate::seaorm) struct Tally {
    begun: AtomicU64,
    ended: [AtomicU64; Outcome::ALL.len()],
    retried: [AtomicU64; Conflict::ALL.len()],
    long: AtomicU64,
    lengths: Histogram<{ LENGTHS.len() }>,
}

/// What was counted so far.
pub(crate) struct Figures {
    pub(crate) open: u64,
    pub(crate) ended: [(Outcome, u64); Outcome::ALL.len()],
    pub(crate) retried: [(Conflict, u64); Conflict::ALL.len()],
    pub(crate) long: u64,
    pub(crate) lengths: Snapshot,
}

impl Tally {
    pub(in crate::seaorm) const fn new() -> Self {
        Self {
            begun: AtomicU64::new(0),
            ended: [const { AtomicU64::new(0) }; Outcome::ALL.len()],
            retried: [const { AtomicU64::new(0) }; Conflict::ALL.len()],
            long: AtomicU64::new(0),
            lengths: Histogram::new(&LENGTHS),
        }
    }

    pub(super) fn count_retry(&self, conflict: Conflict) {
        if let Some(count) = self.retried.get(conflict as usize) {
            count.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn count_long(&self) {
        self.long.fetch_add(1, Relaxed);
    }

    pub(in crate::seaorm) fn figures(&self) -> Figures {
        // The ended ones first: what ends in between must not make the open ones negative.
        let mut ended = self.ended.iter().map(|count| count.load(Relaxed));
        let ended = Outcome::ALL.map(|outcome| (outcome, ended.next().unwrap_or(0)));
        let mut retried = self.retried.iter().map(|count| count.load(Relaxed));
        let over: u64 = ended.iter().map(|(_, count)| count).sum();
        Figures {
            open: self.begun.load(Relaxed).saturating_sub(over),
            ended,
            retried: Conflict::ALL.map(|conflict| (conflict, retried.next().unwrap_or(0))),
            long: self.long.load(Relaxed),
            lengths: self.lengths.snapshot(),
        }
    }
}

/// One unit of work, all of its attempts: counted from its first BEGIN to its end,
/// whichever way that comes.
pub(in crate::seaorm) struct Unit {
    tally: Arc<Tally>,
    options: UnitOfWorkOptions,
    limit: Duration,
    since: Option<(Instant, Option<Watched>)>,
}

impl Unit {
    pub(in crate::seaorm) const fn new(
        tally: Arc<Tally>,
        options: UnitOfWorkOptions,
        limit: Duration,
    ) -> Self {
        Self {
            tally,
            options,
            limit,
            since: None,
        }
    }

    /// Takes note of how BEGIN went: without one there is no unit of work.
    pub(in crate::seaorm) fn begun<T>(
        &mut self,
        begun: Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        match &begun {
            Ok(_) if self.since.is_none() => {
                let now = Instant::now();
                self.tally.begun.fetch_add(1, Relaxed);
                let watched = watch(now, self.limit, &self.tally, self.options.opened_at);
                self.since = Some((now, watched));
            }
            Ok(_) => {}
            Err(_) => self.count(Outcome::RolledBack),
        }
        begun
    }

    /// Takes note of its end.
    pub(in crate::seaorm) fn ended(mut self, outcome: Outcome) {
        self.count(outcome);
    }

    fn count(&mut self, outcome: Outcome) {
        let Some((since, watched)) = self.since.take() else {
            return;
        };
        drop(watched);
        self.tally.lengths.observe(since.elapsed());
        if let Some(count) = self.tally.ended.get(outcome as usize) {
            count.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        self.count(Outcome::Abandoned);
    }
}
