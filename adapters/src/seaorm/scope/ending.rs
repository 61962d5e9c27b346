//! How a unit of work, or a scope inside of it, ends: on the server and in the books.

use ports::{DatabaseError, UnitOfWorkOptions, Verdict};
use sea_orm::sqlx;

use super::{Hook, RootGuard, Scope, levels, over, savepoint, undo};
use crate::seaorm::{backend::Backend, connection::Connection, engine::told, request::Script};

impl<B: Backend> Scope<B> {
    /// Ends a savepoint, and answers what became of it.
    pub(in crate::seaorm) async fn close(
        &self,
        level: u64,
        options: &UnitOfWorkOptions,
        verdict: Verdict,
    ) -> Result<Verdict, DatabaseError> {
        let mut floor = self.lock().await?;
        let inner = self.levels().close_inner_of(level)?;
        self.turn.notify_waiters();
        let connection = floor.connection()?;
        let failure = match verdict {
            Verdict::Commit if inner.is_empty() => self.settle(connection).await.err(),
            _ => (!inner.is_empty()).then(outlived),
        };
        drop(inner);
        let ended = match (verdict, failure) {
            (Verdict::Commit, None) => self.release(connection, options).await,
            (verdict, failure) => {
                self.rollback_to(connection, level, options).await;
                match (verdict, failure) {
                    (Verdict::Commit, Some(failure)) => Err(failure),
                    _ => Ok(Verdict::Rollback),
                }
            }
        };
        let popped = self
            .levels()
            .pop(level, matches!(ended, Ok(Verdict::Commit)));
        drop(popped);
        self.turn.notify_waiters();
        ended
    }

    /// Ends the transaction: the hooks that are now due, or `None` after a rollback.
    pub(in crate::seaorm) async fn finish(
        &self,
        verdict: Verdict,
    ) -> Result<Option<Vec<Hook>>, DatabaseError> {
        let mut guard = self.lock().await?;
        let inner = self.levels().close_inner_of(RootGuard::<B>::LEVEL)?;
        // Out of the scope from here on: if this future is dropped, so is the connection.
        let mut held = guard.take().ok_or_else(over)?;
        let connection = held.connection();
        let failure = match verdict {
            Verdict::Commit if inner.is_empty() => self.settle(connection).await.err(),
            _ => (!inner.is_empty()).then(outlived),
        };
        drop(inner);
        let closed = self.levels().end();
        self.turn.notify_waiters();
        let ended = match (verdict, failure) {
            (Verdict::Commit, None) => {
                let committed = self.commit(connection).await;
                committed.map(|()| Some(levels::hooks(closed)))
            }
            (Verdict::Commit, Some(failure)) => Err(failure),
            (Verdict::Rollback, _) => Ok(None),
        };
        if !matches!(ended, Ok(Some(_))) && !connection.is_dirty() {
            self.rollback(connection).await;
        }
        ended
    }

    /// Rolls everything back at once; the unit of work can not be committed any more.
    pub(in crate::seaorm) async fn forget(&self) -> Result<(), DatabaseError> {
        let mut guard = self.lock().await?;
        let Some(mut held) = guard.take() else {
            return Ok(());
        };
        let forgotten = self.levels().forget();
        drop(forgotten);
        self.turn.notify_waiters();
        if !held.connection().is_dirty() {
            self.rollback(held.connection()).await;
        }
        Ok(())
    }

    /// Keeps what was done since the savepoint of the innermost level.
    async fn release(
        &self,
        connection: &mut Connection<B>,
        options: &UnitOfWorkOptions,
    ) -> Result<Verdict, DatabaseError> {
        let (level, around) = self.levels().innermost();
        let modes = B::end_nested(options, &around, Verdict::Commit);
        let script = format!("RELEASE SAVEPOINT {}{modes}", savepoint(level));
        self.send(connection, Script::new(script)).await?;
        Ok(Verdict::Commit)
    }

    /// After this the failure is gone, unless the connection is.
    async fn rollback_to(
        &self,
        connection: &mut Connection<B>,
        level: u64,
        options: &UnitOfWorkOptions,
    ) {
        if connection.is_dirty() {
            return;
        }
        let (_, around) = self.levels().innermost();
        let modes = self.levels().left_behind().unwrap_or(*options);
        let script = undo(level) + &B::end_nested(&modes, &around, Verdict::Rollback);
        if self.send(connection, Script::new(script)).await.is_ok() {
            self.levels().recovered();
        }
    }

    async fn commit(&self, connection: &mut Connection<B>) -> Result<(), DatabaseError> {
        let script = Script::new(format!("COMMIT{}", self.aftermath()));
        match connection.run(script, self.engine.settings()).await {
            Ok(_) => {
                connection.set_in_transaction(false);
                Ok(())
            }
            Err(error) => {
                self.judge(connection, Some(&error));
                let answered = matches!(*error, sqlx::Error::Database(_));
                if answered && !B::is_lost(&error) {
                    Err(told(error))
                } else {
                    Err(DatabaseError::CommitOutcomeUnknown(error))
                }
            }
        }
    }

    async fn rollback(&self, connection: &mut Connection<B>) {
        let script = Script::new(format!("ROLLBACK{}", self.aftermath()));
        let done = connection.run(script, self.engine.settings()).await;
        // A rollback that fails leaves the flag up, and the connection is closed.
        connection.set_in_transaction(done.is_err());
    }

    /// What must follow COMMIT and ROLLBACK.
    pub(super) fn aftermath(&self) -> String {
        let asked = self.levels().asked();
        B::end(self.engine.config(), &asked)
    }
}

fn outlived() -> DatabaseError {
    DatabaseError::OutsideUnitOfWork(
        "a nested scope was still open when the scope around it ended: both were rolled back"
            .into(),
    )
}
