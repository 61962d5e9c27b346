//! The `postgres` crate: a connection for each thread, with its statements prepared by hand,
//! because it keeps none by itself.

use std::sync::{Arc, Mutex};

use postgres::{Client, GenericClient, NoTls, Statement};

use super::{Blocking, BlockingWorker};
use crate::{
    contender::{
        CONNECTIONS,
        deadpool::{entry, wallet},
    },
    entry,
    operation::{Change, LIMIT, Order, Query},
    statement::{INSERT, LIST, LOCK, ONE, READ, STEP, UPDATE},
    wallet,
};

pub(crate) struct Postgres {
    name: &'static str,
    connections: Vec<Arc<Mutex<Connection>>>,
}

pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) statements: Statements,
}

pub(crate) struct Statements {
    pub(crate) read: Statement,
    list: Statement,
    lock: Statement,
    update: Statement,
    insert: Statement,
}

impl Postgres {
    pub(crate) fn new(name: &'static str, url: &str, workers: usize) -> Self {
        let connect = |_| Arc::new(Mutex::new(Connection::open(url)));
        Self {
            name,
            connections: (0..workers).map(connect).collect(),
        }
    }
}

impl Connection {
    pub(crate) fn open(url: &str) -> Self {
        let mut client = Client::connect(url, NoTls).unwrap();
        let [read, list, lock, update, insert] =
            [READ, LIST, LOCK, UPDATE, INSERT].map(|sql| client.prepare(sql).unwrap());
        let statements = Statements {
            read,
            list,
            lock,
            update,
            insert,
        };
        Self { client, statements }
    }
}

impl Blocking for Postgres {
    type Worker = Arc<Mutex<Connection>>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn most_workers(&self) -> usize {
        CONNECTIONS
    }

    fn worker(&self, number: usize) -> Arc<Mutex<Connection>> {
        Arc::clone(&self.connections[number])
    }
}

impl BlockingWorker for Arc<Mutex<Connection>> {
    fn read(&mut self, id: i64) -> wallet::Model {
        let Connection { client, statements } = &mut *self.try_lock().unwrap();
        let row = client.query_one(&statements.read, &[&id, &ONE]);
        wallet(&row.unwrap())
    }

    fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        let Connection { client, statements } = &mut *self.try_lock().unwrap();
        let rows = client.query(&statements.list, &[&query.branch, &query.floor, &LIMIT]);
        rows.unwrap().iter().map(wallet).collect()
    }

    fn insert(&mut self, new: entry::New) -> entry::Model {
        let Connection { client, statements } = &mut *self.try_lock().unwrap();
        insert(client, statements, new)
    }

    fn update(&mut self, change: Change) -> wallet::Model {
        let Connection { client, statements } = &mut *self.try_lock().unwrap();
        update(client, statements, change)
    }

    fn transfer(&mut self, order: Order) {
        let Connection { client, statements } = &mut *self.try_lock().unwrap();
        let mut transaction = client.transaction().unwrap();
        let locked = order.locked().map(|id| {
            let row = transaction.query_one(&statements.lock, &[&id, &ONE]);
            wallet(&row.unwrap())
        });
        for found in locked {
            let change = order.changed(found.id, found.balance, found.version);
            update(&mut transaction, statements, change);
        }
        for new in order.entries() {
            insert(&mut transaction, statements, new);
        }
        transaction.commit().unwrap();
    }
}

fn insert(
    client: &mut impl GenericClient,
    statements: &Statements,
    new: entry::New,
) -> entry::Model {
    let row = client.query_one(
        &statements.insert,
        &[&new.wallet_id, &new.amount, &new.memo],
    );
    entry(&row.unwrap())
}

fn update(
    client: &mut impl GenericClient,
    statements: &Statements,
    change: Change,
) -> wallet::Model {
    let row = client.query_one(
        &statements.update,
        &[&change.balance, &STEP, &change.id, &change.version],
    );
    wallet(&row.unwrap())
}
