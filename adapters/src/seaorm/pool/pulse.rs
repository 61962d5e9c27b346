//! Whether the server is there at all.
//!
//! A server that refuses is known to be away at once. One that answers nothing, because its
//! machine is gone or packets are swallowed on the way, would hold each caller for as long as
//! connections may take to open, and statements for longer. So when nothing was heard of it for
//! a moment, although there was something to answer, it is asked: on a connection of its own,
//! which waits for no lock and in no queue. Only if that is not answered either, and nothing
//! else is meanwhile, nobody is made to wait for it any more until it answers. A server that is
//! busy always answers something.

mod question;
mod thread;

use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use ports::DatabaseError;
use tokio::time::timeout;

use question::Question;
pub(crate) use thread::Alarm;

use super::tally::Tally;
use crate::seaorm::backend::Backend;

/// How long it may be quiet before it is asked.
const DOUBT: Duration = Duration::from_millis(500);

/// How long it has for an answer, to whatever was asked.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a caller who waits looks up.
const TICK: Duration = Duration::from_millis(100);

/// What was heard of a server, and since when it owes an answer. Moments are microseconds
/// since the beginning; none of them is 0.
pub(crate) struct Pulse {
    epoch: Instant,
    heard: AtomicU64,
    /// Since when it is being asked, or 0.
    asked: AtomicU64,
    /// How long it has for an answer.
    patience: AtomicU64,
    statements: AtomicUsize,
    statements_since: AtomicU64,
    /// How it is asked from threads, which wait by themselves.
    asker: Option<thread::Asker>,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            heard: AtomicU64::new(1),
            asked: AtomicU64::new(0),
            patience: AtomicU64::new(micros(PATIENCE)),
            statements: AtomicUsize::new(0),
            statements_since: AtomicU64::new(1),
            asker: None,
        }
    }

    /// The same for connections that are driven by the threads that use them.
    pub(super) fn of_threads<B: Backend>(config: &B::Config, tally: &Arc<Tally>) -> Self {
        let asker = B::IS_REMOTE.then(|| thread::asker::<B>(config.clone(), Arc::clone(tally)));
        Self {
            asker,
            ..Self::new()
        }
    }

    /// The server has answered something.
    pub(crate) fn hear(&self, now: Instant) {
        self.heard.fetch_max(self.micros_at(now), Relaxed);
    }

    /// A connection was opened, in this time. A server that takes longer than others, and does
    /// answer, is given twice what it needs.
    pub(super) fn hear_of_new(&self, took: Duration) {
        let patience = took.saturating_mul(2).max(PATIENCE);
        self.patience.store(micros(patience), Relaxed);
        self.hear(Instant::now());
    }

    /// Counts a message that is to be answered, until the value is dropped.
    pub(crate) fn send(&self, now: Instant) -> Sent<'_> {
        if self.statements.fetch_add(1, Relaxed) == 0 {
            self.statements_since.store(self.micros_at(now), Relaxed);
        }
        Sent(self)
    }

    /// Whether nobody should wait for it.
    pub(super) fn is_silent(&self) -> bool {
        self.is_silent_for(Duration::ZERO)
    }

    /// The same, and for at least so long.
    fn is_silent_for(&self, least: Duration) -> bool {
        let asked = self.asked.load(Relaxed);
        if asked == 0 || self.heard.load(Relaxed) >= asked {
            return false;
        }
        let waited = self.micros_at(Instant::now()).saturating_sub(asked);
        waited >= self.patience.load(Relaxed).max(micros(least))
    }

    /// Whether it owes an answer to a statement for longer than is usual.
    fn is_quiet(&self) -> bool {
        self.statements.load(Relaxed) > 0
            && self.is_quiet_since(self.statements_since.load(Relaxed))
    }

    fn is_quiet_since(&self, owed: u64) -> bool {
        self.quiet_since(owed) >= micros(DOUBT)
    }

    fn quiet_since(&self, owed: u64) -> u64 {
        let last = self.heard.load(Relaxed).max(owed);
        self.micros_at(Instant::now()).saturating_sub(last)
    }

    /// Whether it was asked, and has not answered anything since.
    fn is_waited_for(&self) -> bool {
        let asked = self.asked.load(Relaxed);
        asked > 0 && self.heard.load(Relaxed) < asked
    }

    fn micros_at(&self, moment: Instant) -> u64 {
        micros(moment.saturating_duration_since(self.epoch)).max(1)
    }

    /// Has the server asked for a sign of life, unless it is being asked already.
    fn ask<B: Backend>(self: &Arc<Self>, config: &B::Config, tally: &Arc<Tally>) {
        let now = self.micros_at(Instant::now());
        let first = self.asked.compare_exchange(0, now, Relaxed, Relaxed);
        if first.is_ok() {
            let question = Question(Arc::downgrade(self));
            tokio::spawn(question.put::<B>(config.clone(), Arc::clone(tally)));
        }
    }

    /// Fails at once while the server is silent. When it owes answers for a while, whoever comes
    /// now waits until it is known to be there.
    pub(super) async fn check<B: Backend>(
        self: &Arc<Self>,
        config: &B::Config,
        tally: &Arc<Tally>,
    ) -> Result<(), DatabaseError> {
        if !self.is_waited_for() {
            if !self.is_quiet() {
                return Ok(());
            }
            self.ask::<B>(config, tally);
        }
        while self.is_waited_for() {
            if self.is_silent() {
                return Err(silent());
            }
            tokio::time::sleep(TICK / 10).await;
        }
        Ok(())
    }

    /// Waits for something of the server's, for as long as there is a server.
    pub(super) async fn watch<B: Backend, T>(
        self: &Arc<Self>,
        config: &B::Config,
        tally: &Arc<Tally>,
        mut waiting: Pin<&mut impl Future<Output = T>>,
    ) -> Result<T, DatabaseError> {
        let since = self.micros_at(Instant::now());
        loop {
            if let Ok(got) = timeout(TICK, waiting.as_mut()).await {
                return Ok(got);
            }
            if self.is_quiet_since(since) {
                self.ask::<B>(config, tally);
            }
            if self.is_silent() {
                return Err(silent());
            }
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A message that was not answered yet.
pub(crate) struct Sent<'p>(&'p Pulse);

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        self.0.statements.fetch_sub(1, Relaxed);
    }
}

pub(super) fn silent() -> DatabaseError {
    DatabaseError::Connection(Arc::new(silence()))
}

fn silence() -> io::Error {
    io::Error::new(
        io::ErrorKind::TimedOut,
        "the server does not answer at all; nobody waits for it until it does",
    )
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse")
            .field("heard", &self.heard)
            .field("asked", &self.asked)
            .field("statements", &self.statements)
            .finish_non_exhaustive()
    }
}
