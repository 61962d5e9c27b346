//! Session managers: where a repository gets the session of its scope.

use std::{future::Future, pin::Pin};

use async_trait::async_trait;

use crate::{DatabaseError, UnitOfWork, blocking};

/// Hands out the session of the current scope to async code.
///
/// A scope is a unit of work; outside of one, the session is the pool, and each
/// statement commits by itself. `Session` is an associated type, so that ports
/// stay free of the ORM: `dyn AsyncSessionManager<Session = S>` is what a
/// repository keeps.
#[doc(alias = "async_scoped_session")]
#[async_trait]
pub trait AsyncSessionManager: UnitOfWork {
    /// What repositories run their statements on.
    type Session: Send + Sync;

    /// The session of the current scope. Takes no connection and does no I/O:
    /// a connection is taken when a statement runs.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::OutsideUnitOfWork`] when the scope's unit of work has ended.
    #[doc(alias = "get_session")]
    fn session(&self) -> Result<Self::Session, DatabaseError>;

    /// Forgets the scope's session: what its unit of work has open is rolled back
    /// at once, and the unit of work can only end in
    /// [`DatabaseError::TransactionAborted`]. Outside of one, nothing happens.
    #[doc(alias = "scoped_session.remove")]
    async fn remove_session(&self) -> Result<(), DatabaseError>;
}

/// Hands out the session of the current scope to blocking code.
///
/// Every method answers [`DatabaseError::BlockingInAsyncContext`] when the
/// calling thread is driving async tasks.
#[doc(alias = "scoped_session")]
pub trait SessionManager: blocking::UnitOfWork {
    /// What repositories run their statements on.
    type Session: Send + Sync;

    /// The session of the current scope: the thread's unit of work, else the pool.
    #[doc(alias = "get_session")]
    fn session(&self) -> Result<Self::Session, DatabaseError>;

    /// Forgets the scope's session, as [`AsyncSessionManager::remove_session`] does.
    #[doc(alias = "scoped_session.remove")]
    fn remove_session(&self) -> Result<(), DatabaseError>;

    /// Runs a future to its end on the calling thread, on one connection of this
    /// manager. [`blocking::BlockOn::block_on`] is this with a result.
    fn drive(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) -> Result<(), DatabaseError>;
}
