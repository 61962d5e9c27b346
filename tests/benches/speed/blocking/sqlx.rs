//! sqlx without a pool: for each thread a connection, and a runtime that nobody else is on.

use std::sync::{Arc, Mutex};

use sea_orm::sqlx::PgConnection;
use tokio::runtime::{Builder, Runtime};

use super::{Blocking, BlockingWorker};
use crate::{
    contender::{CONNECTIONS, Worker as _, sqlx::connect},
    entry,
    operation::{Change, Order, Query},
    wallet,
};

pub(crate) struct Raw {
    name: &'static str,
    pairs: Vec<Arc<Mutex<Pair>>>,
}

pub(crate) struct Pair {
    pub(crate) runtime: Runtime,
    pub(crate) connection: PgConnection,
}

impl Raw {
    pub(crate) fn new(name: &'static str, url: &str, workers: usize) -> Self {
        let open = |_| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let connection = runtime.block_on(connect(url));
            Arc::new(Mutex::new(Pair {
                runtime,
                connection,
            }))
        };
        Self {
            name,
            pairs: (0..workers).map(open).collect(),
        }
    }
}

impl Blocking for Raw {
    type Worker = Arc<Mutex<Pair>>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn most_workers(&self) -> usize {
        CONNECTIONS
    }

    fn worker(&self, number: usize) -> Arc<Mutex<Pair>> {
        Arc::clone(&self.pairs[number])
    }
}

impl BlockingWorker for Arc<Mutex<Pair>> {
    fn read(&mut self, id: i64) -> wallet::Model {
        let Pair {
            runtime,
            connection,
        } = &mut *self.try_lock().unwrap();
        runtime.block_on(connection.read(id))
    }

    fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        let Pair {
            runtime,
            connection,
        } = &mut *self.try_lock().unwrap();
        runtime.block_on(connection.list(query))
    }

    fn insert(&mut self, new: entry::New) -> entry::Model {
        let Pair {
            runtime,
            connection,
        } = &mut *self.try_lock().unwrap();
        runtime.block_on(connection.insert(new))
    }

    fn update(&mut self, change: Change) -> wallet::Model {
        let Pair {
            runtime,
            connection,
        } = &mut *self.try_lock().unwrap();
        runtime.block_on(connection.update(change))
    }

    fn transfer(&mut self, order: Order) {
        let Pair {
            runtime,
            connection,
        } = &mut *self.try_lock().unwrap();
        runtime.block_on(connection.transfer(order));
    }
}
