//! Databases with a pool of one, and a look from outside.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use adapters::{
    postgres::PostgresConfig,
    seaorm::{AsyncManager, Backend, Manager, PoolStatus, SessionSettings},
    sqlite::SqliteConfig,
};
use ports::AsyncSessionManager as _;
use sea_orm::{
    ConnectionTrait as _,
    sqlx::{
        AssertSqlSafe, Connection as _, PgConnection, Postgres, Sqlite, SqliteConnection,
        query_scalar, raw_sql,
    },
};
use tests::{Proxy, SqliteFile, TestDatabase};
use tokio::sync::Mutex;

use super::{case::Stage, rows};

/// Long against a switch of threads: no answer is there before it is waited for.
const DELAY: Duration = Duration::from_millis(1);

/// What may be waited for has come long before this.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// What the manager that prepares rounds calls itself.
const HELPER: &str = "helper";

pub(super) trait Place: Sized {
    type Db: Backend;

    async fn new() -> Self;

    /// With a pool of one.
    fn config(&self) -> <Self::Db as Backend>::Config;

    /// A stage for what is done around a round. Nothing of it is slow, or counts.
    fn helper(&self) -> &Stage<Self::Db>;

    /// Answers in one column of text, sorted.
    async fn look(&self, sql: String) -> Vec<String>;

    /// Whether no transaction is open, and there are so many sessions.
    async fn is_settled(&self, sessions: usize) -> bool;

    fn manager(&self) -> AsyncManager<Self::Db> {
        AsyncManager::new(self.config()).unwrap()
    }

    fn blocking_manager(&self) -> Manager<Self::Db> {
        Manager::new(self.config()).unwrap()
    }

    /// The first of ten numbers that nobody else has.
    fn ten(&self) -> i64 {
        static NEXT: AtomicI64 = AtomicI64::new(1);
        10 * NEXT.fetch_add(1, Ordering::Relaxed)
    }

    /// Waits until the pool is whole: nobody has a place, nothing is open, and the server has
    /// no session that the pool has not.
    async fn is_whole(&self, status: impl Fn() -> PoolStatus) {
        let begun = Instant::now();
        loop {
            let now = status();
            assert_eq!(now.max_size, 1);
            let idle = now.idle == now.size && now.size <= 1 && now.waiting == 0;
            if idle && self.is_settled(now.size).await {
                return;
            }
            let waited = begun.elapsed();
            assert!(waited < PATIENCE, "the pool is not whole: {now:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn frugal(settings: &mut SessionSettings) {
    settings.pool_size = 1;
    settings.pool_max_overflow = 0;
    settings.pool_timeout = PATIENCE;
}

async fn prepared<B: Backend>(config: B::Config) -> Stage<B> {
    let stage = Stage::new(AsyncManager::new(config).unwrap());
    let session = stage.manager.session().unwrap();
    for table in rows::tables(B::DIALECT) {
        session.execute_raw(table).await.unwrap();
    }
    stage
}

/// PostgreSQL, a little further away than it is.
pub(super) struct OnPostgres {
    helper: Stage<Postgres>,
    outside: Mutex<PgConnection>,
    proxy: Proxy,
    _database: TestDatabase,
}

impl Place for OnPostgres {
    type Db = Postgres;

    async fn new() -> Self {
        let database = TestDatabase::postgres().await;
        let mut near = PostgresConfig::from_url(&database.url()).unwrap();
        HELPER.clone_into(&mut near.application_name);
        let proxy = Proxy::to(&database.url());
        proxy.set_delay(DELAY);
        Self {
            helper: prepared(near).await,
            outside: Mutex::new(database.connect().await),
            proxy,
            _database: database,
        }
    }

    fn config(&self) -> PostgresConfig {
        let mut config = PostgresConfig::from_url(self.proxy.url()).unwrap();
        frugal(&mut config.session);
        config
    }

    fn helper(&self) -> &Stage<Postgres> {
        &self.helper
    }

    async fn look(&self, sql: String) -> Vec<String> {
        let look = query_scalar(AssertSqlSafe(sql));
        let mut found = look
            .fetch_all(&mut *self.outside.lock().await)
            .await
            .unwrap();
        found.sort();
        found
    }

    async fn is_settled(&self, sessions: usize) -> bool {
        let sql = "SELECT coalesce(array_agg(state), '{}') FROM pg_stat_activity WHERE \
                   datname = current_database() AND pid <> pg_backend_pid() AND \
                   application_name <> $1 AND backend_type = 'client backend'";
        let states = query_scalar(sql).bind(HELPER);
        let states: Vec<Option<String>> = states
            .fetch_one(&mut *self.outside.lock().await)
            .await
            .unwrap();
        let idle = states.iter().all(|state| state.as_deref() == Some("idle"));
        idle && states.len() == sessions
    }
}

pub(super) struct OnSqlite {
    helper: Stage<Sqlite>,
    outside: Mutex<SqliteConnection>,
    file: SqliteFile,
}

impl Place for OnSqlite {
    type Db = Sqlite;

    async fn new() -> Self {
        let file = TestDatabase::sqlite().await;
        let config = SqliteConfig::from_url(&file.url()).unwrap();
        let outside = SqliteConnection::connect(&file.url()).await.unwrap();
        Self {
            helper: prepared(config).await,
            outside: Mutex::new(outside),
            file,
        }
    }

    fn config(&self) -> SqliteConfig {
        let mut config = SqliteConfig::from_url(&self.file.url()).unwrap();
        frugal(&mut config.session);
        config
    }

    fn helper(&self) -> &Stage<Sqlite> {
        &self.helper
    }

    async fn look(&self, sql: String) -> Vec<String> {
        let look = query_scalar(AssertSqlSafe(sql));
        let mut found = look
            .fetch_all(&mut *self.outside.lock().await)
            .await
            .unwrap();
        found.sort();
        found
    }

    /// Whoever can write at once is alone.
    async fn is_settled(&self, _: usize) -> bool {
        let alone = raw_sql("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK");
        alone.execute(&mut *self.outside.lock().await).await.is_ok()
    }
}
