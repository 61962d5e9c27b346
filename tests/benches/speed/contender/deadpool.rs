//! tokio-postgres on deadpool's pool.

use deadpool_postgres::{Client, GenericClient, Manager, Pool};
use tokio_postgres::{NoTls, Row, types::ToSql};

use super::{CONNECTIONS, Contender, Worker};
use crate::{
    entry,
    operation::{Change, LIMIT, Order, Query},
    statement::{INSERT, LIST, LOCK, ONE, READ, STEP, UPDATE},
    wallet,
};

type Parameter<'a> = &'a (dyn ToSql + Sync);

pub(crate) struct Deadpool {
    name: &'static str,
    pool: Pool,
}

impl Deadpool {
    /// As it is, but for the size: a connection that is known to be closed is not lent out, and
    /// no round trip finds that out.
    pub(crate) fn new(name: &'static str, url: &str) -> Self {
        let manager = Manager::new(url.parse().unwrap(), NoTls);
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build();
        Self {
            name,
            pool: pool.unwrap(),
        }
    }
}

impl Contender for Deadpool {
    type Worker = Pool;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> Pool {
        self.pool.clone()
    }
}

impl Worker for Pool {
    async fn read(&mut self, id: i64) -> wallet::Model {
        wallet(&one(&client(self).await, READ, &[&id, &ONE]).await)
    }

    async fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        let client = client(self).await;
        let statement = client.prepare_cached(LIST).await.unwrap();
        let parameters: [Parameter<'_>; 3] = [&query.branch, &query.floor, &LIMIT];
        let rows = client.query(&statement, &parameters).await.unwrap();
        rows.iter().map(wallet).collect()
    }

    async fn insert(&mut self, new: entry::New) -> entry::Model {
        insert(&client(self).await, new).await
    }

    async fn update(&mut self, change: Change) -> wallet::Model {
        update(&client(self).await, change).await
    }

    async fn transfer(&mut self, order: Order) {
        let mut client = client(self).await;
        let transaction = client.transaction().await.unwrap();
        let [first, second] = order.locked();
        let first = wallet(&one(&transaction, LOCK, &[&first, &ONE]).await);
        let second = wallet(&one(&transaction, LOCK, &[&second, &ONE]).await);
        for found in [first, second] {
            let change = order.changed(found.id, found.balance, found.version);
            update(&transaction, change).await;
        }
        for new in order.entries() {
            insert(&transaction, new).await;
        }
        transaction.commit().await.unwrap();
    }
}

async fn client(pool: &Pool) -> Client {
    pool.get().await.unwrap()
}

pub(crate) async fn one<C: GenericClient>(
    client: &C,
    sql: &str,
    parameters: &[Parameter<'_>],
) -> Row {
    let statement = client.prepare_cached(sql).await.unwrap();
    client.query_one(&statement, parameters).await.unwrap()
}

async fn insert<C: GenericClient>(client: &C, new: entry::New) -> entry::Model {
    let row = one(client, INSERT, &[&new.wallet_id, &new.amount, &new.memo]).await;
    entry(&row)
}

async fn update<C: GenericClient>(client: &C, change: Change) -> wallet::Model {
    let parameters: [Parameter<'_>; 4] = [&change.balance, &STEP, &change.id, &change.version];
    wallet(&one(client, UPDATE, &parameters).await)
}

/// A row, by position.
pub(crate) fn wallet(row: &Row) -> wallet::Model {
    wallet::Model {
        id: row.get(0),
        branch: row.get(1),
        owner: row.get(2),
        balance: row.get(3),
        version: row.get(4),
    }
}

pub(crate) fn entry(row: &Row) -> entry::Model {
    entry::Model {
        id: row.get(0),
        wallet_id: row.get(1),
        amount: row.get(2),
        memo: row.get(3),
    }
}
