//! What a process has of the system.

use std::{collections::BTreeMap, fs, sync::Mutex, time::Duration};

use tokio::time::sleep;

use super::{
    book::lock,
    place::{OVERFLOW, POOL, Place},
    threads::{self, THREADS},
    whole::{PATIENCE, until},
};

/// What a process may have more of, a while later.
pub(super) const DESCRIPTORS: u64 = 8;
pub(super) const MORE_THREADS: u64 = 2;

/// How soon a process has let go of connections that were closed.
const CLOSED: Duration = Duration::from_millis(200);

/// What a process has at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    pub(super) memory_kib: u64,
    pub(super) descriptors: u64,
    pub(super) threads: u64,
    pub(super) sessions: u64,
}

impl Look {
    /// What the system says of it, sessions aside; nothing where there is no `/proc`.
    pub(super) fn at(pid: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let number = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Some(Self {
            memory_kib: number("VmRSS:")?,
            threads: number("Threads:")?,
            descriptors: fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64,
            sessions: 0,
        })
    }

    pub(super) fn median(looks: &[Self]) -> Self {
        let of = |what: fn(&Self) -> u64| {
            let mut all: Vec<_> = looks.iter().map(what).collect();
            all.sort_unstable();
            all.get(all.len() / 2).copied().unwrap_or(0)
        };
        Self {
            memory_kib: of(|look| look.memory_kib),
            descriptors: of(|look| look.descriptors),
            threads: of(|look| look.threads),
            sessions: of(|look| look.sessions),
        }
    }

    /// What there is too much of now, memory and sessions aside.
    fn compare(self, now: Self) -> Result<(), String> {
        let descriptors = (self.descriptors, now.descriptors);
        let threads = (self.threads, now.threads);
        let is_right =
            descriptors.1 <= descriptors.0 + DESCRIPTORS && threads.1 <= threads.0 + MORE_THREADS;
        is_right.then_some(()).ok_or(format!(
            "{} descriptors, then {}; {} threads, then {}",
            descriptors.0, descriptors.1, threads.0, threads.1
        ))
    }
}

/// A process that is weighed.
pub(super) struct Process {
    pub(super) name: String,
    pub(super) pid: u32,
    /// The most sessions that it may have.
    pub(super) places: usize,
}

impl Process {
    pub(super) fn all(place: &Place) -> Vec<Self> {
        let services = place.services.iter().map(|service| Self {
            name: service.name.clone(),
            pid: service.pid(),
            places: POOL + OVERFLOW,
        });
        let threads = Self {
            name: threads::NAME.to_owned(),
            pid: place.threads.pid(),
            places: THREADS,
        };
        services.chain([threads]).collect()
    }
}

/// What each process had when it was weighed first.
#[derive(Default)]
pub(super) struct Weights(Mutex<BTreeMap<u32, Look>>);

/// Whether each process has no more than after its first round: what is lost with a connection
/// would add up. Nobody may be at work.
pub(super) async fn check(place: &Place) {
    place.caller.hang_up();
    sleep(CLOSED).await;
    for process in Process::all(place) {
        let Some(now) = Look::at(process.pid) else {
            continue;
        };
        let first = *lock(&place.weights.0).entry(process.pid).or_insert(now);
        let weighed = until(PATIENCE, async || {
            Look::at(process.pid).map_or(Ok(()), |now| first.compare(now))
        });
        if let Err(finding) = weighed.await {
            place
                .book
                .find(format!("{} has more and more: {finding}", process.name));
        }
    }
}
