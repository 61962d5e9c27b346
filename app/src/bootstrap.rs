//! The one place that knows which adapter stands behind which port.
//!
//! The backend is chosen by the scheme of `DATABASE_URL`, once, here; everything else is
//! written for any backend.

mod authentication;
mod idempotency;
// sample: begin
mod ledger;
// sample: end
mod readiness;
mod sources;

use std::{path::PathBuf, sync::Arc, time::Duration};

use adapters::{
    Database,
    config::Variables,
    postgres::{AsyncPostgresSessionManager, PostgresSessionManager},
    repository::SharedAsyncManager,
    seaorm::{AsyncManager, Backend, Manager, PoolStatus},
    sqlite::{AsyncSqliteSessionManager, SqliteSessionManager},
};
use migration::MigrationError;
use ports::{DatabaseError, SessionManager, blocking::BlockOn as _};
use prometheus_client::registry::Registry;

pub use authentication::authenticator;
use readiness::DatabaseReadiness;
pub use sources::Sources;

use crate::{
    background::Task,
    config::{Config, IdempotencyConfig},
    http::{Api, Metrics, chain},
    lifecycle::Lifecycle,
    services::Services,
};

/// All that `serve` runs.
pub struct Service {
    /// What answers requests.
    pub api: Api,
    /// What is done beside them.
    pub tasks: Vec<Task>,
    /// The connections that both of them use.
    pub pool: Arc<dyn Pool>,
}

/// The connections of a service, seen from outside.
pub trait Pool: Send + Sync {
    /// How many there are, and what they are doing.
    fn status(&self) -> PoolStatus;

    /// Closes those that are idle, and hands out no more.
    fn close(&self);
}

impl<B: Backend> Pool for AsyncManager<B> {
    fn status(&self) -> PoolStatus {
        Self::status(self)
    }

    fn close(&self) {
        Self::close(self);
    }
}

/// The service on this database. Nothing is connected yet, and it runs open until it is given an
/// [`authenticator`].
///
/// # Errors
///
/// [`DatabaseError::Configuration`].
pub fn service(database: &Database, config: &Config) -> Result<Service, DatabaseError> {
    service_from(database, config, &Sources::default())
}

/// The same with another clock, or with other identities.
///
/// # Errors
///
/// As with [`service`].
pub fn service_from(
    database: &Database,
    config: &Config,
    sources: &Sources,
) -> Result<Service, DatabaseError> {
    match database.clone() {
        Database::Postgres(settings) => {
            let manager = AsyncPostgresSessionManager::new(*settings)?;
            Ok(service_of(manager, None, config, sources))
        }
        Database::Sqlite(settings) => {
            let file = settings.file();
            let manager = AsyncSqliteSessionManager::new(*settings)?;
            Ok(service_of(manager, file, config, sources))
        }
    }
}

fn service_of<B: Backend>(
    manager: AsyncManager<B>,
    file: Option<PathBuf>,
    config: &Config,
    sources: &Sources,
) -> Service {
    let metrics = Metrics::new(Registry::default(), sources.clock.now());
    metrics.databases().watch("main", &manager);
    let manager = Arc::new(manager);
    let pool = manager.clone();
    let api = api_with(manager, file, metrics, config, sources);
    let keys = api.services.idempotency.clone();
    Service {
        tasks: vec![idempotency::purge(keys, config.idempotency.purge_interval)],
        pool,
        api,
    }
}

/// The schema as [`migrate`] leaves it, however long it takes until there is a server to have
/// it.
///
/// # Errors
///
/// Those of [`migrate`], but for a server that can not be reached: it is waited for.
pub async fn prepare(database: &Database) -> Result<(), MigrationError> {
    const LONGEST: Duration = Duration::from_secs(5);
    let mut pause = Duration::from_millis(100);
    loop {
        match migrate(database).await {
            Err(error) if error.is_unreachable() => {
                let error = chain(&error);
                tracing::warn!(%database, error, "waiting for the database");
            }
            ended => return ended,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// Work for a thread that may block, on whichever backend.
pub trait Job {
    /// What comes of it.
    type Output;

    /// Does it. The services work inside of the manager's
    /// [`block_on`](ports::blocking::BlockOn::block_on) alone.
    fn run<M: SessionManager>(self, manager: &M, services: &Services) -> Self::Output;
}

/// Brings the schema up to date as [`migrate`] does, then does the job: no runtime is started,
/// the calling thread drives the connection itself.
///
/// # Errors
///
/// Those of [`migrate`]. What the job meets is in its output.
pub fn work<J: Job>(database: &Database, job: J) -> Result<J::Output, MigrationError> {
    database.prepare()?;
    match database.clone() {
        Database::Postgres(config) => {
            work_on(database, &PostgresSessionManager::new(*config)?, job)
        }
        Database::Sqlite(config) => work_on(database, &SqliteSessionManager::new(*config)?, job),
    }
}

/// Brings the schema up to date: an embedded database always, a server's unless
/// `DATABASE_MIGRATE_ON_START` is false. The default suits development; in production, where
/// the service's role had better not own the tables, set it to false and run the migrations
/// as a step of the deployment.
///
/// A database that is ahead of this program is warned of, and used: during a deployment the
/// old version runs on the new schema for a while.
///
/// # Errors
///
/// When the database can not be reached, or a migration fails.
pub async fn migrate(database: &Database) -> Result<(), MigrationError> {
    const PATIENCE: Duration = migration::LOCK_TIMEOUT;
    // Also when nothing is to be migrated: SQLite does not make the directory of its file.
    database.prepare()?;
    let embedded = matches!(database, Database::Sqlite(_));
    if embedded || migrates_on_start()? {
        let report = migration::migrate(database, PATIENCE).await?;
        for name in &report.applied {
            tracing::info!(name, "applied a migration");
        }
    }
    Ok(())
}

fn api_with<B: Backend>(
    manager: SharedAsyncManager<B>,
    file: Option<PathBuf>,
    metrics: Metrics,
    config: &Config,
    sources: &Sources,
) -> Api {
    Api {
        services: services(manager.clone(), &config.idempotency, sources),
        readiness: Arc::new(DatabaseReadiness { manager, file }),
        ids: sources.ids.clone(),
        lifecycle: Lifecycle::default(),
        metrics,
        authenticator: None,
    }
}

fn migrates_on_start() -> Result<bool, DatabaseError> {
    Variables::of_process("DATABASE")?.flag_or("migrate_on_start", true)
}

fn work_on<B: Backend, J: Job>(
    database: &Database,
    manager: &Manager<B>,
    job: J,
) -> Result<J::Output, MigrationError> {
    manager.block_on(migrate(database))??;
    // Jobs have no keys of clients: the settings are those of HTTP.
    let idempotency = IdempotencyConfig::default();
    let services = services(
        Arc::new(manager.as_async()),
        &idempotency,
        &Sources::default(),
    );
    Ok(job.run(manager, &services))
}

fn services<B: Backend>(
    manager: SharedAsyncManager<B>,
    config: &IdempotencyConfig,
    sources: &Sources,
) -> Services {
    let idempotency = idempotency::service(manager.clone(), config, sources.clock.clone());
    let idempotency = Arc::new(idempotency);
    // sample: begin
    let (accounts, transfers, ledger) = ledger::services(manager, idempotency.clone(), sources);
    // sample: end
    Services {
        idempotency,
        // sample: begin
        accounts,
        transfers,
        ledger,
        // sample: end
    }
}
