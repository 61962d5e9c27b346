//! Many rows at once from async code.

use std::{future::Future, sync::Arc};

use adapters::postgres::{AsyncPostgresAdapter, AsyncPostgresSessionManager};
use sea_orm::{
    DatabaseConnection, EntityTrait as _, TransactionTrait as _,
    sqlx::{PgPool, postgres::PgPoolOptions, query},
};
use tokio::runtime::{Handle, Runtime};
use tokio_postgres::{
    binary_copy::BinaryCopyInWriter,
    types::{ToSql, Type},
};

use super::{BINARY_COPY, Bulk, CHUNK, COPY, COPY_BINARY, OURS, SEAORM, UNNEST};
use crate::{
    contender::Contender as _,
    contender::{CONNECTIONS, deadpool::Deadpool, ours::config, seaorm::SeaOrm, sqlx::options},
    entry,
    load::Side,
};

/// The bytes that one message of COPY has.
const PIECE: usize = 256 * 1024;

/// What one task stores its rows with.
trait Store: Clone + Send + 'static {
    fn store(self, rows: Vec<entry::New>) -> impl Future<Output = ()> + Send;
}

struct Tasks<S> {
    name: &'static str,
    runtime: Handle,
    store: S,
}

impl<S: Store> Bulk for Tasks<S> {
    fn side(&self) -> Side {
        Side::Async
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn fits(&self, _: usize) -> bool {
        true
    }

    fn store(&self, parts: Vec<Vec<entry::New>>) {
        self.runtime.block_on(async {
            let start = |rows| tokio::spawn(self.store.clone().store(rows));
            let tasks: Vec<_> = parts.into_iter().map(start).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

pub(super) fn all(runtime: &Runtime, url: &str) -> Vec<Box<dyn Bulk>> {
    let _entered = runtime.enter();
    let manager = AsyncPostgresSessionManager::new(config(url)).unwrap();
    let adapter = AsyncPostgresAdapter::<entry::Entity>::new(Arc::new(manager));
    let seaorm = runtime.block_on(SeaOrm::new(SEAORM, url));
    let pool = PgPoolOptions::new().max_connections(u32::try_from(CONNECTIONS).unwrap());
    let pool = runtime.block_on(pool.connect_with(options(url))).unwrap();
    let on = runtime.handle();
    vec![
        tasks(on, OURS, adapter),
        tasks(on, SEAORM, seaorm.db().clone()),
        tasks(on, UNNEST, Unnest(pool.clone())),
        tasks(on, COPY, Copy(pool)),
        tasks(on, BINARY_COPY, Deadpool::new(BINARY_COPY, url).worker(0)),
    ]
}

fn tasks(runtime: &Handle, name: &'static str, store: impl Store) -> Box<dyn Bulk> {
    let runtime = runtime.clone();
    Box::new(Tasks {
        name,
        runtime,
        store,
    })
}

impl Store for AsyncPostgresAdapter<entry::Entity> {
    async fn store(self, rows: Vec<entry::New>) {
        let rows = rows.into_iter().map(entry::ActiveModel::from);
        self.create_many(rows).await.unwrap();
    }
}

impl Store for DatabaseConnection {
    async fn store(self, rows: Vec<entry::New>) {
        let transaction = self.begin().await.unwrap();
        let mut rows = rows.into_iter().map(entry::ActiveModel::from).peekable();
        while rows.peek().is_some() {
            let insert = entry::Entity::insert_many(rows.by_ref().take(CHUNK));
            insert.exec_without_returning(&transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
}

#[derive(Clone)]
struct Unnest(PgPool);

impl Store for Unnest {
    async fn store(self, rows: Vec<entry::New>) {
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            columns.0.push(row.wallet_id);
            columns.1.push(row.amount);
            columns.2.push(row.memo);
        }
        let sql = "INSERT INTO entries (wallet_id, amount, memo) \
                   SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::text[])";
        let insert = query(sql).bind(columns.0).bind(columns.1).bind(columns.2);
        insert.execute(&self.0).await.unwrap();
    }
}

#[derive(Clone)]
struct Copy(PgPool);

impl Store for Copy {
    async fn store(self, rows: Vec<entry::New>) {
        use std::fmt::Write as _;
        let mut connection = self.0.acquire().await.unwrap();
        let sql = "COPY entries (wallet_id, amount, memo) FROM STDIN";
        let mut copy = connection.copy_in_raw(sql).await.unwrap();
        let mut text = String::with_capacity(PIECE + 1_024);
        for row in rows {
            // The memos have no character that would have to be escaped.
            writeln!(text, "{}\t{}\t{}", row.wallet_id, row.amount, row.memo).unwrap();
            if text.len() >= PIECE {
                copy.send(text.as_bytes()).await.unwrap();
                text.clear();
            }
        }
        copy.send(text.as_bytes()).await.unwrap();
        copy.finish().await.unwrap();
    }
}

impl Store for deadpool_postgres::Pool {
    async fn store(self, rows: Vec<entry::New>) {
        let client = self.get().await.unwrap();
        let sink = client.copy_in(COPY_BINARY).await.unwrap();
        let types = [Type::INT8, Type::INT8, Type::TEXT];
        let mut writer = Box::pin(BinaryCopyInWriter::new(sink, &types));
        for row in &rows {
            let row: [&(dyn ToSql + Sync); 3] = [&row.wallet_id, &row.amount, &row.memo];
            writer.as_mut().write(&row).await.unwrap();
        }
        writer.as_mut().finish().await.unwrap();
    }
}
