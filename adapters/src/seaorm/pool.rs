//! The pool: deadpool keeps the queue, these files decide what is fit to be in it.

mod discard;
mod keeper;
mod loan;
mod pulse;
mod tally;
mod wait;

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use deadpool::managed::{Object, Pool as Deadpool, PoolConfig, PoolError, QueueMode, Timeouts};
use futures_util::FutureExt as _;
use ports::DatabaseError;

pub(crate) use self::discard::Discard;
pub(super) use self::keeper::{open, ping};
use self::{keeper::Keeper, tally::Tally, wait::Wait};
pub(crate) use self::{
    loan::Pooled,
    pulse::{Alarm, Pulse},
};
use super::{backend::Backend, metrics::Snapshot};
use crate::blocking;

/// Without waiting for others to give a connection back.
const AT_ONCE: Timeouts = Timeouts::wait_millis(0);

/// What deadpool answers when it is asked for a connection.
type Got<B> = Result<Object<Keeper<B>>, PoolError<DatabaseError>>;

/// How full a pool is, and what it has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Connections that are open.
    pub size: usize,
    /// Open connections that nobody uses.
    pub idle: usize,
    /// Callers that wait for a connection.
    pub waiting: usize,
    /// The most connections that may be open, overflow included.
    pub max_size: usize,
    /// Connections opened so far.
    pub opened: u64,
    /// Connections closed so far.
    pub closed: u64,
}

/// What the metrics tell of a pool.
pub(crate) struct PoolFigures {
    pub(crate) status: PoolStatus,
    pub(crate) discarded: [(Discard, u64); Discard::ALL.len()],
    pub(crate) refused: u64,
    pub(crate) recycled: u64,
    pub(crate) timed_out: u64,
    pub(crate) waits: Snapshot,
}

/// Connections of one kind: all driven by the async runtime that uses them, or each
/// by a runtime of its own for blocking callers.
pub(super) struct Pool<B: Backend> {
    inner: Deadpool<Keeper<B>>,
    tally: Arc<Tally>,
    pulse: Arc<Pulse>,
    wait: Duration,
    keep: usize,
    max: usize,
}

impl<B: Backend> Pool<B> {
    pub(super) fn new(config: B::Config, blocking: bool) -> Result<Self, DatabaseError> {
        let settings = B::settings(&config).clone();
        let keep = settings.pool_size;
        let max = keep.saturating_add(settings.pool_max_overflow);
        let tally = Arc::new(Tally::new());
        let pulse = Arc::new(if blocking {
            Pulse::of_threads::<B>(&config, &tally)
        } else {
            Pulse::new()
        });
        let keeper = Keeper::new(config, blocking, Arc::clone(&tally), Arc::clone(&pulse));
        let mut limits = PoolConfig::new(max);
        limits.queue_mode = if settings.pool_lifo {
            QueueMode::Lifo
        } else {
            QueueMode::Fifo
        };
        let mut builder = Deadpool::builder(keeper).config(limits);
        if !blocking {
            // Without async there is no timer: the wait is then bounded by `wait_until`.
            let timeouts = Timeouts {
                wait: Some(settings.pool_timeout),
                ..Timeouts::new()
            };
            builder = builder
                .timeouts(timeouts)
                .runtime(deadpool::Runtime::Tokio1);
        }
        let inner = builder
            .build()
            .map_err(|error| DatabaseError::configuration(error.to_string()))?;
        Ok(Self {
            inner,
            tally,
            pulse,
            wait: settings.pool_timeout,
            keep,
            max,
        })
    }

    /// A connection that is clean and, as far as the settings ask, alive. Nobody waits for a
    /// server that is silent.
    pub(super) async fn get(&self) -> Result<Pooled<B>, DatabaseError> {
        if B::IS_REMOTE {
            self.pulse.check::<B>(self.config(), &self.tally).await?;
        }
        // What is there at once, as most is, is not worth a timer or a look at the clock.
        // Pinned where it is: it is large, and would be copied into whatever is around it.
        let mut getting = pin!(self.inner.timeout_get(&AT_ONCE));
        let first = poll_fn(|context| Poll::Ready(getting.as_mut().poll(context)));
        let got = match first.await {
            Poll::Ready(Err(PoolError::Timeout(_))) => {
                self.wait_for(Box::pin(self.inner.get()).as_mut()).await?
            }
            Poll::Ready(got) => {
                self.tally.waits.observe(Duration::ZERO);
                got
            }
            Poll::Pending => self.wait_for(getting).await?,
        };
        self.pooled(got)
    }

    /// Waits for a connection, for as long as there is a server.
    async fn wait_for(
        &self,
        getting: Pin<&mut impl Future<Output = Got<B>>>,
    ) -> Result<Got<B>, DatabaseError> {
        let _wait = Wait::begin(&self.tally.waits);
        if B::IS_REMOTE {
            let watched = self
                .pulse
                .watch::<B, _>(self.config(), &self.tally, getting);
            return watched.await;
        }
        Ok(getting.await)
    }

    /// As [`get`](Self::get), waiting on the calling thread.
    pub(super) fn get_blocking(&self) -> Result<Pooled<B>, DatabaseError> {
        if self.pulse.is_silent() {
            return Err(pulse::silent());
        }
        let wait = Wait::begin(&self.tally.waits);
        // Whether one is there, or can be opened: on this side that is known at once.
        let got = match self.inner.timeout_get(&AT_ONCE).now_or_never() {
            None | Some(Err(PoolError::Timeout(_))) => {
                blocking::wait_until(wait.since() + self.wait, self.inner.get())
            }
            got => got,
        };
        drop(wait);
        match got {
            Some(got) => self.pooled(got),
            None => Err(self.timed_out()),
        }
    }

    /// Has every connection that was last used before now tried before it is handed
    /// out again: one of them was found dead, and the others likely went with it.
    pub(super) fn suspect_all(&self) {
        self.tally.suspect_all();
    }

    /// Counts a connection that was replaced without a way through the pool.
    pub(super) fn count_replaced(&self) {
        self.tally.count_in();
        self.tally.count_out(false, Discard::Unknown);
    }

    pub(super) fn figures(&self) -> PoolFigures {
        PoolFigures {
            status: self.status(),
            discarded: self.tally.closed_by_reason(),
            refused: self.tally.refused(),
            recycled: self.tally.recycled(),
            timed_out: self.tally.timed_out(),
            waits: self.tally.waits.snapshot(),
        }
    }

    pub(super) fn status(&self) -> PoolStatus {
        let status = self.inner.status();
        PoolStatus {
            size: status.size,
            idle: status.available,
            waiting: status.waiting,
            max_size: self.max,
            opened: self.tally.opened(),
            closed: self.tally.closed(),
        }
    }

    /// Closes what is idle, and hands out no more.
    pub(super) fn close(&self) {
        self.inner.close();
    }

    pub(super) fn config(&self) -> &B::Config {
        self.inner.manager().config()
    }

    fn pooled(&self, got: Got<B>) -> Result<Pooled<B>, DatabaseError> {
        match got {
            Ok(object) => Ok(Pooled::new(object, self.keep)),
            Err(PoolError::Backend(error)) => Err(error),
            Err(PoolError::Timeout(_)) => Err(self.timed_out()),
            Err(other) => Err(DatabaseError::Connection(Arc::new(Closed(
                other.to_string(),
            )))),
        }
    }

    fn timed_out(&self) -> DatabaseError {
        self.tally.count_timed_out();
        DatabaseError::PoolTimeout {
            waited: self.wait,
            size: self.max,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the pool hands out no connections: {0}")]
struct Closed(String);
