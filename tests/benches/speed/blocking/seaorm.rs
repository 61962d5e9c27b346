//! SeaORM on its own pool, with each call waited for on one runtime that all threads share:
//! what one writes when async code has to be called from threads.

use sea_orm::DatabaseConnection;
use tokio::runtime::Handle;

use super::{Blocking, BlockingWorker};
use crate::{
    contender::{Worker as _, seaorm::SeaOrm},
    entry,
    operation::{Change, Order, Query},
    wallet,
};

pub(crate) struct BlockOn {
    name: &'static str,
    runtime: Handle,
    db: DatabaseConnection,
}

impl BlockOn {
    pub(crate) fn new(name: &'static str, seaorm: &SeaOrm, runtime: &Handle) -> Self {
        Self {
            name,
            runtime: runtime.clone(),
            db: seaorm.db().clone(),
        }
    }
}

impl Blocking for BlockOn {
    type Worker = (Handle, DatabaseConnection);

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> (Handle, DatabaseConnection) {
        (self.runtime.clone(), self.db.clone())
    }
}

impl BlockingWorker for (Handle, DatabaseConnection) {
    fn read(&mut self, id: i64) -> wallet::Model {
        self.0.block_on(self.1.read(id))
    }

    fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        self.0.block_on(self.1.list(query))
    }

    fn insert(&mut self, new: entry::New) -> entry::Model {
        self.0.block_on(self.1.insert(new))
    }

    fn update(&mut self, change: Change) -> wallet::Model {
        self.0.block_on(self.1.update(change))
    }

    fn transfer(&mut self, order: Order) {
        self.0.block_on(self.1.transfer(order));
    }
}
