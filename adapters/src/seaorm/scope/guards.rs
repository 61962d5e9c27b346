//! What ends a unit of work or a nested scope, one way or the other, when it is dropped.

use std::sync::Arc;

use ports::{DatabaseError, UnitOfWorkOptions, Verdict};

use super::{Backend, Hook, Scope};

/// An open transaction. Dropped before [`finish`](Self::finish) has answered, it is
/// rolled back, or its connection closed.
pub(crate) struct RootGuard<B: Backend> {
    scope: Arc<Scope<B>>,
    open: bool,
}

impl<B: Backend> RootGuard<B> {
    /// The level of the transaction itself.
    pub(crate) const LEVEL: u64 = 0;

    pub(super) const fn new(scope: Arc<Scope<B>>) -> Self {
        Self { scope, open: true }
    }

    pub(crate) const fn scope(&self) -> &Arc<Scope<B>> {
        &self.scope
    }

    /// Commits or rolls back.
    pub(crate) async fn finish(
        mut self,
        verdict: Verdict,
    ) -> Result<Option<Vec<Hook>>, DatabaseError> {
        let ended = self.scope.finish(verdict).await;
        self.open = false;
        if ended.is_err() {
            // The lock may not have been had: make sure that nothing stays open.
            self.scope.abandon();
        }
        ended
    }
}

impl<B: Backend> Drop for RootGuard<B> {
    fn drop(&mut self) {
        if self.open {
            self.scope.abandon();
        }
    }
}

/// An open savepoint. Dropped before [`close`](Self::close) has answered, it is
/// rolled back before the next statement of its unit of work.
pub(crate) struct LevelGuard<B: Backend> {
    scope: Arc<Scope<B>>,
    level: u64,
    options: UnitOfWorkOptions,
    open: bool,
}

impl<B: Backend> LevelGuard<B> {
    pub(super) const fn new(scope: Arc<Scope<B>>, level: u64, options: UnitOfWorkOptions) -> Self {
        Self {
            scope,
            level,
            options,
            open: true,
        }
    }

    pub(crate) const fn level(&self) -> u64 {
        self.level
    }

    pub(crate) const fn scope(&self) -> &Arc<Scope<B>> {
        &self.scope
    }

    /// Keeps or undoes what was done since the savepoint.
    pub(crate) async fn close(mut self, verdict: Verdict) -> Result<Verdict, DatabaseError> {
        let ended = self.scope.close(self.level, &self.options, verdict).await;
        self.open = false;
        if ended.is_err() {
            self.scope.abandon_level(self.level);
        }
        ended
    }
}

impl<B: Backend> Drop for LevelGuard<B> {
    fn drop(&mut self) {
        if self.open {
            self.scope.abandon_level(self.level);
        }
    }
}
