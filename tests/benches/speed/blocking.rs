//! Those who are measured in code without async.

pub(crate) mod diesel;
pub(crate) mod ours;
pub(crate) mod postgres;
pub(crate) mod seaorm;
pub(crate) mod sqlx;

use super::{
    entry,
    operation::{Change, Jobs, Operation, Order, Query},
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

    /// Does the next of these jobs, and fails when it was not done.
    fn work(&mut self, operation: Operation, jobs: &mut Jobs) {
        match operation {
            Operation::Read => {
                let id = jobs.id();
                assert_eq!(self.read(id).id, id);
            }
            Operation::List => {
                let query = jobs.query();
                query.check(&self.list(query));
            }
            Operation::Insert => assert!(self.insert(jobs.entry()).id > 0),
            Operation::Update => {
                let changed = self.update(jobs.change());
                jobs.changed(&changed);
            }
            Operation::Transfer => self.transfer(jobs.order()),
        }
    }
}
