//! The implementations, with nothing in them.

use std::{any::Any, sync::Arc, time::Duration};

use adapters::{
    Database, IdempotencyKeyRepository,
    config::Variables,
    memory::{KeyTable, MemoryIdempotencyKeys, MemoryStore, MemoryUnitOfWork},
    postgres::AsyncPostgresSessionManager,
    repository::SharedAsyncManager,
    seaorm::Backend,
    sqlite::AsyncSqliteSessionManager,
};
use ports::{
    Atomic as _, Claim, Claimed, DatabaseError, IdempotencyKey, IdempotencyKeys, UnitOfWork,
};
use sea_orm::entity::prelude::{DateTimeUtc, Uuid};
use tests::TestDatabase;
use tokio::sync::Mutex;

/// How long a key is remembered here, in minutes.
pub(super) const TTL: u64 = 60;

/// One implementation of the port, with nothing in it.
pub(super) struct TestKeys {
    pub(super) keys: Arc<dyn IdempotencyKeys>,
    pub(super) unit_of_work: Arc<dyn UnitOfWork>,
    /// Where a server's own clock counts.
    server: Option<Server>,
    _database: Box<dyn Any + Send + Sync>,
}

impl TestKeys {
    pub(super) async fn postgres(isolation: &str) -> Self {
        let database = TestDatabase::postgres().await;
        let url = database.url();
        let settings = [
            ("DATABASE_URL", url.as_str()),
            ("DATABASE_ISOLATION_LEVEL", isolation),
            ("DATABASE_RETRY_ATTEMPTS", "100"),
        ];
        let variables = Variables::of("DATABASE", settings).unwrap();
        let Ok(Database::Postgres(config)) = Database::from_variables(&variables) else {
            panic!("not PostgreSQL: {url}");
        };
        let manager = AsyncPostgresSessionManager::new(*config).unwrap();
        let database = Arc::new(database);
        let keys = Self::on(Arc::new(manager.clone()), manager, database.clone());
        Self {
            server: Some(Server {
                database,
                minute: Mutex::default(),
            }),
            ..keys
        }
    }

    pub(super) async fn sqlite() -> Self {
        let file = TestDatabase::sqlite().await;
        let Ok(Database::Sqlite(config)) = Database::from_url(&file.url()) else {
            panic!("not SQLite: {}", file.url());
        };
        let manager = AsyncSqliteSessionManager::new(*config).unwrap();
        Self::on(Arc::new(manager.clone()), manager, file)
    }

    pub(super) fn memory() -> Self {
        let store = MemoryStore::<KeyTable>::default();
        Self {
            keys: Arc::new(MemoryIdempotencyKeys::new(store.clone())),
            unit_of_work: Arc::new(MemoryUnitOfWork::new(store)),
            server: None,
            _database: Box::new(()),
        }
    }

    fn on<B: Backend>(
        manager: SharedAsyncManager<B>,
        unit_of_work: impl UnitOfWork + 'static,
        database: impl Any + Send + Sync,
    ) -> Self {
        Self {
            keys: Arc::new(IdempotencyKeyRepository::new(manager)),
            unit_of_work: Arc::new(unit_of_work),
            server: None,
            _database: Box::new(database),
        }
    }

    pub(super) async fn claim(
        &self,
        name: &str,
        request: &str,
        result: u128,
    ) -> Result<Claimed, String> {
        self.claim_at(0, name, request, result).await
    }

    pub(super) async fn claim_at(
        &self,
        minute: u64,
        name: &str,
        request: &str,
        result: u128,
    ) -> Result<Claimed, String> {
        self.claim_of("", minute, name, request, result).await
    }

    /// Claims in a unit of work of its own, which takes its time.
    pub(super) async fn claim_of(
        &self,
        caller: &str,
        minute: u64,
        name: &str,
        request: &str,
        result: u128,
    ) -> Result<Claimed, String> {
        let key = key(name);
        self.wait_until(minute).await;
        let claimed: Result<_, DatabaseError> = self
            .unit_of_work
            .atomic(|| async {
                let claim = claim(caller, &key, request, result, minute);
                let claimed = self.run(&claim).await?;
                tokio::time::sleep(Duration::from_millis(2)).await;
                Ok(claimed)
            })
            .await;
        claimed.map_err(|error| format!("{error:?}"))
    }

    pub(super) async fn run(&self, claim: &Claim<'_>) -> Result<Claimed, DatabaseError> {
        self.keys.claim(claim).await
    }

    pub(super) async fn remove_expired(&self, minute: u64, limit: u64) -> u64 {
        self.wait_until(minute).await;
        let removed = self.keys.remove_expired(at(minute), limit).await;
        removed.unwrap()
    }
}

impl TestKeys {
    async fn wait_until(&self, minute: u64) {
        if let Some(server) = &self.server {
            server.wait_until(minute).await;
        }
    }
}

/// A server, which goes by its own clock: what it has becomes older instead.
struct Server {
    database: Arc<TestDatabase>,
    minute: Mutex<u64>,
}

impl Server {
    async fn wait_until(&self, minute: u64) {
        let mut now = self.minute.lock().await;
        if *now != minute {
            let age = format!(
                "UPDATE idempotency_keys SET (created_at, expires_at) \
                 = (created_at + later, expires_at + later) \
                 FROM (SELECT ({now} - {minute}) * interval '1 minute' AS later) AS t"
            );
            self.database.execute(&age).await;
            *now = minute;
        }
    }
}

pub(super) fn claim<'a>(
    caller: &'a str,
    key: &'a IdempotencyKey,
    request: &'a str,
    result: u128,
    minute: u64,
) -> Claim<'a> {
    Claim {
        caller,
        key,
        request,
        result: id(result),
        now: at(minute),
        expires_at: at(minute + TTL),
    }
}

pub(super) fn key(name: &str) -> IdempotencyKey {
    IdempotencyKey::new(name).unwrap()
}

pub(super) const fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn at(minute: u64) -> DateTimeUtc {
    let start: DateTimeUtc = "2026-01-01T00:00:00Z".parse().unwrap();
    start + Duration::from_mins(minute)
}
