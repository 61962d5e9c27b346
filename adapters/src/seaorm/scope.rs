//! The state of one unit of work: its connection, its levels, and what went wrong.
//!
//! A level is the transaction itself or a savepoint inside it. Only the innermost
//! open level may talk to the server; everything else waits for its turn.

mod custody;
mod ending;
mod floor;
mod guards;
mod levels;

use std::sync::{
    Arc, Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError, Weak, atomic::AtomicBool,
};

use ports::{DatabaseError, UnitOfWorkOptions};
use sea_orm::{DbErr, sqlx};
use tokio::sync::{Mutex, Notify};

use floor::Streaming;
pub(super) use guards::{LevelGuard, RootGuard};
pub(super) use levels::Hook;
use levels::{Levels, Turn};

use super::{
    backend::{Backend, DriverError, refuse_stricter},
    connection::Connection,
    engine::{Engine, Held, told},
    guard::{self, Effect},
    request::{Request, Script},
    unit_of_work::Conflict,
};
use crate::blocking::Driver;

/// A unit of work that is, or was, open.
pub(crate) struct Scope<B: Backend> {
    engine: Engine<B>,
    options: UnitOfWorkOptions,
    /// Whoever runs the unit of work keeps the driver: a task that was left behind on
    /// it, and holds this, must not.
    driver: Option<Weak<Driver>>,
    held: Mutex<Option<Held<B>>>,
    levels: StdMutex<Levels>,
    turn: Notify,
    streaming: AtomicBool,
}

impl<B: Backend> Scope<B> {
    /// Begins a transaction, with all of its modes in one message.
    ///
    /// A pooled connection that turns out to be dead is thrown away and the next one
    /// taken: nothing was sent yet that could be lost.
    pub(super) async fn begin(
        engine: &Engine<B>,
        options: UnitOfWorkOptions,
    ) -> Result<RootGuard<B>, DatabaseError> {
        let script = B::begin(&options)?;
        loop {
            let held = engine.take().await?;
            if let Some(root) = Self::begin_on(engine, options, &script, held).await? {
                return Ok(root);
            }
        }
    }

    /// Begins on this connection; `None` if it was a stale one.
    pub(super) async fn begin_on(
        engine: &Engine<B>,
        options: UnitOfWorkOptions,
        script: &str,
        mut held: Held<B>,
    ) -> Result<Option<RootGuard<B>>, DatabaseError> {
        let connection = held.connection();
        let fresh = connection.is_fresh();
        connection.set_in_transaction(true);
        let begun = connection.run(Script::new(script), engine.settings()).await;
        engine.look_at(connection, begun.as_ref().err());
        match begun {
            Ok(_) => {}
            Err(error) if B::is_lost(&error) && !fresh => return Ok(None),
            Err(error) => return Err(told(error)),
        }
        let driver = connection.driver().map(Arc::downgrade);
        Ok(Some(RootGuard::new(Arc::new(Self {
            engine: engine.clone(),
            options,
            driver,
            held: Mutex::new(Some(held)),
            levels: StdMutex::new(Levels::new(options)),
            turn: Notify::new(),
            streaming: AtomicBool::new(false),
        }))))
    }

    pub(super) fn driver(&self) -> Option<Arc<Driver>> {
        self.driver.as_ref().and_then(Weak::upgrade)
    }

    /// The serialization failure or the deadlock that was met since BEGIN, if any was.
    pub(super) fn conflict(&self) -> Option<Conflict> {
        self.levels().conflict
    }

    /// Adds a hook to this level.
    pub(super) fn defer(&self, level: u64, hook: Hook) -> Result<(), DatabaseError> {
        self.levels().defer(level, hook)
    }

    /// Whether both levels are open, the one inside of the other.
    pub(super) fn is_inside(&self, inner: u64, outer: u64) -> bool {
        self.levels().is_inside(inner, outer)
    }

    /// Fails when the level is over.
    pub(super) fn check_open(&self, level: u64) -> Result<(), DatabaseError> {
        match self.levels().turn(level) {
            Turn::Over => Err(over()),
            Turn::Mine | Turn::Inner => Ok(()),
        }
    }

    /// Runs a request at this level.
    pub(super) async fn run<R: Request>(&self, level: u64, request: R) -> Result<R::Output, DbErr> {
        use super::error::db_err;
        let effect = guard::look(request.sql().as_str()).effect;
        if effect == Effect::ControlsTransaction {
            return Err(db_err(guard::refusal()));
        }
        let mut floor = self.floor(level).await.map_err(db_err)?;
        let connection = floor.connection().map_err(db_err)?;
        if effect == Effect::Taints {
            connection.taint();
        }
        let _streaming = R::HOLDS.then(|| Streaming::begin(&self.streaming));
        let result = connection.run(request, self.engine.settings()).await;
        match &result {
            Ok(_) => self.levels().proceeded(),
            Err(error) => self.judge(connection, Some(error)),
        }
        result.map_err(R::db_err)
    }

    /// Opens a savepoint inside of this level.
    pub(super) async fn open(
        self: &Arc<Self>,
        level: u64,
        options: UnitOfWorkOptions,
    ) -> Result<LevelGuard<B>, DatabaseError> {
        refuse_stricter(&options, B::isolation(self.engine.config(), &self.options))?;
        let mut floor = self.floor(level).await?;
        let around = self.levels().in_force();
        let modes = B::begin_nested(&options, &around)?;
        let id = self.levels().next_id();
        let script = format!("SAVEPOINT {}{modes}", savepoint(id));
        self.send(floor.connection()?, Script::new(script)).await?;
        self.levels().push(id, &options);
        Ok(LevelGuard::new(Arc::clone(self), id, options))
    }

    async fn send(
        &self,
        connection: &mut Connection<B>,
        script: Script,
    ) -> Result<(), DatabaseError> {
        let result = connection.run(script, self.engine.settings()).await;
        self.judge(connection, result.as_ref().err());
        result.map(drop).map_err(told)
    }

    /// Remembers an error that has aborted the transaction.
    ///
    /// SQLite would go on after most errors. A unit of work does not: the same code
    /// must mean the same on every database.
    fn judge(&self, connection: &Connection<B>, error: Option<&DriverError>) {
        let Some(error) = error else { return };
        self.engine.look_at(connection, Some(error));
        if matches!(**error, sqlx::Error::Database(_)) || B::is_lost(error) {
            self.levels().fail(told(Arc::clone(error)));
        }
    }

    fn levels(&self) -> StdMutexGuard<'_, Levels> {
        self.levels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Savepoints are ours, by name.
fn savepoint(id: u64) -> String {
    format!("hexacoral_{id}")
}

/// Rolls back to a savepoint and removes it: the former alone would leave it open.
fn undo(id: u64) -> String {
    let name = savepoint(id);
    format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
}

fn over() -> DatabaseError {
    DatabaseError::OutsideUnitOfWork(
        "the unit of work, or the nested scope, that this session belongs to has ended".into(),
    )
}
