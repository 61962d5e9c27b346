//! Histories on a database, with units of work and retries as the product has them.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use adapters::seaorm::{Backend, Manager};
use fastrand::Rng;
use futures_util::{FutureExt as _, StreamExt as _, future::join_all, stream};
use ports::{
    Atomic as _, DatabaseError, Isolation, UnitOfWorkOptions,
    blocking::{Atomic as _, BlockOn as _},
};

use super::{
    history::{Attempt, History, Key, Op, Outcome, Value},
    plan::{Ending, Plan, Step, Style, Unit},
    registers::Registers,
    report::Report,
};
use crate::polls::{Moment, drop_after};

/// How many histories run beside each other. They have nothing to do with each other.
const ABREAST: usize = 8;

/// About as long as a few statements.
const PAUSE: Duration = Duration::from_millis(1);

/// Runs so many histories at this isolation level, beginning with this seed.
pub async fn judged<B: Backend>(
    registers: &Registers<B>,
    isolation: Isolation,
    style: Style,
    seed: u64,
    count: usize,
) -> Report {
    let seeds = stream::iter((0..count as u64).map(|number| seed.wrapping_add(number)));
    let histories = seeds.map(|seed| async move {
        let plan = Plan::random(&mut Rng::with_seed(seed), style);
        let run = Run::begin(registers, &plan).await;
        let workers = plan.workers.iter().map(async |units| {
            for unit in units {
                run.unit(isolation, unit).await;
            }
        });
        join_all(workers).await;
        (seed, run.end().await, plan)
    });
    let mut report = Report::default();
    let mut histories = std::pin::pin!(histories.buffer_unordered(ABREAST));
    while let Some((seed, history, plan)) = histories.next().await {
        report.take(seed, plan, history);
    }
    report
}

/// The same on the blocking side: a thread for each worker.
pub fn judged_blocking<B: Backend>(
    manager: &Manager<B>,
    isolation: Isolation,
    style: Style,
    seed: u64,
    count: usize,
) -> Report {
    let registers = Registers::new(manager.as_async());
    let mut report = Report::default();
    for seed in (0..count as u64).map(|number| seed.wrapping_add(number)) {
        let plan = Plan::random(&mut Rng::with_seed(seed), style);
        let run = manager.block_on(Run::begin(&registers, &plan));
        let run = run.expect("a connection");
        let running = &run;
        std::thread::scope(|scope| {
            for units in &plan.workers {
                scope.spawn(move || {
                    for unit in units {
                        running.unit_blocking(manager, isolation, unit);
                    }
                });
            }
        });
        let history = manager.block_on(run.end()).expect("a connection");
        report.take(seed, plan, history);
    }
    report
}

/// One history that is running.
struct Run<'r, B: Backend> {
    registers: &'r Registers<B>,
    first: i64,
    count: usize,
    next: AtomicU32,
    attempts: Mutex<Vec<Attempt>>,
}

impl<'r, B: Backend> Run<'r, B> {
    async fn begin(registers: &'r Registers<B>, plan: &Plan) -> Self {
        static NEXT: AtomicI64 = AtomicI64::new(0);
        let count = plan.registers;
        let first = NEXT.fetch_add(16, Relaxed);
        let ids = first..first + i64::try_from(count).expect("a few");
        registers.open(ids).await.expect("empty registers");
        Self {
            registers,
            first,
            count,
            next: AtomicU32::new(1),
            attempts: Mutex::default(),
        }
    }

    async fn end(&self) -> History {
        // In one statement: a commit that nobody waits for any more may still be on its way.
        let ids = self.id(0)..self.id(self.count);
        let stored = self.registers.look(ids).await.expect("the lists");
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        History {
            attempts: std::mem::take(&mut attempts),
            stored,
        }
    }

    async fn unit(&self, isolation: Isolation, unit: &Unit) {
        let seen = Seen::default();
        let options = UnitOfWorkOptions::new().isolation(isolation);
        let work = || self.attempt(unit, &seen).boxed();
        let running = self.registers.manager().atomic_with(options, work);
        let ended = match unit.ending {
            Ending::Dropped(polls) => drop_after(polls, Moment::Waiting, running).await,
            Ending::Commit | Ending::GiveUp => Some(running.await),
        };
        self.note(seen, ended);
    }

    fn unit_blocking(&self, manager: &Manager<B>, isolation: Isolation, unit: &Unit) {
        let seen = Seen::default();
        let options = UnitOfWorkOptions::new().isolation(isolation);
        let work = || manager.block_on(self.attempt(unit, &seen))?;
        let ended = match unit.ending {
            // A thread can not be dropped: a part of what it drives can.
            Ending::Dropped(polls) => manager.atomic_with(options, || {
                let part = drop_after(polls, Moment::Waiting, self.attempt(unit, &seen));
                match manager.block_on(part)? {
                    Some(ended) => ended,
                    None => Err(gave_up()),
                }
            }),
            Ending::Commit | Ending::GiveUp => manager.atomic_with(options, work),
        };
        self.note(seen, Some(ended));
    }

    /// Puts down what became of a unit of work.
    fn note(&self, seen: Seen, ended: Option<Result<(), DatabaseError>>) {
        let mut attempts = seen.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = attempts.last_mut() {
            last.outcome = match ended {
                Some(Ok(())) => Outcome::Committed,
                None | Some(Err(DatabaseError::CommitOutcomeUnknown(_))) => Outcome::Unknown,
                Some(Err(error)) => {
                    assert!(is_expected(&error), "a unit of work ends in {error:?}");
                    Outcome::RolledBack
                }
            };
        }
        let mut all = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(attempts);
    }

    /// The work of a unit of work, each time that it is run.
    async fn attempt(&self, unit: &Unit, seen: &Seen) -> Result<(), DatabaseError> {
        seen.begin();
        for step in &unit.steps {
            self.step(*step, seen).await?;
        }
        match unit.ending {
            Ending::GiveUp => Err(gave_up()),
            Ending::Commit | Ending::Dropped(_) => Ok(()),
        }
    }

    async fn step(&self, step: Step, seen: &Seen) -> Result<(), DatabaseError> {
        let manager = self.registers.manager();
        match step {
            Step::Read(key) => {
                let list = self.registers.read(self.id(key)).await?;
                seen.note(Op::Read(key, list));
            }
            Step::Lock(key) => {
                let list = self.registers.lock(self.id(key)).await?;
                seen.note(Op::Read(key, list));
            }
            Step::Append(key) => self.append(key, seen).await?,
            Step::Pause => tokio::time::sleep(PAUSE).await,
            Step::ReadThenWrite(key) => {
                let mut list = self.registers.read(self.id(key)).await?;
                seen.note(Op::Read(key, list.clone()));
                let value = self.value();
                list.push(value);
                seen.note(Op::Append(key, value));
                self.registers.write(self.id(key), &list).await?;
            }
            Step::Nested(key) => {
                let work = || self.append(key, seen).boxed();
                manager.atomic(work).await?;
            }
            Step::Undone(key) => {
                let value = self.value();
                seen.note(Op::Undone(key, value));
                let work = || {
                    async move {
                        self.registers.append(self.id(key), value).await?;
                        Err::<(), _>(gave_up())
                    }
                    .boxed()
                };
                match manager.atomic(work).await {
                    Err(DatabaseError::InvalidQuery(_)) => {}
                    other => other?,
                }
            }
        }
        Ok(())
    }

    async fn append(&self, key: Key, seen: &Seen) -> Result<(), DatabaseError> {
        let value = self.value();
        seen.note(Op::Append(key, value));
        self.registers.append(self.id(key), value).await
    }

    fn value(&self) -> Value {
        self.next.fetch_add(1, Relaxed)
    }

    fn id(&self, key: Key) -> i64 {
        self.first + i64::try_from(key).expect("a few")
    }
}

/// The attempts of one unit of work so far.
#[derive(Default)]
struct Seen(Mutex<Vec<Attempt>>);

impl Seen {
    fn begin(&self) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.push(Attempt {
            ops: Vec::new(),
            outcome: Outcome::RolledBack,
        });
    }

    fn note(&self, op: Op) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(attempt) = attempts.last_mut() {
            attempt.ops.push(op);
        }
    }
}

fn gave_up() -> DatabaseError {
    DatabaseError::invalid_query("gave up")
}

/// Conflicts that went on for too long, and what was given up on purpose.
const fn is_expected(error: &DatabaseError) -> bool {
    matches!(
        error,
        DatabaseError::Serialization(_)
            | DatabaseError::Deadlock(_)
            | DatabaseError::TransactionAborted(_)
            | DatabaseError::InvalidQuery(_)
    )
}
