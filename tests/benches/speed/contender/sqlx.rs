//! sqlx: SQL by hand, on its own pool and without one.

use std::sync::Arc;

use sea_orm::sqlx::{
    ConnectOptions as _, Connection as _, Error, FromRow, PgConnection, PgPool, Row as _,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
    query_as,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{CONNECTIONS, Contender, Worker};
use crate::{
    entry,
    operation::{Change, LIMIT, Order, Query},
    statement::{INSERT, LIST, LOCK, ONE, READ, STEP, UPDATE},
    wallet,
};

/// By position: the least that decoding can cost.
struct Wallet(wallet::Model);

impl FromRow<'_, PgRow> for Wallet {
    fn from_row(row: &PgRow) -> Result<Self, Error> {
        Ok(Self(wallet::Model {
            id: row.try_get(0)?,
            branch: row.try_get(1)?,
            owner: row.try_get(2)?,
            balance: row.try_get(3)?,
            version: row.try_get(4)?,
        }))
    }
}

struct Entry(entry::Model);

impl FromRow<'_, PgRow> for Entry {
    fn from_row(row: &PgRow) -> Result<Self, Error> {
        Ok(Self(entry::Model {
            id: row.try_get(0)?,
            wallet_id: row.try_get(1)?,
            amount: row.try_get(2)?,
            memo: row.try_get(3)?,
        }))
    }
}

pub(crate) fn options(url: &str) -> PgConnectOptions {
    let options: PgConnectOptions = url.parse().unwrap();
    options.disable_statement_logging()
}

/// A connection of its own.
pub(crate) async fn connect(url: &str) -> PgConnection {
    options(url).connect().await.unwrap()
}

/// The operations that are one statement, on a connection or a pool.
macro_rules! read {
    ($on:expr, $id:expr) => {{
        let query = query_as(READ).bind($id).bind(ONE);
        let Wallet(found) = query.fetch_optional($on).await.unwrap().unwrap();
        found
    }};
}

macro_rules! list {
    ($on:expr, $query:expr) => {{
        let query = query_as(LIST).bind($query.branch).bind($query.floor);
        let rows: Vec<Wallet> = query.bind(LIMIT).fetch_all($on).await.unwrap();
        rows.into_iter().map(|Wallet(found)| found).collect()
    }};
}

macro_rules! insert {
    ($on:expr, $new:expr) => {{
        let query = query_as(INSERT).bind($new.wallet_id).bind($new.amount);
        let Entry(stored) = query.bind($new.memo).fetch_one($on).await.unwrap();
        stored
    }};
}

macro_rules! update {
    ($on:expr, $change:expr) => {{
        let query = query_as(UPDATE).bind($change.balance).bind(STEP);
        let query = query.bind($change.id).bind($change.version);
        let Wallet(changed) = query.fetch_one($on).await.unwrap();
        changed
    }};
}

impl Worker for PgConnection {
    async fn read(&mut self, id: i64) -> wallet::Model {
        read!(self, id)
    }

    async fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        list!(self, query)
    }

    async fn insert(&mut self, new: entry::New) -> entry::Model {
        insert!(self, new)
    }

    async fn update(&mut self, change: Change) -> wallet::Model {
        update!(self, change)
    }

    async fn transfer(&mut self, order: Order) {
        let mut transaction = self.begin().await.unwrap();
        transfer(&mut transaction, order).await;
        transaction.commit().await.unwrap();
    }
}

/// The inside of a transfer.
async fn transfer(connection: &mut PgConnection, order: Order) {
    let [first, second] = order.locked();
    let first = lock(connection, first).await;
    let second = lock(connection, second).await;
    for found in [first, second] {
        let change = order.changed(found.id, found.balance, found.version);
        connection.update(change).await;
    }
    for new in order.entries() {
        connection.insert(new).await;
    }
}

async fn lock(connection: &mut PgConnection, id: i64) -> wallet::Model {
    let query = query_as(LOCK).bind(id).bind(ONE);
    let Wallet(found) = query.fetch_optional(connection).await.unwrap().unwrap();
    found
}

/// sqlx on the pool that it comes with, as it is, but for the size and the log.
pub(crate) struct Pool {
    name: &'static str,
    pool: PgPool,
}

impl Pool {
    pub(crate) async fn new(name: &'static str, url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(u32::try_from(CONNECTIONS).unwrap());
        let pool = pool.connect_with(options(url)).await.unwrap();
        Self { name, pool }
    }
}

impl Contender for Pool {
    type Worker = PgPool;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> PgPool {
        self.pool.clone()
    }
}

impl Worker for PgPool {
    async fn read(&mut self, id: i64) -> wallet::Model {
        read!(&*self, id)
    }

    async fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        list!(&*self, query)
    }

    async fn insert(&mut self, new: entry::New) -> entry::Model {
        insert!(&*self, new)
    }

    async fn update(&mut self, change: Change) -> wallet::Model {
        update!(&*self, change)
    }

    async fn transfer(&mut self, order: Order) {
        let mut transaction = self.begin().await.unwrap();
        transfer(&mut transaction, order).await;
        transaction.commit().await.unwrap();
    }
}

/// A connection for each worker, and nobody who lends them out.
pub(crate) struct Raw {
    name: &'static str,
    connections: Vec<Arc<Mutex<PgConnection>>>,
}

impl Raw {
    pub(crate) async fn new(name: &'static str, url: &str, workers: usize) -> Self {
        let mut connections = Vec::new();
        for _ in 0..workers {
            connections.push(Arc::new(Mutex::new(connect(url).await)));
        }
        Self { name, connections }
    }
}

impl Contender for Raw {
    type Worker = OwnedMutexGuard<PgConnection>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn most_workers(&self) -> usize {
        CONNECTIONS
    }

    fn worker(&self, number: usize) -> OwnedMutexGuard<PgConnection> {
        Arc::clone(&self.connections[number])
            .try_lock_owned()
            .unwrap()
    }
}

impl Worker for OwnedMutexGuard<PgConnection> {
    async fn read(&mut self, id: i64) -> wallet::Model {
        (**self).read(id).await
    }

    async fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        (**self).list(query).await
    }

    async fn insert(&mut self, new: entry::New) -> entry::Model {
        (**self).insert(new).await
    }

    async fn update(&mut self, change: Change) -> wallet::Model {
        (**self).update(change).await
    }

    async fn transfer(&mut self, order: Order) {
        (**self).transfer(order).await;
    }
}
