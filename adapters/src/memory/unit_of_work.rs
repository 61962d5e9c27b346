//! Units of work on tables in memory.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc};

use async_trait::async_trait;
use futures_util::FutureExt as _;
use ports::{
    DatabaseError, UnitOfWorkOptions, Verdict, blocking,
    unit_of_work::{Attempt, Hook as AsyncHook},
};

use super::store::{Level, MemoryStore, lock};
use crate::blocking::Driver;

/// Units of work on a [`MemoryStore`], for async and for blocking code. Those of one store run
/// one after the other, so none ever has to be run again.
pub struct MemoryUnitOfWork<T>(MemoryStore<T>);

/// Work that is due after the outermost commit.
pub(super) enum Hook {
    Async(AsyncHook),
    Blocking(blocking::Hook),
}

tokio::task_local! {
    static CURRENT: Arc<Node>;
}

/// One entry of the chain of scopes around the caller, the innermost first.
struct Node {
    store: usize,
    level: Arc<dyn Any + Send + Sync>,
    outer: Option<Arc<Node>>,
}

impl<T> MemoryUnitOfWork<T> {
    /// Units of work on this store.
    pub const fn new(store: MemoryStore<T>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl<T: Clone + Send + Sync + 'static> ports::UnitOfWork for MemoryUnitOfWork<T> {
    async fn run<'a>(
        &'a self,
        options: UnitOfWorkOptions,
        work: &'a (dyn Fn() -> Attempt<'a> + Send + Sync + 'a),
    ) -> Result<Verdict, DatabaseError> {
        let outer = self.0.current();
        // Dropped without `end`, by a panic or with its future, the inner level is forgotten.
        let turn = outer.turn.lock().await;
        let inner = begin(&outer, options)?;
        let verdict = self
            .inside(&inner, |node| CURRENT.scope(node, async { work().await }))
            .await;
        let hooks = end(&outer, &inner, verdict)?;
        drop(turn);
        for hook in hooks.unwrap_or_default() {
            match hook {
                Hook::Async(hook) => contain(AssertUnwindSafe(hook()).catch_unwind().await),
                Hook::Blocking(hook) => contain(std::panic::catch_unwind(AssertUnwindSafe(hook))),
            }
        }
        Ok(verdict)
    }

    fn defer(&self, hook: AsyncHook) -> Result<(), DatabaseError> {
        self.push(Hook::Async(hook))
    }
}

impl<T: Clone + Send + Sync + 'static> blocking::UnitOfWork for MemoryUnitOfWork<T> {
    fn run(
        &self,
        options: UnitOfWorkOptions,
        work: &dyn Fn() -> Verdict,
    ) -> Result<Verdict, DatabaseError> {
        crate::blocking::check()?;
        let outer = self.0.current();
        let turn = outer.turn.blocking_lock();
        let inner = begin(&outer, options)?;
        let verdict = self.inside(&inner, |node| CURRENT.sync_scope(node, work));
        let hooks = end(&outer, &inner, verdict)?;
        drop(turn);
        for hook in hooks.unwrap_or_default() {
            let run = || match hook {
                Hook::Async(hook) => drive(hook()),
                Hook::Blocking(hook) => hook(),
            };
            contain(std::panic::catch_unwind(AssertUnwindSafe(run)));
        }
        Ok(verdict)
    }

    fn after_commit(&self, hook: blocking::Hook) -> Result<(), DatabaseError> {
        self.push(Hook::Blocking(hook))
    }
}

impl<T: Clone + Send + Sync + 'static> MemoryUnitOfWork<T> {
    fn inside<R>(&self, level: &Arc<Level<T>>, enter: impl FnOnce(Arc<Node>) -> R) -> R {
        enter(Arc::new(Node {
            store: self.0.identity(),
            level: Arc::clone(level) as _,
            outer: CURRENT.try_with(Arc::clone).ok(),
        }))
    }

    fn push(&self, hook: Hook) -> Result<(), DatabaseError> {
        let level = self.0.current();
        if level.is_root {
            return Err(DatabaseError::OutsideUnitOfWork(
                "there is no unit of work whose commit could be waited for".into(),
            ));
        }
        lock(&level.hooks).push(hook);
        Ok(())
    }
}

/// The innermost scope on this store around the caller.
pub(super) fn surrounding<T: Send + Sync + 'static>(store: usize) -> Option<Arc<Level<T>>> {
    let innermost = CURRENT.try_with(Arc::clone).ok()?;
    let mut chain = std::iter::successors(Some(&innermost), |node| node.outer.as_ref());
    let found = chain.find(|node| node.store == store)?;
    Arc::clone(&found.level).downcast().ok()
}

fn begin<T: Clone>(
    outer: &Level<T>,
    options: UnitOfWorkOptions,
) -> Result<Arc<Level<T>>, DatabaseError> {
    outer.check()?;
    let read_only = outer.read_only || options.read_only;
    let tables = outer.tables().clone();
    Ok(Arc::new(Level::new(tables, false, read_only)))
}

/// Carries the verdict out. Answers the hooks that are due now, which those of a nested scope
/// are not.
fn end<T: Clone>(
    outer: &Level<T>,
    inner: &Level<T>,
    verdict: Verdict,
) -> Result<Option<Vec<Hook>>, DatabaseError> {
    if verdict == Verdict::Rollback {
        return Ok(None);
    }
    inner.check()?;
    *outer.tables() = inner.tables().clone();
    let hooks = std::mem::take(&mut *lock(&inner.hooks));
    if outer.is_root {
        return Ok(Some(hooks));
    }
    lock(&outer.hooks).extend(hooks);
    Ok(None)
}

fn drive(hook: impl Future<Output = ()>) {
    match Driver::new() {
        Ok(driver) => drop(driver.block_on(hook)),
        Err(error) => tracing::error!(%error, "a hook was not run after its commit"),
    }
}

fn contain(ended: std::thread::Result<()>) {
    if ended.is_err() {
        tracing::error!("a hook panicked after its commit");
    }
}

#[cfg(test)]
mod tests;
