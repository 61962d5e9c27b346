//! The load: workers that do the same operation again and again.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{
    blocking::{Blocking, BlockingWorker},
    contender::{Contender, Worker},
    operation::{Jobs, Operation, Versions},
};

/// What a round consists of.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) operation: Operation,
    pub(crate) workers: usize,
    /// Whether the server is far.
    pub(crate) delayed: bool,
    pub(crate) length: Length,
    pub(crate) seed: u64,
    pub(crate) versions: Versions,
}

#[derive(Clone, Copy)]
pub(crate) enum Length {
    For(Duration),
    /// Each worker this often.
    Times(u64),
}

/// Where a contender is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// Tasks on one runtime.
    Async,
    /// Threads.
    Sync,
    /// `pgbench`, which is a program of its own.
    Limit,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Async => "async",
            Self::Sync => "sync",
            Self::Limit => "limit",
        })
    }
}

/// A contender with its workers.
pub(crate) trait Runner {
    fn name(&self) -> &'static str;

    fn side(&self) -> Side;

    /// Whether there can be so many workers.
    fn fits(&self, workers: usize) -> bool;

    /// One round: operations per second of all workers together.
    fn run(&self, load: &Load) -> f64;
}

/// A contender whose workers are tasks.
pub(crate) struct Tasks<C> {
    pub(crate) contender: C,
    pub(crate) runtime: Handle,
}

impl<C: Contender> Runner for Tasks<C> {
    fn name(&self) -> &'static str {
        self.contender.name()
    }

    fn side(&self) -> Side {
        Side::Async
    }

    fn fits(&self, workers: usize) -> bool {
        workers <= self.contender.most_workers()
    }

    fn run(&self, load: &Load) -> f64 {
        let end = End::of(load);
        let begun = Instant::now();
        let done = self.runtime.block_on(async {
            let tasks: Vec<_> = (0..load.workers)
                .map(|number| {
                    let worker = self.contender.worker(number);
                    tokio::spawn(work(
                        worker,
                        jobs(load, number),
                        load.operation,
                        end.clone(),
                    ))
                })
                .collect();
            if let Length::For(time) = load.length {
                tokio::time::sleep(time).await;
                end.now();
            }
            let mut done = 0;
            for task in tasks {
                done += task.await.unwrap();
            }
            done
        });
        rate(done, begun.elapsed())
    }
}

async fn work<W: Worker>(mut worker: W, mut jobs: Jobs, operation: Operation, end: End) -> u64 {
    let mut done = 0;
    while !end.is_reached(done) {
        worker.work(operation, &mut jobs).await;
        done += 1;
    }
    done
}

/// A contender whose workers are threads.
pub(crate) struct Threads<B>(pub(crate) B);

impl<B: Blocking> Runner for Threads<B> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn side(&self) -> Side {
        Side::Sync
    }

    fn fits(&self, workers: usize) -> bool {
        workers <= self.0.most_workers()
    }

    fn run(&self, load: &Load) -> f64 {
        let end = End::of(load);
        let begun = Instant::now();
        let done = thread::scope(|scope| {
            let threads: Vec<_> = (0..load.workers)
                .map(|number| {
                    let (worker, end) = (self.0.worker(number), &end);
                    scope.spawn(move || {
                        work_blocking(worker, jobs(load, number), load.operation, end)
                    })
                })
                .collect();
            if let Length::For(time) = load.length {
                thread::sleep(time);
                end.now();
            }
            let done = threads.into_iter().map(|thread| thread.join().unwrap());
            done.sum()
        });
        rate(done, begun.elapsed())
    }
}

fn work_blocking<W: BlockingWorker>(
    mut worker: W,
    mut jobs: Jobs,
    operation: Operation,
    end: &End,
) -> u64 {
    let mut done = 0;
    while !end.is_reached(done) {
        worker.work(operation, &mut jobs);
        done += 1;
    }
    done
}

fn jobs(load: &Load, worker: usize) -> Jobs {
    Jobs::new(load.seed, worker, load.workers, Arc::clone(&load.versions))
}

/// When workers stop.
#[derive(Clone)]
struct End {
    is_now: Arc<AtomicBool>,
    times: u64,
}

impl End {
    fn of(load: &Load) -> Self {
        Self {
            is_now: Arc::default(),
            times: match load.length {
                Length::For(_) => u64::MAX,
                Length::Times(times) => times,
            },
        }
    }

    fn now(&self) {
        self.is_now.store(true, Relaxed);
    }

    fn is_reached(&self, done: u64) -> bool {
        done >= self.times || self.is_now.load(Relaxed)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "far fewer operations than a double holds"
)]
pub(crate) fn rate(done: u64, time: Duration) -> f64 {
    done as f64 / time.as_secs_f64()
}

/// In which order so many contenders take their turns in this round: nobody always comes after
/// the same one.
pub(crate) fn turns(round: usize, contenders: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..contenders).collect();
    fastrand::Rng::with_seed(round as u64).shuffle(&mut order);
    order
}
