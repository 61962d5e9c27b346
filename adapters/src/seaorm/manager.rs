//! The session managers: the ports on an engine.

use std::{future::Future, pin::Pin};

use async_trait::async_trait;
use ports::{
    AsyncSessionManager, DatabaseError, SessionManager, UnitOfWork, UnitOfWorkOptions, Verdict,
    blocking,
    unit_of_work::{Attempt, Hook},
};

use super::{
    backend::Backend,
    engine::Engine,
    error::while_connecting,
    pool::{self, PoolStatus},
    scope::Hook as DueHook,
    session::Session,
};

/// Sessions and units of work for async code. Cheap to clone; clones share the pool.
///
/// Opens its first connection when one is needed.
pub struct AsyncManager<B: Backend>(Engine<B>);

/// Sessions and units of work for blocking code: the same futures, run to their end on
/// the calling thread. Each connection is paired with a runtime of its own and the two
/// are checked out together. Cheap to clone; clones share the pool.
pub struct Manager<B: Backend>(Engine<B>);

impl<B: Backend> Clone for AsyncManager<B> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<B: Backend> Clone for Manager<B> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<B: Backend> AsyncManager<B> {
    pub(super) const fn engine(&self) -> &Engine<B> {
        &self.0
    }

    /// A manager of this database.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`]. The server is not asked yet.
    pub fn new(config: B::Config) -> Result<Self, DatabaseError> {
        Engine::new(config, false).map(Self)
    }

    /// Tries the connection: one round trip on a connection of the pool. Connections that
    /// have died in the pool are passed over: the question is whether the server is there.
    ///
    /// # Errors
    ///
    /// What taking a connection can fail with.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        loop {
            let mut held = self.0.take().await?;
            let connection = held.connection();
            let fresh = connection.is_fresh();
            match pool::ping(connection, self.0.settings()).await {
                Err(error) if fresh => return Err(while_connecting(error)),
                Err(_) => self.0.pool().suspect_all(),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// How full the pool is.
    pub fn status(&self) -> PoolStatus {
        self.0.status()
    }

    /// Closes idle connections and hands out no more. Those in use close when they
    /// come back.
    pub fn close(&self) {
        self.0.pool().close();
    }

    /// How the database is reached.
    pub fn config(&self) -> &B::Config {
        self.0.config()
    }
}

impl<B: Backend> Manager<B> {
    pub(super) const fn engine(&self) -> &Engine<B> {
        &self.0
    }

    /// A manager of this database, with a pool of its own.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`]. The server is not asked yet.
    pub fn new(config: B::Config) -> Result<Self, DatabaseError> {
        Engine::new(config, true).map(Self)
    }

    /// The same manager for async repositories: what they do inside of
    /// [`block_on`](ports::blocking::BlockOn::block_on) happens on this manager's
    /// connection, and in its unit of work. Elsewhere they answer
    /// [`DatabaseError::BlockingInAsyncContext`].
    pub fn as_async(&self) -> AsyncManager<B> {
        AsyncManager(self.0.clone())
    }

    /// How full the pool is.
    pub fn status(&self) -> PoolStatus {
        self.0.status()
    }

    /// Closes idle connections and hands out no more. Those in use close when they
    /// come back.
    pub fn close(&self) {
        self.0.pool().close();
    }

    /// How the database is reached.
    pub fn config(&self) -> &B::Config {
        self.0.config()
    }
}

#[async_trait]
impl<B: Backend> UnitOfWork for AsyncManager<B> {
    async fn run<'a>(
        &'a self,
        options: UnitOfWorkOptions,
        work: &'a (dyn Fn() -> Attempt<'a> + Send + Sync + 'a),
    ) -> Result<Verdict, DatabaseError> {
        self.0.run_unit(options, work).await
    }

    fn defer(&self, hook: Hook) -> Result<(), DatabaseError> {
        defer(&self.0, DueHook::Async(hook))
    }
}

#[async_trait]
impl<B: Backend> AsyncSessionManager for AsyncManager<B> {
    type Session = Session<B>;

    fn session(&self) -> Result<Session<B>, DatabaseError> {
        session(&self.0)
    }

    async fn remove_session(&self) -> Result<(), DatabaseError> {
        match self.0.scope() {
            Some((scope, _)) => scope.forget().await,
            None => Ok(()),
        }
    }
}

impl<B: Backend> blocking::UnitOfWork for Manager<B> {
    fn run(
        &self,
        options: UnitOfWorkOptions,
        work: &dyn Fn() -> Verdict,
    ) -> Result<Verdict, DatabaseError> {
        self.0.run_unit_blocking(options, work)
    }

    fn after_commit(&self, hook: blocking::Hook) -> Result<(), DatabaseError> {
        defer(&self.0, DueHook::Blocking(hook))
    }
}

impl<B: Backend> SessionManager for Manager<B> {
    type Session = Session<B>;

    fn session(&self) -> Result<Session<B>, DatabaseError> {
        crate::blocking::check()?;
        session(&self.0)
    }

    fn remove_session(&self) -> Result<(), DatabaseError> {
        crate::blocking::check()?;
        match self.0.scope() {
            Some((scope, _)) => self.0.drive(async move { scope.forget().await })?,
            None => Ok(()),
        }
    }

    fn drive(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) -> Result<(), DatabaseError> {
        self.0.drive(future)
    }
}

fn session<B: Backend>(engine: &Engine<B>) -> Result<Session<B>, DatabaseError> {
    match engine.scope() {
        Some((scope, level)) => {
            scope.check_open(level)?;
            Ok(Session::fixed(engine.clone(), scope, level))
        }
        None => Ok(engine.ambient_session()),
    }
}

fn defer<B: Backend>(engine: &Engine<B>, hook: DueHook) -> Result<(), DatabaseError> {
    match engine.scope() {
        Some((scope, level)) => scope.defer(level, hook),
        None => Err(DatabaseError::OutsideUnitOfWork(
            "there is no unit of work whose commit could be waited for".into(),
        )),
    }
}
