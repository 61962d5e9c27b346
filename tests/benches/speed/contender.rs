//! Those who are measured.

pub(crate) mod deadpool;
pub(crate) mod ours;
pub(crate) mod seaorm;
pub(crate) mod sqlx;

use std::future::Future;

use super::{
    entry,
    operation::{Change, Jobs, Operation, Order, Query},
    wallet,
};

/// Connections that each may have.
pub(crate) const CONNECTIONS: usize = 16;

/// A library, as one uses it in async code.
pub(crate) trait Contender: Send + Sync + 'static {
    type Worker: Worker;

    fn name(&self) -> &'static str;

    /// How many workers there can be.
    fn most_workers(&self) -> usize {
        usize::MAX
    }

    /// What the worker of this number works with.
    fn worker(&self, number: usize) -> Self::Worker;
}

/// One task's way to the database.
pub(crate) trait Worker: Send + 'static {
    fn read(&mut self, id: i64) -> impl Future<Output = wallet::Model> + Send;

    fn list(&mut self, query: Query) -> impl Future<Output = Vec<wallet::Model>> + Send;

    fn insert(&mut self, new: entry::New) -> impl Future<Output = entry::Model> + Send;

    fn update(&mut self, change: Change) -> impl Future<Output = wallet::Model> + Send;

    fn transfer(&mut self, order: Order) -> impl Future<Output = ()> + Send;

    /// Does the next of these jobs, and fails when it was not done.
    fn work(&mut self, operation: Operation, jobs: &mut Jobs) -> impl Future<Output = ()> + Send {
        async move {
            match operation {
                Operation::Read => {
                    let id = jobs.id();
                    assert_eq!(self.read(id).await.id, id);
                }
                Operation::List => {
                    let query = jobs.query();
                    query.check(&self.list(query).await);
                }
                Operation::Insert => assert!(self.insert(jobs.entry()).await.id > 0),
                Operation::Update => {
                    let changed = self.update(jobs.change()).await;
                    jobs.changed(&changed);
                }
                Operation::Transfer => self.transfer(jobs.order()).await,
            }
        }
    }
}
