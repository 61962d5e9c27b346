//! Those who are measured in code without async.

pub(crate) mod diesel;
pub(crate) mod ours;
pub(crate) mod postgres;
pub(crate) mod seaorm;
pub(crate) mod sqlx;

use super::{
    entry,
    operation::{Change, Order, Query},
    wallet,
};

/// A library, as one uses it from threads.
pub(crate) trait Blocking: Send + Sync + 'static {
    type Worker: BlockingWorker;

    fn name(&self) -> &'static str;

    /// How many workers there can be.
    fn most_workers(&self) -> usize {
        usize::MAX
    }

    /// What the worker of this number works with.
    fn worker(&self, number: usize) -> Self::Worker;
}

/// One thread's way to the database.
pub(crate) trait BlockingWorker: Send {
    fn read(&mut self, id: i64) -> wallet::Model;

    fn list(&mut self, query: Query) -> Vec<wallet::Model>;

    fn insert(&mut self, new: entry::New) -> entry::Model;

    fn update(&mut self, change: Change) -> wallet::Model;

    fn transfer(&mut self, order: Order);
}
