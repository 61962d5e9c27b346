//! A database with one table, a manager with a pool of one, and a look from outside.

use std::time::Duration;

use adapters::{
    postgres::PostgresConfig,
    seaorm::{AsyncManager, Backend, Manager, SessionSettings, database_error},
    sqlite::SqliteConfig,
};
use ports::{AsyncSessionManager, DatabaseError};
use sea_orm::{
    ConnectionTrait, Statement, TryGetable,
    sqlx::{self, AssertSqlSafe, Connection, SqliteConnection, query_scalar, raw_sql},
};
use tests::{SqliteFile, TestDatabase};

const TABLE: &str = "CREATE TABLE entry (id int PRIMARY KEY)";

/// What may be waited for has come long before this.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) trait World: Sized + Send + Sync {
    type Db: Backend;

    async fn new() -> Self;

    fn config(&self) -> <Self::Db as Backend>::Config;

    fn settings(config: &mut <Self::Db as Backend>::Config) -> &mut SessionSettings;

    /// The entries that are stored, as another session sees them.
    fn stored(&self) -> impl Future<Output = Vec<i32>> + Send;

    /// Waits until no transaction is open.
    async fn settled(&self);

    fn manager(&self) -> AsyncManager<Self::Db> {
        self.manager_of(1)
    }

    fn manager_of(&self, pool_size: usize) -> AsyncManager<Self::Db> {
        let mut config = self.config();
        Self::settings(&mut config).pool_size = pool_size;
        AsyncManager::new(config).unwrap()
    }

    fn blocking_manager(&self) -> Manager<Self::Db> {
        Manager::new(self.config()).unwrap()
    }
}

/// A pool of one, and no patience with whoever waits for a second connection.
fn frugal(settings: &mut SessionSettings) {
    settings.pool_size = 1;
    settings.pool_max_overflow = 0;
    settings.pool_timeout = Duration::from_secs(10);
}

pub(super) struct OnPostgres(pub(super) TestDatabase);

impl OnPostgres {
    pub(super) async fn with_table(database: TestDatabase) -> Self {
        database.execute(TABLE).await;
        Self(database)
    }
}

impl World for OnPostgres {
    type Db = sqlx::Postgres;

    async fn new() -> Self {
        Self::with_table(TestDatabase::empty().await).await
    }

    fn config(&self) -> PostgresConfig {
        let mut config = PostgresConfig::from_url(&self.0.url()).unwrap();
        frugal(&mut config.session);
        config
    }

    fn settings(config: &mut PostgresConfig) -> &mut SessionSettings {
        &mut config.session
    }

    async fn stored(&self) -> Vec<i32> {
        let sql = "SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM entry";
        self.0.scalar(sql).await
    }

    async fn settled(&self) {
        until(async || self.0.backend_states().await.iter().all(|s| s == "idle")).await;
    }
}

pub(super) struct OnSqlite(SqliteFile);

impl OnSqlite {
    pub(super) async fn connect(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.0.url()).await.unwrap()
    }
}

impl World for OnSqlite {
    type Db = sqlx::Sqlite;

    async fn new() -> Self {
        let world = Self(SqliteFile::empty());
        let mut session = world.connect().await;
        raw_sql(TABLE).execute(&mut session).await.unwrap();
        world
    }

    fn config(&self) -> SqliteConfig {
        let mut config = SqliteConfig::from_url(&self.0.url()).unwrap();
        frugal(&mut config.session);
        config
    }

    fn settings(config: &mut SqliteConfig) -> &mut SessionSettings {
        &mut config.session
    }

    async fn stored(&self) -> Vec<i32> {
        let ids = query_scalar("SELECT id FROM entry ORDER BY id");
        ids.fetch_all(&mut self.connect().await).await.unwrap()
    }

    async fn settled(&self) {
        let mut session = self.connect().await;
        let free = raw_sql("BEGIN IMMEDIATE; ROLLBACK");
        free.execute(&mut session).await.unwrap();
    }
}

/// Runs the listed tests, which are generic over a [`World`], on both databases.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_postgres {
            use super::super::world::{OnPostgres, World as _, bounded};
            $(#[tokio::test]
            async fn $name() {
                bounded(async { let _ = super::$name(OnPostgres::new().await).await; }).await;
            })+
        }
        mod on_sqlite {
            use super::super::world::{OnSqlite, World as _, bounded};
            $(#[tokio::test]
            async fn $name() {
                bounded(async { let _ = super::$name(OnSqlite::new().await).await; }).await;
            })+
        }
    };
}
pub(super) use on_both;

/// A test that hangs fails.
pub(super) async fn bounded<T>(test: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(PATIENCE, test).await;
    ended.expect("the test ends in time")
}

/// Waits until something is so.
pub(super) async fn until(condition: impl AsyncFn() -> bool) {
    bounded(async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// Waits until a session runs a statement that contains these words.
pub(super) async fn until_running(database: &TestDatabase, words: &str) {
    let running = async {
        loop {
            let backends = database.backends().await;
            let mut active = backends.iter().filter(|backend| backend.state == "active");
            if active.any(|backend| backend.query.contains(words)) {
                return;
            }
        }
    };
    bounded(running).await;
}

/// Adds an entry, with a prepared statement.
pub(super) async fn add<B: Backend>(
    manager: &AsyncManager<B>,
    id: i32,
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO entry VALUES ($1)";
    let insert = Statement::from_sql_and_values(B::DIALECT, sql, [id.into()]);
    let done = manager.session()?.execute_raw(insert).await;
    done.map(drop).map_err(database_error)
}

/// Adds an entry a second time, which fails.
pub(super) async fn add_again<B: Backend>(manager: &AsyncManager<B>, id: i32) {
    let again = add(manager, id).await;
    assert!(
        matches!(again, Err(DatabaseError::UniqueViolation(_))),
        "{again:?}"
    );
}

/// Runs SQL without parameters.
pub(super) async fn run<B: Backend>(
    manager: &AsyncManager<B>,
    sql: &str,
) -> Result<(), DatabaseError> {
    let done = manager.session()?.execute_unprepared(sql).await;
    done.map(drop).map_err(database_error)
}

/// The first column of the first row.
pub(super) async fn ask<T: TryGetable, B: Backend>(
    manager: &AsyncManager<B>,
    sql: &str,
) -> Result<T, DatabaseError> {
    let asked = Statement::from_string(B::DIALECT, sql);
    let row = manager.session()?.query_one_raw(asked).await;
    let row = row.map_err(database_error)?.expect("a row");
    row.try_get_by_index(0).map_err(database_error)
}

/// Runs SQL from outside of the manager.
pub(super) async fn outside(session: &mut sqlx::PgConnection, sql: &str) {
    let sql = AssertSqlSafe(sql);
    raw_sql(sql).execute(session).await.unwrap();
}
