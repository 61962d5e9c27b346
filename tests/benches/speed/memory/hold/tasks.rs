//! Units of work that are kept open by tasks.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
};

use adapters::postgres::AsyncPostgresSessionManager;
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError};
use sea_orm::{
    DatabaseConnection, TransactionTrait as _,
    sqlx::{Connection as _, PgConnection, PgPool},
};
use tokio::sync::OwnedMutexGuard;

use crate::{
    contender::{Worker, deadpool, ours::RepositoryWorker, seaorm},
    statement::{ONE, READ},
};

/// A worker that can keep a unit of work open.
pub(crate) trait Hold: Worker {
    /// Reads a row inside of a unit of work, and commits when `end` is over.
    fn hold(
        &mut self,
        id: i64,
        end: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = ()> + Send;
}

impl Hold for AsyncPostgresSessionManager {
    async fn hold(&mut self, id: i64, end: impl Future<Output = ()> + Send) {
        let manager = &*self;
        let end = Mutex::new(Some(Box::pin(end)));
        let held = manager.atomic(|| async {
            seaorm::read(&manager.session()?, id).await;
            let end = end.lock().unwrap_or_else(PoisonError::into_inner).take();
            end.unwrap().await;
            Ok::<_, DatabaseError>(())
        });
        held.await.unwrap();
    }
}

impl Hold for RepositoryWorker {
    async fn hold(&mut self, id: i64, end: impl Future<Output = ()> + Send) {
        self.manager.hold(id, end).await;
    }
}

impl Hold for DatabaseConnection {
    async fn hold(&mut self, id: i64, end: impl Future<Output = ()> + Send) {
        let transaction = self.begin().await.unwrap();
        seaorm::read(&transaction, id).await;
        end.await;
        transaction.commit().await.unwrap();
    }
}

impl Hold for PgPool {
    async fn hold(&mut self, id: i64, end: impl Future<Output = ()> + Send) {
        let mut transaction = self.begin().await.unwrap();
        PgConnection::read(&mut transaction, id).await;
        end.await;
        transaction.commit().await.unwrap();
    }
}

impl Hold for OwnedMutexGuard<PgConnection> {
    async fn hold(&mut self, id: i64, end: impl Future<Output = ()> + Send) {
        let mut transaction = self.begin().await.unwrap();
        PgConnection::read(&mut transaction, id).await;
        end.await;
        transaction.commit().await.unwrap();
    }
}

impl Hold for deadpool_postgres::Pool {
    async fn hold(&mut self, id: i64, end: impl Future<Output = ()> + Send) {
        let mut client = self.get().await.unwrap();
        let transaction = client.transaction().await.unwrap();
        deadpool::one(&transaction, READ, &[&id, &ONE]).await;
        end.await;
        transaction.commit().await.unwrap();
    }
}
