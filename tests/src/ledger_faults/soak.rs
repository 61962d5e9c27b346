//! Whether services, and threads of the blocking side, that do the same all the time take no more
//! of anything.

use std::{
    fmt, fs,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::time::sleep;

use super::{
    Outcome, Part, Plan,
    place::{OVERFLOW, POOL, Place},
    round::Load,
    threads::{self, THREADS},
    truth, whole,
};

/// How often it is looked, in the time that counts.
const LOOKS: u32 = 60;

/// The first part of the time does not count: pools, caches and allocators fill.
const WARM_UP: u32 = 3;

/// By how much the second half of what counts may be above the first.
const MEMORY_KIB: u64 = 6 << 10;
const MEMORY_PERCENT: u64 = 8;
const DESCRIPTORS: u64 = 8;
const MORE_THREADS: u64 = 2;

/// What a process has at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    memory_kib: u64,
    descriptors: u64,
    threads: u64,
    sessions: u64,
}

/// The medians of a process.
#[derive(Debug)]
struct Halves {
    name: String,
    first: Look,
    second: Look,
}

/// What came of it.
#[derive(Debug)]
pub struct Soaked {
    took: Duration,
    transfers: usize,
    processes: Vec<Halves>,
    /// What must not be.
    pub findings: Vec<String>,
}

/// Has a steady load for so long, with no faults, on services of their own.
pub async fn soak(plan: &Plan, length: Duration) -> Soaked {
    let begun = Instant::now();
    let place = Place::new(plan).await;
    place.hang_ups.store(0, Relaxed);
    let mut rng = Rng::with_seed(plan.seed);
    let load = Load::start(&place, plan.clients, &mut rng);
    let warm_up = length / WARM_UP;
    let pause = length.saturating_sub(warm_up) / LOOKS;
    sleep(warm_up).await;
    let processes = Process::all(&place);
    let mut looks = vec![Vec::new(); processes.len()];
    for _ in 0..LOOKS {
        let backends = place.database.backends().await;
        for (looks, process) in looks.iter_mut().zip(&processes) {
            let theirs = backends
                .iter()
                .filter(|one| one.application_name == process.name);
            if let Some(mut look) = look(process.pid) {
                look.sessions = theirs.count() as u64;
                looks.push(look);
            }
        }
        sleep(pause).await;
    }
    load.end(&place).await;
    whole::settle(&place).await;
    let counts = truth::check(&place).await;
    whole::check(&place).await;
    let mut halves = Vec::new();
    for (looks, process) in looks.iter().zip(processes) {
        if looks.is_empty() {
            place
                .book
                .find(format!("{}: this system has no /proc", process.name));
            continue;
        }
        let (first, second) = looks.split_at(looks.len() / 2);
        let both = Halves {
            name: process.name,
            first: Look::median(first),
            second: Look::median(second),
        };
        both.check(looks, process.places, |finding| place.book.find(finding));
        halves.push(both);
    }
    Soaked {
        took: begun.elapsed(),
        transfers: counts.acknowledged,
        processes: halves,
        findings: place.book.take_findings(),
    }
}

/// A process that is weighed.
struct Process {
    name: String,
    pid: u32,
    /// The most sessions that it may have.
    places: usize,
}

impl Process {
    fn all(place: &Place) -> Vec<Self> {
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

impl Halves {
    fn check(&self, looks: &[Look], places: usize, find: impl Fn(String)) {
        let (before, after) = (self.first, self.second);
        let memory = MEMORY_KIB.max(before.memory_kib * MEMORY_PERCENT / 100);
        for (what, before, after, more) in [
            ("KiB of memory", before.memory_kib, after.memory_kib, memory),
            (
                "descriptors",
                before.descriptors,
                after.descriptors,
                DESCRIPTORS,
            ),
            ("threads", before.threads, after.threads, MORE_THREADS),
        ] {
            if after > before + more {
                find(format!("{}: {what}: {before}, then {after}", self.name));
            }
        }
        let most = looks.iter().map(|look| look.sessions).max().unwrap_or(0);
        if most > places as u64 {
            find(format!("{}: {most} sessions", self.name));
        }
    }
}

impl Look {
    fn median(looks: &[Self]) -> Self {
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
}

/// What the system says of a process.
fn look(pid: u32) -> Option<Look> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let number = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Look {
        memory_kib: number("VmRSS:")?,
        threads: number("Threads:")?,
        descriptors: fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64,
        sessions: 0,
    })
}

impl Soaked {
    /// In short.
    pub fn outcome(&self) -> Outcome {
        let (transfers, processes) = (self.transfers, self.processes.len());
        Outcome {
            part: Part::Soak,
            did: format!("{transfers} transfers, {processes} processes weighed"),
            took: self.took,
            findings: self.findings.clone(),
            notes: Vec::new(),
        }
    }

    /// All of it.
    pub fn results(&self) -> String {
        format!("{self}\n\n{}", self.table())
    }

    /// A table with a row for each process: the medians of both halves of the time.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| process | memory, KiB | descriptors | threads | database sessions |\n\
             |---|--:|--:|--:|--:|\n",
        );
        for Halves {
            name,
            first,
            second,
        } in &self.processes
        {
            let both = |of: fn(&Look) -> u64| format!("{}, {}", of(first), of(second));
            let row = [
                name.clone(),
                both(|look| look.memory_kib),
                both(|look| look.descriptors),
                both(|look| look.threads),
                both(|look| look.sessions),
            ];
            text.extend(["| ", &row.join(" | "), " |\n"]);
        }
        text
    }
}

impl fmt::Display for Soaked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.findings.len() {
            0 => "passed: flat".to_owned(),
            found => format!("FELL SHORT: {found} findings"),
        };
        write!(
            f,
            "{verdict}. A steady load for {:.0?}, {} transfers. Medians of the first and of the \
             second half after the warm-up; allowed are {MEMORY_PERCENT} % or {MEMORY_KIB} KiB \
             more memory, {DESCRIPTORS} descriptors, {MORE_THREADS} threads, and never more than {} \
             sessions, {THREADS} of the blocking threads.",
            self.took,
            self.transfers,
            POOL + OVERFLOW
        )
    }
}
