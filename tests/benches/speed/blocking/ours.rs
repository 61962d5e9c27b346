//! This skeleton from threads: SeaORM on its session layer, and the generic repository.

use std::sync::Arc;

use adapters::postgres::{PostgresAdapter, PostgresSessionManager};
use ports::{
    DatabaseError, SessionManager as _,
    blocking::{Atomic as _, BlockOn as _},
};

use super::{Blocking, BlockingWorker};
use crate::{
    contender::{
        ours::{config, listed, row},
        seaorm,
    },
    entry,
    operation::{Change, Order, Query},
    wallet,
};

pub(crate) struct SessionLayer {
    name: &'static str,
    manager: PostgresSessionManager,
}

impl SessionLayer {
    pub(crate) fn new(name: &'static str, url: &str) -> Self {
        let manager = PostgresSessionManager::new(config(url)).unwrap();
        Self { name, manager }
    }
}

impl Blocking for SessionLayer {
    type Worker = PostgresSessionManager;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> PostgresSessionManager {
        self.manager.clone()
    }
}

impl BlockingWorker for PostgresSessionManager {
    fn read(&mut self, id: i64) -> wallet::Model {
        let session = self.session().unwrap();
        self.block_on(seaorm::read(&session, id)).unwrap()
    }

    fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        let session = self.session().unwrap();
        self.block_on(seaorm::list(&session, query)).unwrap()
    }

    fn insert(&mut self, new: entry::New) -> entry::Model {
        let session = self.session().unwrap();
        self.block_on(seaorm::insert(&session, new)).unwrap()
    }

    fn update(&mut self, change: Change) -> wallet::Model {
        let session = self.session().unwrap();
        self.block_on(seaorm::update(&session, change)).unwrap()
    }

    fn transfer(&mut self, order: Order) {
        let stored: Result<(), DatabaseError> = self.atomic(|| {
            let session = self.session()?;
            self.block_on(seaorm::transfer(&session, order))
        });
        stored.unwrap();
    }
}

pub(crate) struct Repository {
    name: &'static str,
    worker: RepositoryWorker,
}

#[derive(Clone)]
pub(crate) struct RepositoryWorker {
    pub(crate) manager: PostgresSessionManager,
    wallets: PostgresAdapter<wallet::Entity>,
    entries: PostgresAdapter<entry::Entity>,
}

impl Repository {
    pub(crate) fn new(name: &'static str, url: &str) -> Self {
        let manager = PostgresSessionManager::new(config(url)).unwrap();
        let shared = Arc::new(manager.clone());
        let worker = RepositoryWorker {
            manager,
            wallets: PostgresAdapter::new(shared.clone()),
            entries: PostgresAdapter::new(shared),
        };
        Self { name, worker }
    }
}

impl Blocking for Repository {
    type Worker = RepositoryWorker;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> RepositoryWorker {
        self.worker.clone()
    }
}

impl BlockingWorker for RepositoryWorker {
    fn read(&mut self, id: i64) -> wallet::Model {
        self.wallets.find_by_id(id).unwrap().unwrap()
    }

    fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        let (filters, sort, page) = listed(query);
        self.wallets.list(&filters, &sort, &page).unwrap().items
    }

    fn insert(&mut self, new: entry::New) -> entry::Model {
        self.entries.create(new.into()).unwrap()
    }

    fn update(&mut self, change: Change) -> wallet::Model {
        self.wallets.update(row(change)).unwrap().unwrap()
    }

    fn transfer(&mut self, order: Order) {
        let stored: Result<(), DatabaseError> = self.manager.atomic(|| {
            let [first, second] = order.locked();
            let first = self.wallets.lock(first)?.unwrap();
            let second = self.wallets.lock(second)?.unwrap();
            for found in [first, second] {
                let change = order.changed(found.id, found.balance, found.version);
                self.wallets.update(row(change))?.unwrap();
            }
            for new in order.entries() {
                self.entries.create(new.into())?;
            }
            Ok(())
        });
        stored.unwrap();
    }
}
