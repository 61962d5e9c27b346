//! Many rows at once from threads.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use adapters::postgres::{PostgresAdapter, PostgresSessionManager};
use diesel::{
    Connection as _, ExpressionMethods as _, PgConnection, QueryResult, RunQueryDsl as _,
    r2d2::{ConnectionManager, Pool},
};
use postgres::{Client, NoTls, binary_copy::BinaryCopyInWriter, types::Type};

use super::{Bulk, CHUNK, COPY_BINARY, DIESEL, OURS, POSTGRES_COPY};
use crate::{
    blocking::{
        Blocking as _,
        diesel::{Diesel, entries},
    },
    contender::{CONNECTIONS, ours::config},
    entry,
    load::Side,
};

/// What one thread stores its rows with.
trait Store: Sync {
    fn most_workers(&self) -> usize {
        usize::MAX
    }

    fn store(&self, worker: usize, rows: Vec<entry::New>);
}

struct Threads<S> {
    name: &'static str,
    store: S,
}

impl<S: Store> Bulk for Threads<S> {
    fn side(&self) -> Side {
        Side::Sync
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn fits(&self, workers: usize) -> bool {
        workers <= self.store.most_workers()
    }

    fn store(&self, parts: Vec<Vec<entry::New>>) {
        thread::scope(|scope| {
            for (worker, rows) in parts.into_iter().enumerate() {
                scope.spawn(move || self.store.store(worker, rows));
            }
        });
    }
}

pub(super) fn all(url: &str, workers: usize) -> Vec<Box<dyn Bulk>> {
    let manager = PostgresSessionManager::new(config(url)).unwrap();
    let adapter = PostgresAdapter::<entry::Entity>::new(Arc::new(manager));
    let clients = (0..workers.min(CONNECTIONS)).map(|_| Client::connect(url, NoTls).unwrap());
    vec![
        Box::new(Threads {
            name: OURS,
            store: adapter,
        }),
        Box::new(Threads {
            name: DIESEL,
            store: Diesel::new(DIESEL, url).worker(0),
        }),
        Box::new(Threads {
            name: POSTGRES_COPY,
            store: Clients(clients.map(Mutex::new).collect()),
        }),
    ]
}

impl Store for PostgresAdapter<entry::Entity> {
    fn store(&self, _: usize, rows: Vec<entry::New>) {
        let rows = rows.into_iter().map(entry::ActiveModel::from);
        self.create_many(rows).unwrap();
    }
}

impl Store for Pool<ConnectionManager<PgConnection>> {
    fn store(&self, _: usize, rows: Vec<entry::New>) {
        let stored: QueryResult<()> = self.get().unwrap().transaction(|connection| {
            for chunk in rows.chunks(CHUNK) {
                let values: Vec<_> = chunk
                    .iter()
                    .map(|row| {
                        (
                            entries::wallet_id.eq(row.wallet_id),
                            entries::amount.eq(row.amount),
                            entries::memo.eq(&row.memo),
                        )
                    })
                    .collect();
                let insert = diesel::insert_into(entries::table).values(&values);
                insert.execute(connection)?;
            }
            Ok(())
        });
        stored.unwrap();
    }
}

/// A connection for each thread.
struct Clients(Vec<Mutex<Client>>);

impl Store for Clients {
    fn most_workers(&self) -> usize {
        CONNECTIONS
    }

    fn store(&self, worker: usize, rows: Vec<entry::New>) {
        let mut client = self.0[worker].try_lock().unwrap();
        let types = [Type::INT8, Type::INT8, Type::TEXT];
        let mut writer = BinaryCopyInWriter::new(client.copy_in(COPY_BINARY).unwrap(), &types);
        for row in &rows {
            let write = writer.write(&[&row.wallet_id, &row.amount, &row.memo]);
            write.unwrap();
        }
        writer.finish().unwrap();
    }
}
