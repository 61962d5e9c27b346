//! One database with its pool: what a session manager is a handle to.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ports::{DatabaseError, UnitOfWorkOptions};
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use super::{
    ambient::Surroundings,
    backend::{Backend, DriverError},
    connection::Connection,
    error::{db_err, from_driver},
    guard::{self, Effect, Look},
    metrics::{Figures, Source},
    pool::{self, Pool, PoolStatus, Pooled},
    request::Request,
    scope::Scope,
    session::Session,
    settings::SessionSettings,
    unit_of_work::{Tally, Unit},
};
use crate::blocking::Driver;

/// Shared by a manager, its sessions and its units of work. Cheap to clone.
pub(crate) struct Engine<B: Backend>(Arc<Inner<B>>);

struct Inner<B: Backend> {
    id: u64,
    pool: Pool<B>,
    units: Arc<Tally>,
    blocking: bool,
}

impl<B: Backend> Clone for Engine<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B: Backend> Engine<B> {
    /// An engine that opens its first connection when it is needed.
    pub(super) fn new(config: B::Config, blocking: bool) -> Result<Self, DatabaseError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Ok(Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            pool: Pool::new(config, blocking)?,
            units: Arc::new(Tally::new()),
            blocking,
        })))
    }

    pub(super) fn id(&self) -> u64 {
        self.0.id
    }

    pub(super) fn config(&self) -> &B::Config {
        self.0.pool.config()
    }

    pub(super) fn settings(&self) -> &SessionSettings {
        B::settings(self.config())
    }

    pub(super) fn is_blocking(&self) -> bool {
        self.0.blocking
    }

    pub(super) fn pool(&self) -> &Pool<B> {
        &self.0.pool
    }

    pub(super) fn status(&self) -> PoolStatus {
        self.0.pool.status()
    }

    /// What has become of units of work.
    pub(super) fn units(&self) -> &Arc<Tally> {
        &self.0.units
    }

    /// A unit of work that is about to begin, to be counted.
    pub(super) fn unit(&self, options: UnitOfWorkOptions) -> Unit {
        let limit = self.settings().long_unit_of_work;
        Unit::new(Arc::clone(self.units()), options, limit)
    }

    /// What the metrics tell of this engine, for as long as it is there.
    pub(super) fn source(&self) -> impl Source + 'static {
        let engine = Arc::downgrade(&self.0);
        move || {
            let engine = engine.upgrade()?;
            Some(Figures {
                pool: engine.pool.figures(),
                units: engine.units.figures(),
            })
        }
    }

    /// The unit of work around the caller, with the caller's level in it.
    pub(super) fn scope(&self) -> Option<(Arc<Scope<B>>, u64)> {
        Surroundings::find_current(self.id())
    }

    /// A session that finds its scope anew with each statement.
    pub(super) fn ambient_session(&self) -> Session<B> {
        Session::ambient(self.clone())
    }

    /// Runs a request on its own, to be committed by itself.
    pub(super) async fn run<R: Request>(&self, request: R) -> Result<R::Output, sea_orm::DbErr> {
        let Look { effect, reads_only } = guard::look(request.sql().as_str());
        if effect == Effect::ControlsTransaction {
            return Err(db_err(guard::refusal()));
        }
        let mut held = self.take().await.map_err(db_err)?;
        let connection = held.connection();
        let result = connection.run(request, self.settings()).await;
        if effect == Effect::Taints {
            connection.taint();
        }
        self.look_at(connection, result.as_ref().err());
        result.map_err(|error| {
            if B::is_lost(&error) && !reads_only {
                // The statement was its own commit.
                db_err(DatabaseError::CommitOutcomeUnknown(error))
            } else {
                R::db_err(error)
            }
        })
    }

    /// A connection for one statement or one unit of work.
    pub(super) async fn take(&self) -> Result<Held<B>, DatabaseError> {
        if !self.is_blocking() {
            return Ok(Held::Pooled(self.pool().get().await?));
        }
        let (slot, _) = Surroundings::find_current::<Slot<B>>(self.id())
            .ok_or(DatabaseError::BlockingInAsyncContext)?;
        slot.take(self).await.map(Held::Driven)
    }

    /// Draws the pool's attention to a dead connection.
    pub(super) fn look_at(&self, connection: &Connection<B>, error: Option<&DriverError>) {
        if connection.is_dirty() && error.is_some_and(|error| B::is_lost(error)) {
            self.pool().suspect_all();
        }
    }

    /// The longest that anything here waits for its turn.
    pub(super) fn patience(&self) -> Duration {
        self.settings().pool_timeout
    }
}

/// A connection that is held for a while.
pub(super) enum Held<B: Backend> {
    /// Straight from the pool.
    Pooled(Pooled<B>),
    /// The one that a blocking call has taken for all of its future.
    Driven(OwnedMutexGuard<Pooled<B>>),
}

impl<B: Backend> Held<B> {
    pub(super) fn connection(&mut self) -> &mut Connection<B> {
        match self {
            Self::Pooled(pooled) => pooled,
            Self::Driven(driven) => driven,
        }
    }
}

/// The connection of a blocking call, with the runtime that drives both it and the
/// future. It is taken once for the whole of the future; its statements and units of
/// work use it one after the other.
pub(super) struct Slot<B: Backend>(Arc<Mutex<Pooled<B>>>);

impl<B: Backend> Slot<B> {
    pub(super) fn new(pooled: Pooled<B>) -> Self {
        Self(Arc::new(Mutex::new(pooled)))
    }

    /// Whether nothing but this refers to the connection.
    pub(super) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    async fn wait(&self, patience: Duration) -> Result<OwnedMutexGuard<Pooled<B>>, DatabaseError> {
        let lock = Arc::clone(&self.0).lock_owned();
        tokio::time::timeout(patience, lock)
            .await
            .map_err(|_| DatabaseError::PoolTimeout {
                waited: patience,
                size: 1,
            })
    }

    async fn take(&self, engine: &Engine<B>) -> Result<OwnedMutexGuard<Pooled<B>>, DatabaseError> {
        let mut pooled = match Arc::clone(&self.0).try_lock_owned() {
            Ok(pooled) => pooled,
            Err(_) => self.wait(engine.patience()).await?,
        };
        if !pooled.driver().is_some_and(|driver| driver.is_current()) {
            return Err(elsewhere());
        }
        if !pooled.is_clean() {
            // Left behind by a dropped future: replaced under the same driver. Boxed, because it
            // is large and rare, and would be a part of every statement.
            let raw = Box::pin(pool::open::<B>(engine.config())).await?;
            pooled.replace(raw);
            engine.pool().count_replaced();
        }
        Ok(pooled)
    }
}

/// The refusal to use a connection away from the thread that drives it.
pub(super) fn elsewhere() -> DatabaseError {
    DatabaseError::OutsideUnitOfWork(
        "this session belongs to a blocking call on another thread".into(),
    )
}

/// Whether this driver, if there is one, is driving the calling thread.
pub(super) fn is_here(driver: Option<&Weak<Driver>>) -> bool {
    driver.is_none_or(|driver| driver.upgrade().is_some_and(|driver| driver.is_current()))
}

/// Locks what a unit of work holds, for as long as the engine's patience lasts.
pub(super) async fn lock_within<T>(
    mutex: &Mutex<T>,
    patience: Duration,
) -> Result<MutexGuard<'_, T>, DatabaseError> {
    if let Ok(guard) = mutex.try_lock() {
        return Ok(guard);
    }
    tokio::time::timeout(patience, mutex.lock())
        .await
        .map_err(|_| out_of_turn())
}

/// The refusal of something that waited for its turn for too long.
pub(super) fn out_of_turn() -> DatabaseError {
    DatabaseError::OutsideUnitOfWork(
        "a nested scope or a statement of the same unit of work did not end in time".into(),
    )
}

/// A driver's error in the words of the ports.
pub(super) fn told(error: DriverError) -> DatabaseError {
    from_driver(error)
}
