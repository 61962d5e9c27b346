//! What is dropped, and how it is told whether all of it was done or nothing.

use std::sync::Arc;

use adapters::{
    repository::{AsyncAdapter, Record, SharedAsyncManager},
    seaorm::{AsyncManager, Backend, Session, database_error},
};
use futures_util::future::BoxFuture;
use ports::{AsyncSessionManager as _, DatabaseError};
use sea_orm::{ConnectionTrait as _, Statement};

/// Something that is run on a manager. The number is the first of ten that are nobody else's;
/// the last two are the test's own.
pub(super) type Step<B> = for<'s> fn(&'s Stage<B>, i64) -> BoxFuture<'s, Result<(), DatabaseError>>;

/// An operation, or several that go together.
pub(super) struct Case<B: Backend> {
    /// The operations, by the names that [`super::operations`] gives them.
    pub(super) covers: &'static [&'static str],
    /// What must be there before.
    pub(super) before: Option<Step<B>>,
    pub(super) run: Step<B>,
    /// Whether it takes a connection of its own, whatever unit of work is around it.
    pub(super) is_apart: bool,
    /// The query that tells, in one column of text, what is there of these ten numbers.
    pub(super) look: fn(i64) -> String,
}

/// Where a case is run.
pub(super) struct Stage<B: Backend> {
    pub(super) manager: AsyncManager<B>,
}

impl<B: Backend> Stage<B> {
    pub(super) const fn new(manager: AsyncManager<B>) -> Self {
        Self { manager }
    }

    pub(super) fn shared(&self) -> SharedAsyncManager<B> {
        Arc::new(self.manager.clone())
    }

    pub(super) fn session(&self) -> Session<B> {
        self.manager.session().unwrap()
    }

    pub(super) fn adapter<E: Record>(&self) -> AsyncAdapter<E, B> {
        AsyncAdapter::new(self.shared())
    }

    /// Adds a row of [`super::rows`].
    pub(super) async fn add(&self, id: i64) -> Result<(), DatabaseError> {
        let session = self.manager.session()?;
        let done = session.execute_raw(insert::<B>(&[id])).await;
        done.map(drop).map_err(database_error)
    }
}

/// A statement with these rows.
pub(super) fn insert<B: Backend>(ids: &[i64]) -> Statement {
    let rows: Vec<_> = (1..=ids.len())
        .map(|at| format!("(${at}, 'new')"))
        .collect();
    let sql = format!("INSERT INTO dropped (id, note) VALUES {}", rows.join(", "));
    let values = ids.iter().map(|id| (*id).into());
    Statement::from_sql_and_values(B::DIALECT, sql, values)
}
