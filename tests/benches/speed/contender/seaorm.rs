//! SeaORM: the operations on any connection of its kind, and its own pool.

use std::time::Duration;

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectOptions, ConnectionTrait, Database,
    DatabaseConnection, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _, LockType},
};

use super::{CONNECTIONS, Contender, Worker};
use crate::{
    entry,
    operation::{Change, LIMIT, Order, Query},
    statement::STEP,
    wallet::{self, Column, Entity},
};

pub(crate) async fn read<C: ConnectionTrait>(db: &C, id: i64) -> wallet::Model {
    Entity::find_by_id(id).one(db).await.unwrap().unwrap()
}

pub(crate) async fn list<C: ConnectionTrait>(db: &C, query: Query) -> Vec<wallet::Model> {
    let select = Entity::find()
        .filter(Column::Branch.eq(query.branch))
        .filter(Column::Balance.gte(query.floor))
        .order_by_asc(Column::Owner)
        .order_by_asc(Column::Id)
        .limit(LIMIT.unsigned_abs());
    select.all(db).await.unwrap()
}

pub(crate) async fn insert<C: ConnectionTrait>(db: &C, new: entry::New) -> entry::Model {
    entry::ActiveModel::from(new).insert(db).await.unwrap()
}

pub(crate) async fn update<C: ConnectionTrait>(db: &C, change: Change) -> wallet::Model {
    let update = Entity::update_many()
        .col_expr(Column::Balance, Expr::value(change.balance))
        .col_expr(Column::Version, Expr::col(Column::Version).add(STEP))
        .filter(Column::Id.eq(change.id))
        .filter(Column::Version.eq(change.version));
    update.exec_with_returning(db).await.unwrap().remove(0)
}

async fn lock<C: ConnectionTrait>(db: &C, id: i64) -> wallet::Model {
    let select = Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
    select.one(db).await.unwrap().unwrap()
}

/// The inside of a transfer.
pub(crate) async fn transfer<C: ConnectionTrait>(db: &C, order: Order) {
    let [first, second] = order.locked();
    let first = lock(db, first).await;
    let second = lock(db, second).await;
    for found in [first, second] {
        update(db, order.changed(found.id, found.balance, found.version)).await;
    }
    for new in order.entries() {
        insert(db, new).await;
    }
}

/// SeaORM on the pool that it comes with.
pub(crate) struct SeaOrm {
    name: &'static str,
    db: DatabaseConnection,
}

impl SeaOrm {
    /// As it is, but for the size and the log.
    pub(crate) async fn new(name: &'static str, url: &str) -> Self {
        Self::with(name, url, |_| {}).await
    }

    /// The same without a round trip before a connection is lent out.
    pub(crate) async fn untested(name: &'static str, url: &str) -> Self {
        Self::with(name, url, |options| {
            options.test_before_acquire(false);
        })
        .await
    }

    async fn with(name: &'static str, url: &str, change: impl Fn(&mut ConnectOptions)) -> Self {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(u32::try_from(CONNECTIONS).unwrap())
            .acquire_timeout(Duration::from_secs(30))
            .sqlx_logging(false);
        change(&mut options);
        let db = Database::connect(options).await.unwrap();
        Self { name, db }
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        &self.db
    }
}

impl Contender for SeaOrm {
    type Worker = DatabaseConnection;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> DatabaseConnection {
        self.db.clone()
    }
}

impl Worker for DatabaseConnection {
    async fn read(&mut self, id: i64) -> wallet::Model {
        read(self, id).await
    }

    async fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        list(self, query).await
    }

    async fn insert(&mut self, new: entry::New) -> entry::Model {
        insert(self, new).await
    }

    async fn update(&mut self, change: Change) -> wallet::Model {
        update(self, change).await
    }

    async fn transfer(&mut self, order: Order) {
        let transaction = self.begin().await.unwrap();
        transfer(&transaction, order).await;
        transaction.commit().await.unwrap();
    }
}
