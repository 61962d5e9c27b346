//! This skeleton: SeaORM on its session layer, and the generic repository on that.

use std::sync::Arc;

use adapters::postgres::{
    AsyncPostgresAdapter, AsyncPostgresSessionManager, PostgresConfig, Session,
};
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError, Filter, PageRequest, Sort};
use sea_orm::ActiveValue::{NotSet, Set};

use super::{CONNECTIONS, Contender, Worker, seaorm};
use crate::{
    entry,
    operation::{Change, LIMIT, Order, Query},
    wallet::{self, Column},
};

pub(crate) fn config(url: &str) -> PostgresConfig {
    let mut config = PostgresConfig::from_url(url).unwrap();
    config.session.pool_size = CONNECTIONS;
    config.session.pool_max_overflow = 0;
    config
}

pub(crate) struct SessionLayer {
    name: &'static str,
    manager: AsyncPostgresSessionManager,
}

impl SessionLayer {
    pub(crate) fn new(name: &'static str, url: &str) -> Self {
        let manager = AsyncPostgresSessionManager::new(config(url)).unwrap();
        Self { name, manager }
    }
}

impl Contender for SessionLayer {
    type Worker = AsyncPostgresSessionManager;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> AsyncPostgresSessionManager {
        self.manager.clone()
    }
}

/// Asks for the session each time, as a repository does.
impl Worker for AsyncPostgresSessionManager {
    async fn read(&mut self, id: i64) -> wallet::Model {
        seaorm::read(&session(self), id).await
    }

    async fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        seaorm::list(&session(self), query).await
    }

    async fn insert(&mut self, new: entry::New) -> entry::Model {
        seaorm::insert(&session(self), new).await
    }

    async fn update(&mut self, change: Change) -> wallet::Model {
        seaorm::update(&session(self), change).await
    }

    async fn transfer(&mut self, order: Order) {
        let manager = &*self;
        let stored = manager.atomic(|| async move {
            seaorm::transfer(&manager.session()?, order).await;
            Ok::<_, DatabaseError>(())
        });
        stored.await.unwrap();
    }
}

fn session(manager: &AsyncPostgresSessionManager) -> Session {
    manager.session().unwrap()
}

pub(crate) struct Repository {
    name: &'static str,
    worker: RepositoryWorker,
}

#[derive(Clone)]
pub(crate) struct RepositoryWorker {
    pub(crate) manager: AsyncPostgresSessionManager,
    wallets: AsyncPostgresAdapter<wallet::Entity>,
    entries: AsyncPostgresAdapter<entry::Entity>,
}

impl Repository {
    pub(crate) fn new(name: &'static str, url: &str) -> Self {
        let manager = AsyncPostgresSessionManager::new(config(url)).unwrap();
        let shared = Arc::new(manager.clone());
        let worker = RepositoryWorker {
            manager,
            wallets: AsyncPostgresAdapter::new(shared.clone()),
            entries: AsyncPostgresAdapter::new(shared),
        };
        Self { name, worker }
    }
}

impl Contender for Repository {
    type Worker = RepositoryWorker;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> RepositoryWorker {
        self.worker.clone()
    }
}

impl Worker for RepositoryWorker {
    async fn read(&mut self, id: i64) -> wallet::Model {
        self.wallets.find_by_id(id).await.unwrap().unwrap()
    }

    async fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        let (filters, sort, page) = listed(query);
        let page = self.wallets.list(&filters, &sort, &page).await;
        page.unwrap().items
    }

    async fn insert(&mut self, new: entry::New) -> entry::Model {
        self.entries.create(new.into()).await.unwrap()
    }

    async fn update(&mut self, change: Change) -> wallet::Model {
        let changed = self.wallets.update(row(change)).await;
        changed.unwrap().unwrap()
    }

    async fn transfer(&mut self, order: Order) {
        let Self {
            manager,
            wallets,
            entries,
        } = &*self;
        let stored = manager.atomic(|| async move {
            let [first, second] = order.locked();
            let first = wallets.lock(first).await?.unwrap();
            let second = wallets.lock(second).await?.unwrap();
            for found in [first, second] {
                let change = order.changed(found.id, found.balance, found.version);
                wallets.update(row(change)).await?.unwrap();
            }
            for new in order.entries() {
                entries.create(new.into()).await?;
            }
            Ok::<_, DatabaseError>(())
        });
        stored.await.unwrap();
    }
}

/// What a repository is asked for a list with.
pub(crate) fn listed(query: Query) -> ([Filter<Column>; 2], [Sort<Column>; 1], PageRequest) {
    let filters = [
        Filter::equal(Column::Branch, query.branch),
        Filter::greater_than_or_equal(Column::Balance, query.floor),
    ];
    let page = PageRequest::first(LIMIT.unsigned_abs()).unwrap();
    (filters, [Sort::ascending(Column::Owner)], page)
}

/// The columns that change, and what finds the row.
pub(crate) fn row(change: Change) -> wallet::ActiveModel {
    wallet::ActiveModel {
        id: Set(change.id),
        branch: NotSet,
        owner: NotSet,
        balance: Set(change.balance),
        version: Set(change.version),
    }
}
