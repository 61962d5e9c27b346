//! Whether services, and threads of the blocking side, that do the same all the time take no more
//! of anything.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::time::sleep;

use super::{
    Outcome, Part, Plan,
    attempt::attempt,
    log,
    place::{OVERFLOW, POOL, Place},
    round::Load,
    threads::THREADS,
    truth,
    weight::{DESCRIPTORS, Look, MORE_THREADS, Process},
    whole,
};

/// How often it is looked, in the time that counts.
const LOOKS: u32 = 60;

/// The first part of the time does not count: pools, caches and allocators fill.
const WARM_UP: u32 = 3;

/// How often it is looked again whether sessions that are too many are only leaving.
const LEAVING: u32 = 5;

/// By how much the second half of what counts may be above the first.
const MEMORY_KIB: u64 = 6 << 10;
const MEMORY_PERCENT: u64 = 8;

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
    seed: u64,
    took: Duration,
    transfers: usize,
    processes: Vec<Halves>,
    /// What must not be.
    pub findings: Vec<String>,
    /// Where the logs are, if something was found.
    notes: Vec<String>,
}

/// What everything but the load takes less time than.
const LONGEST: Duration = Duration::from_mins(5);

/// Has a steady load for so long, with no faults, on services of their own.
pub async fn soak(plan: &Plan, length: Duration) -> Soaked {
    let begun = Instant::now();
    let place = Place::new(plan).await;
    place.hang_ups.store(0, Relaxed);
    let soaked = carry_out(&place, plan, length);
    let (transfers, processes) = attempt(length + LONGEST, soaked)
        .await
        .unwrap_or_else(|why| {
            place.book.find(format!("the soak itself {why}"));
            (0, Vec::new())
        });
    let findings = place.book.take_findings();
    let notes = if findings.is_empty() {
        Vec::new()
    } else {
        log::keep(&place, plan.seed)
    };
    Soaked {
        seed: plan.seed,
        took: begun.elapsed(),
        transfers,
        processes,
        findings,
        notes,
    }
}

/// Answers how many transfers there were, and what the processes had.
async fn carry_out(place: &Arc<Place>, plan: &Plan, length: Duration) -> (usize, Vec<Halves>) {
    let mut rng = Rng::with_seed(plan.seed);
    let load = Load::start(place, plan.clients, &mut rng);
    let warm_up = length / WARM_UP;
    let pause = length.saturating_sub(warm_up) / LOOKS;
    sleep(warm_up).await;
    let processes = Process::all(place);
    let mut looks = vec![Vec::new(); processes.len()];
    for _ in 0..LOOKS {
        let backends = place.database.backends().await;
        for (looks, process) in looks.iter_mut().zip(&processes) {
            let theirs = backends
                .iter()
                .filter(|one| one.application_name == process.name);
            let mut sessions = theirs.count();
            // A place is free a moment before the session that had it is gone.
            for _ in 0..LEAVING {
                if sessions > process.places {
                    sleep(Duration::from_millis(50)).await;
                    sessions = whole::sessions(place, &process.name).await;
                }
            }
            if let Some(mut look) = Look::at(process.pid) {
                look.sessions = sessions as u64;
                looks.push(look);
            }
        }
        sleep(pause).await;
    }
    load.end(place).await;
    whole::settle(place).await;
    let counts = truth::check(place).await;
    let unserved = place.book.unserved.load(Relaxed);
    if unserved > 0 || counts.unclear > 0 {
        place.book.find(format!(
            "with nothing wrong, somebody was not served {unserved} times, and {} transfers are \
             unclear",
            counts.unclear
        ));
    }
    whole::check(place).await;
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
    (counts.acknowledged, halves)
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

impl Soaked {
    /// In short.
    pub fn outcome(&self) -> Outcome {
        let (transfers, processes) = (self.transfers, self.processes.len());
        Outcome {
            part: Part::Soak,
            did: format!("{transfers} transfers, {processes} processes weighed"),
            took: self.took,
            findings: self.findings.clone(),
            notes: self.notes.clone(),
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
            "{verdict}. A steady load for {:.0?}, seed {}, {} transfers. Medians of the first and of the \
             second half after the warm-up; allowed are {MEMORY_PERCENT} % or {MEMORY_KIB} KiB \
             more memory, {DESCRIPTORS} descriptors, {MORE_THREADS} threads, and never more than {} \
             sessions, {THREADS} of the blocking threads.",
            self.took,
            self.seed,
            self.transfers,
            POOL + OVERFLOW
        )
    }
}
