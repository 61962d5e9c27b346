//! Units of work that are kept open by threads.

use std::{
    cell::Cell,
    sync::{Arc, Mutex},
};

use adapters::postgres::PostgresSessionManager;
use diesel::{Connection as _, r2d2::Pool};
use ports::{
    DatabaseError, SessionManager as _,
    blocking::{Atomic as _, BlockOn as _},
};
use sea_orm::{DatabaseConnection, TransactionTrait as _, sqlx::Connection as _};
use tokio::runtime::Handle;

use crate::{
    blocking::{
        BlockingWorker,
        diesel::{self as on_diesel, Manager},
        ours::RepositoryWorker,
        postgres, sqlx,
    },
    contender::{Worker as _, deadpool, seaorm},
    statement::ONE,
};

/// A worker that can keep a unit of work open.
pub(crate) trait Hold: BlockingWorker {
    /// Reads a row inside of a unit of work, and commits when `end` has returned.
    fn hold(&mut self, id: i64, end: impl FnOnce());
}

impl Hold for PostgresSessionManager {
    fn hold(&mut self, id: i64, end: impl FnOnce()) {
        let end = Cell::new(Some(end));
        let held = self.atomic(|| {
            self.block_on(seaorm::read(&self.session()?, id))?;
            end.take().unwrap()();
            Ok::<_, DatabaseError>(())
        });
        held.unwrap();
    }
}

impl Hold for RepositoryWorker {
    fn hold(&mut self, id: i64, end: impl FnOnce()) {
        self.manager.hold(id, end);
    }
}

impl Hold for (Handle, DatabaseConnection) {
    fn hold(&mut self, id: i64, end: impl FnOnce()) {
        let (runtime, db) = self;
        let transaction = runtime.block_on(db.begin()).unwrap();
        runtime.block_on(seaorm::read(&transaction, id));
        end();
        runtime.block_on(transaction.commit()).unwrap();
    }
}

impl Hold for Pool<Manager> {
    fn hold(&mut self, id: i64, end: impl FnOnce()) {
        let held = on_diesel::lent(self).transaction(|connection| {
            on_diesel::read(connection, id);
            end();
            diesel::QueryResult::Ok(())
        });
        held.unwrap();
    }
}

impl Hold for Arc<Mutex<postgres::Connection>> {
    fn hold(&mut self, id: i64, end: impl FnOnce()) {
        let postgres::Connection { client, statements } = &mut *self.try_lock().unwrap();
        let mut transaction = client.transaction().unwrap();
        let row = transaction.query_one(&statements.read, &[&id, &ONE]);
        deadpool::wallet(&row.unwrap());
        end();
        transaction.commit().unwrap();
    }
}

impl Hold for Arc<Mutex<sqlx::Pair>> {
    fn hold(&mut self, id: i64, end: impl FnOnce()) {
        let sqlx::Pair {
            runtime,
            connection,
        } = &mut *self.try_lock().unwrap();
        let mut transaction = runtime.block_on(connection.begin()).unwrap();
        runtime.block_on(transaction.read(id));
        end();
        runtime.block_on(transaction.commit()).unwrap();
    }
}
