//! Whose turn it is to talk to the server, and what becomes of a unit of work that is
//! dropped.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use ports::{DatabaseError, Verdict};
use tokio::sync::MutexGuard;

use super::{
    Scope,
    custody::{Custody, Waiting},
    levels::Turn,
    over, undo,
};
use crate::seaorm::{
    backend::Backend,
    connection::Connection,
    engine::{Held, elsewhere, is_here, lock_within, out_of_turn},
    request::Script,
    settings::ResetOnReturn,
};

/// The longest wait for the rollback of a unit of work that was dropped.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(5);

impl<B: Backend> Scope<B> {
    /// The right to talk to the server at this level: waits for its turn, and makes
    /// sure that there is a transaction that can still be committed.
    pub(super) async fn floor(&self, level: u64) -> Result<Floor<'_, B>, DatabaseError> {
        loop {
            self.await_turn(level).await?;
            let mut floor = self.lock().await?;
            let turn = self.levels().turn(level);
            match turn {
                Turn::Over => return Err(over()),
                Turn::Inner => continue,
                Turn::Mine => {}
            }
            self.settle(floor.connection()?).await?;
            return Ok(floor);
        }
    }

    /// The connection, to oneself.
    pub(super) async fn lock(&self) -> Result<Floor<'_, B>, DatabaseError> {
        if !is_here(self.driver.as_ref()) {
            return Err(elsewhere());
        }
        if self.streaming.load(Ordering::Acquire) {
            // Waiting for it could be waiting for the caller itself.
            return Err(DatabaseError::invalid_query(
                "a stream of the same unit of work is open: read it to its end, or drop it, \
                 before the next statement",
            ));
        }
        let waiting = Waiting::on(self);
        let guard = lock_within(&self.held, self.engine.patience()).await?;
        waiting.end();
        Ok(Floor {
            scope: self,
            guard: Some(guard),
        })
    }

    pub(super) async fn await_turn(&self, level: u64) -> Result<(), DatabaseError> {
        if self.levels().turn(level) != Turn::Inner {
            return Ok(());
        }
        let wait = async {
            loop {
                let notified = self.turn.notified();
                if self.levels().turn(level) != Turn::Inner {
                    return;
                }
                notified.await;
            }
        };
        tokio::time::timeout(self.engine.patience(), wait)
            .await
            .map_err(|_| out_of_turn())
    }

    /// Sees to it that the transaction can be continued, and be committed.
    ///
    /// What dropped inner scopes have left behind is rolled back, and with it a failure
    /// that they had met.
    pub(super) async fn settle(&self, connection: &mut Connection<B>) -> Result<(), DatabaseError> {
        let abandoned = self.levels().mendable();
        if let Some((id, modes)) = abandoned.filter(|_| !connection.is_dirty()) {
            let around = self.levels().in_force();
            let script = undo(id) + &B::end_nested(&modes, &around, Verdict::Rollback);
            self.send(connection, Script::new(script)).await?;
            self.levels().recovered();
        }
        let mut levels = self.levels();
        if connection.is_dirty() {
            levels.fail(DatabaseError::query(Abandoned));
        }
        levels.health()
    }

    /// Ends the unit of work without a word to the server, from a `drop`.
    pub(super) fn abandon(&self) {
        self.end(|| {
            let ended = self.levels().end();
            drop(ended);
            self.turn.notify_waiters();
        });
    }

    /// Marks a level that was dropped; the next statement rolls it back first.
    pub(super) fn abandon_level(&self, level: u64) {
        let abandoned = self.levels().abandon(level);
        drop(abandoned);
        self.turn.notify_waiters();
    }

    /// Whether somebody has the connection, or it was not given back.
    pub(in crate::seaorm) fn is_held(&self) -> bool {
        let Ok(held) = self.held.try_lock() else {
            return true;
        };
        let is_held = held.is_some();
        self.leave(held);
        is_held
    }
}

impl<B: Backend> Custody for Scope<B> {
    type Held = Held<B>;

    fn is_over(&self) -> bool {
        self.levels().is_over()
    }

    fn try_take(&self) -> Option<Held<B>> {
        self.held.try_lock().ok().and_then(|mut held| held.take())
    }

    /// Rolls back first, if that is wanted: else the connection is closed.
    fn give_back(&self, mut held: Held<B>) {
        let wanted = self.engine.settings().pool_reset_on_return == ResetOnReturn::Rollback;
        let possible = !self.engine.is_blocking() && !held.connection().is_dirty();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if wanted && possible {
            let engine = self.engine.clone();
            let script = Script::new(format!("ROLLBACK{}", self.aftermath()));
            runtime.spawn(async move {
                let connection = held.connection();
                let rollback = connection.run(script, engine.settings());
                // Nobody waits for this one, so nobody else would give up on it.
                let done = tokio::time::timeout(ROLLBACK_TIMEOUT, rollback).await;
                connection.set_in_transaction(!matches!(done, Ok(Ok(_))));
            });
        }
    }
}

/// The connection of a scope, while somebody has it to themselves. When the unit of
/// work has meanwhile ended, the last one to leave gives the connection back.
pub(super) struct Floor<'s, B: Backend> {
    scope: &'s Scope<B>,
    guard: Option<MutexGuard<'s, Option<Held<B>>>>,
}

impl<B: Backend> Floor<'_, B> {
    pub(super) fn connection(&mut self) -> Result<&mut Connection<B>, DatabaseError> {
        let held = self.guard.as_mut().and_then(|guard| guard.as_mut());
        held.map(Held::connection).ok_or_else(over)
    }

    pub(super) fn take(&mut self) -> Option<Held<B>> {
        self.guard.as_mut().and_then(|guard| guard.take())
    }
}

impl<B: Backend> Drop for Floor<'_, B> {
    fn drop(&mut self) {
        self.scope.leave(self.guard.take());
    }
}

/// The flag of an open stream, up for as long as this is there.
pub(super) struct Streaming<'s>(&'s AtomicBool);

impl<'s> Streaming<'s> {
    pub(super) fn begin(flag: &'s AtomicBool) -> Self {
        flag.store(true, Ordering::Release);
        Self(flag)
    }
}

impl Drop for Streaming<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a statement was abandoned before its answer had come")]
struct Abandoned;
