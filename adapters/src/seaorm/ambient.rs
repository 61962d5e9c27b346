//! The scope that surrounds the running code: a task's own on the async side, a
//! thread's own on the blocking side, and never inherited by what is spawned.

use std::{any::Any, future::Future, sync::Arc};

use super::actor;

tokio::task_local! {
    static CURRENT: Option<Arc<Node>>;
}

/// One entry of the chain of scopes, the innermost first. Entries of different
/// engines do not see each other: units of work of two managers are independent.
struct Node {
    engine: u64,
    entry: Arc<dyn Any + Send + Sync>,
    level: u64,
    outer: Option<Arc<Node>>,
}

/// What surrounds the code that asks, ready to be entered again.
#[derive(Clone)]
pub(crate) struct Surroundings(Option<Arc<Node>>);

impl Surroundings {
    /// The scopes around the caller.
    pub(crate) fn current() -> Self {
        Self(CURRENT.try_with(Clone::clone).ok().flatten())
    }

    /// These surroundings with one more scope, of this engine, at this level.
    pub(crate) fn with<T: Any + Send + Sync>(self, engine: u64, entry: Arc<T>, level: u64) -> Self {
        Self(Some(Arc::new(Node {
            engine,
            entry,
            level,
            outer: self.0,
        })))
    }

    /// The innermost scope of this engine around the caller, if it is of this type.
    pub(crate) fn find_current<T: Any + Send + Sync>(engine: u64) -> Option<(Arc<T>, u64)> {
        let found = CURRENT.try_with(|current| find(current.as_ref(), engine));
        found.ok().flatten()
    }

    /// The innermost scope of this engine, if it is of this type.
    pub(crate) fn find<T: Any + Send + Sync>(&self, engine: u64) -> Option<(Arc<T>, u64)> {
        find(self.0.as_ref(), engine)
    }

    /// Runs a future in these surroundings.
    pub(crate) fn enter<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self.0, future)
    }

    /// Runs a closure in these surroundings.
    pub(crate) fn enter_blocking<R>(self, work: impl FnOnce() -> R) -> R {
        CURRENT.sync_scope(self.0, work)
    }
}

fn find<T: Any + Send + Sync>(mut node: Option<&Arc<Node>>, engine: u64) -> Option<(Arc<T>, u64)> {
    while let Some(found) = node {
        if found.engine == engine {
            let entry = Arc::clone(&found.entry).downcast::<T>().ok()?;
            return Some((entry, found.level));
        }
        node = found.outer.as_ref();
    }
    None
}

/// Carries the unit of work and the actor of the caller into a future that is going to run
/// elsewhere, in a spawned task for example. Without this, a spawned task runs on
/// the pool, outside of the unit of work.
///
/// Statements of the carried future and of the unit of work itself run one after
/// the other. When the unit of work ends first, the future's further statements
/// fail with [`ports::DatabaseError::OutsideUnitOfWork`].
pub fn carry<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let actor = actor::current_actor();
    Surroundings::current().enter(actor::inherited(actor, future))
}
