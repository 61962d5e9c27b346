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
use tokio::{task::JoinSet, time::sleep};

use super::{
    Fault, client, fault, import, place::Place, recovery, report::Round, threads::THREADS, truth,
    whole,
};

/// The time before the fault, and after everybody has recovered from it.
const CALM: Duration = Duration::from_millis(300);

/// How long clients may take to find out what became of their last orders.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs one round, with so many clients.
pub(super) async fn run(
    place: &Arc<Place>,
    number: usize,
    fault: Fault,
    clients: usize,
    rng: &mut Rng,
) -> Round {
    let begun = Instant::now();
    let load = Load::start(place, clients, rng);
    sleep(CALM).await;
    let imports = import::start(place, number, Instant::now() + CALM);
    let detail = fault.strike(place, rng).await.unwrap_or_else(|error| {
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
    let imports = imports.await.unwrap_or_default();
    load.end(place).await;
    whole::settle(place).await;
    let counts = truth::check(place).await;
    whole::check(place).await;
    // Nothing is wrong any more, and nobody else asks for anything.
    let unanswered = fault::replay(place).await;
    if unanswered > 0 {
        let finding = format!("{unanswered} answers of before were not given once more");
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
        imports,
        took: begun.elapsed(),
        findings: place.book.take_findings(),
    }
}

fn names(place: &Place) -> impl Iterator<Item = &str> {
    let services = place.services.iter().map(|service| service.name.as_str());
    services.chain(["threads"])
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

    /// Has everybody finish; whoever does not is left behind.
    pub(super) async fn end(mut self, place: &Place) {
        self.stop.store(true, Relaxed);
        let deadline = Instant::now() + PATIENCE;
        let joined = async {
            while let Some(client) = self.clients.join_next().await {
                if let Err(error) = client {
                    place
                        .book
                        .find(format!("a client: {}", told(error.into_panic())));
                }
            }
        };
        if tokio::time::timeout(PATIENCE, joined).await.is_err() {
            place
                .book
                .find("a client does not come to an end".to_owned());
        }
        for thread in self.threads {
            while !thread.is_finished() && Instant::now() < deadline {
                sleep(Duration::from_millis(10)).await;
            }
            if !thread.is_finished() {
                let finding = format!("a blocking call has held its thread for over {PATIENCE:?}");
                place.book.find(finding);
            } else if let Err(panic) = thread.join() {
                place.book.find(format!("a thread: {}", told(panic)));
            }
        }
    }
}

/// What a panic has said.
fn told(panic: Box<dyn std::any::Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast_ref::<&str>()
            .map_or_else(|| "a panic".to_owned(), ToString::to_string),
    }
}
