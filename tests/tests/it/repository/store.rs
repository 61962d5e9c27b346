//! A database without tables, with a manager on it.

use std::{any::Any, sync::Arc};

use adapters::{
    postgres::PostgresConfig,
    repository::{AsyncAdapter, Record, SharedAsyncManager},
    seaorm::{AsyncManager, Backend, Session},
    sqlite::SqliteConfig,
};
use ports::{AsyncSessionManager as _, DatabaseError};
use sea_orm::{
    ConnectionTrait as _, EntityTrait, Schema,
    sqlx::{Postgres, Sqlite},
};
use tests::{SqliteFile, TestDatabase};

/// The manager goes first: a database with sessions in it is not dropped gladly.
pub(crate) struct Store<B: Backend> {
    pub(crate) manager: AsyncManager<B>,
    _database: Box<dyn Any + Send + Sync>,
}

impl Store<Postgres> {
    pub(crate) async fn postgres() -> Self {
        let database = TestDatabase::empty().await;
        let config = PostgresConfig::from_url(&database.url()).unwrap();
        Self {
            manager: AsyncManager::new(config).unwrap(),
            _database: Box::new(database),
        }
    }
}

impl Store<Sqlite> {
    pub(crate) fn sqlite() -> Self {
        let file = SqliteFile::empty();
        let config = SqliteConfig::from_url(&file.url()).unwrap();
        Self {
            manager: AsyncManager::new(config).unwrap(),
            _database: Box::new(file),
        }
    }
}

impl<B: Backend> Store<B> {
    /// Makes the entity's table, and the types that it needs.
    pub(crate) async fn table<E: EntityTrait>(&self) {
        let schema = Schema::new(B::DIALECT);
        let session = self.session();
        for kind in schema.create_enum_from_entity(E::default()) {
            session.execute(&kind).await.unwrap();
        }
        let table = schema.create_table_from_entity(E::default());
        session.execute(&table).await.unwrap();
    }

    pub(crate) fn adapter<E: Record>(&self) -> AsyncAdapter<E, B> {
        AsyncAdapter::new(self.shared())
    }

    /// The entity's table, with an adapter on it.
    pub(crate) async fn new_adapter<E: Record>(&self) -> AsyncAdapter<E, B> {
        self.table::<E>().await;
        self.adapter()
    }

    pub(crate) fn shared(&self) -> SharedAsyncManager<B> {
        Arc::new(self.manager.clone())
    }

    pub(crate) fn session(&self) -> Session<B> {
        self.manager.session().unwrap()
    }

    pub(crate) async fn script(&self, sql: &str) {
        self.session().execute_unprepared(sql).await.unwrap();
    }
}

/// The text of the refusal of a query.
pub(crate) fn refusal<T>(result: Result<T, DatabaseError>) -> String {
    match result {
        Err(DatabaseError::InvalidQuery(text)) => text.into_owned(),
        Err(other) => panic!("refused as {other:?}"),
        Ok(_) => panic!("not refused"),
    }
}
