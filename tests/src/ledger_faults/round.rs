//! One fault under load, and all that is looked at afterwards.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::{
    task::{JoinSet, block_in_place},
    time::{sleep, timeout},
};

use super::{
    Fault,
    attempt::{attempt, reason, told},
    client, import,
    place::Place,
    recovery, replay,
    report::Round,
    threads::{NAME, THREADS},
    truth, whole,
};

/// The time before the fault, and after everybody has recovered from it.
const CALM: Duration = Duration::from_millis(300);

/// How long clients may take to find out what became of their last orders.
const PATIENCE: Duration = Duration::from_mins(1);

/// What everything that is waited for in a round has less time than.
const LONGEST: Duration = Duration::from_mins(5);

/// Runs one round, with so many clients. One that panics or does not end is the last.
pub(super) async fn run(
    place: &Arc<Place>,
    number: usize,
    fault: Fault,
    clients: usize,
    rng: Rng,
) -> Round {
    let begun = Instant::now();
    let round = carry_out(place, number, fault, clients, rng);
    let mut round = match attempt(LONGEST, round).await {
        Ok(round) => round,
        Err(why) => Round::cut_short(number, fault, &why),
    };
    round.findings.extend(place.book.take_findings());
    round.took = begun.elapsed();
    round
}

async fn carry_out(
    place: &Arc<Place>,
    number: usize,
    fault: Fault,
    clients: usize,
    mut rng: Rng,
) -> Round {
    let load = Load::start(place, clients, &mut rng);
    sleep(CALM).await;
    let imports = import::start(place, number, Instant::now() + CALM);
    let detail = fault.strike(place, &mut rng).await.unwrap_or_else(|error| {
        let finding = format!("the fault itself failed: {error}");
        place.book.find(finding.clone());
        finding
    });
    let recovery = recovery::measure(place).await;
    for (took, whose) in recovery.iter().zip(names(place)) {
        if *took > recovery::LIMIT {
            place
                .book
                .find(format!("{whose} took {took:.1?} to recover"));
        }
    }
    sleep(CALM).await;
    if let Err(error) = imports.await {
        place.book.find(format!("the imports: {}", reason(error)));
    }
    let have_ended = load.end(place).await;
    whole::settle(place).await;
    // Nothing is wrong any more, and nobody else asks for anything.
    block_in_place(|| import::in_the_calm(place, number));
    let counts = truth::check(place).await;
    whole::check(place).await;
    let replays = replay::all(place).await;
    if replays.unanswered > 0 {
        let finding = format!(
            "{} answers of before were not given once more",
            replays.unanswered
        );
        place.book.find(finding);
    }
    Round {
        number,
        fault,
        detail,
        recovery,
        acknowledged: counts.acknowledged,
        refused: counts.refused,
        unclear: counts.unclear,
        unclear_stored: counts.unclear_stored,
        replayed: place.book.replayed.swap(0, Relaxed),
        read: place.book.read.swap(0, Relaxed),
        imports: counts.imports,
        took: Duration::ZERO,
        findings: Vec::new(),
        is_last: !have_ended,
    }
}

fn names(place: &Place) -> impl Iterator<Item = &str> {
    let services = place.services.iter().map(|service| service.name.as_str());
    services.chain([NAME])
}

/// Clients at work.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<()>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Load {
    pub(super) fn start(place: &Arc<Place>, clients: usize, rng: &mut Rng) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            let client = client::over_http(place.clone(), rng.fork(), stop.clone());
            tasks.spawn(client);
        }
        let threads = (0..THREADS).map(|_| {
            let (place, stop, rng) = (Arc::clone(place), Arc::clone(&stop), rng.fork());
            thread::spawn(move || client::on_thread(&place, rng, &stop))
        });
        Self {
            threads: threads.collect(),
            stop,
            clients: tasks,
        }
    }

    /// Has everybody finish; whoever does not is left behind. Answers whether all did.
    pub(super) async fn end(mut self, place: &Place) -> bool {
        self.stop.store(true, Relaxed);
        let mut have_ended = true;
        let deadline = Instant::now() + PATIENCE;
        let joined = async {
            while let Some(client) = self.clients.join_next().await {
                if let Err(error) = client {
                    place.book.find(format!("a client: {}", reason(error)));
                }
            }
        };
        if timeout(PATIENCE, joined).await.is_err() {
            have_ended = false;
            place
                .book
                .find("a client does not come to an end".to_owned());
        }
        for thread in std::mem::take(&mut self.threads) {
            while !thread.is_finished() && Instant::now() < deadline {
                sleep(Duration::from_millis(10)).await;
            }
            if !thread.is_finished() {
                have_ended = false;
                let finding = format!("a blocking call has held its thread for over {PATIENCE:?}");
                place.book.find(finding);
            } else if let Err(panic) = thread.join() {
                place.book.find(format!("a thread: {}", told(panic)));
            }
        }
        have_ended
    }
}

impl Drop for Load {
    /// Threads do not end with what has started them.
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}
