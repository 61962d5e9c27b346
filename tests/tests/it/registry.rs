//! The registry of session managers.

mod double;

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use adapters::{
    postgres::{PostgresConfig, PostgresSessionManagerRegistry},
    registry::Registry,
    repository::{AsyncAdapter, SharedAsyncManager},
    seaorm::{AsyncManager, Backend},
    sqlite::{SqliteConfig, SqliteSessionManagerRegistry},
};
use double::Double;
use ports::{DatabaseError, blocking::BlockOn as _};
use sea_orm::{
    ConnectionTrait as _,
    sqlx::{Postgres, Sqlite},
};
use tests::{SqliteFile, TestDatabase};

use crate::repository::sample;

/// How to reach a server that nobody asks.
fn nowhere() -> PostgresConfig {
    PostgresConfig::from_url("postgres://nobody@127.0.0.1:1/nothing").unwrap()
}

/// A registry that counts how often it is configured.
fn counting<B: Backend>(config: B::Config) -> (Registry<B>, Arc<AtomicUsize>)
where
    B::Config: Send + Sync,
{
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let registry = Registry::configured(move || {
        counted.fetch_add(1, SeqCst);
        thread::sleep(std::time::Duration::from_millis(20));
        Ok(config.clone())
    });
    (registry, count)
}

fn threads_that_race_get_one_manager<B: Backend>(config: B::Config) {
    let (registry, count) = counting::<B>(config);
    let start = Barrier::new(64);
    let managers = thread::scope(|scope| {
        let race = || {
            start.wait();
            registry.sync_manager().unwrap()
        };
        let racers: Vec<_> = (0..64).map(|_| scope.spawn(race)).collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(
        managers
            .iter()
            .all(|manager| Arc::ptr_eq(manager, &managers[0]))
    );
    assert_eq!(count.load(SeqCst), 1);
}

#[test]
fn sixty_four_threads_get_one_manager() {
    let file = SqliteFile::empty();
    threads_that_race_get_one_manager::<Sqlite>(SqliteConfig::from_url(&file.url()).unwrap());
    threads_that_race_get_one_manager::<Postgres>(nowhere());
}

async fn tasks_that_race_get_one_manager<B: Backend>(config: B::Config) {
    let (registry, count) = counting::<B>(config);
    let registry = Arc::new(registry);
    let racers = (0..64).map(|_| {
        let registry = Arc::clone(&registry);
        tokio::spawn(async move { registry.async_manager().unwrap() })
    });
    let mut managers = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        managers.push(racer.await.unwrap());
    }
    assert!(
        managers
            .iter()
            .all(|manager| Arc::ptr_eq(manager, &managers[0]))
    );
    assert_eq!(count.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tasks_get_one_manager() {
    let file = SqliteFile::empty();
    tasks_that_race_get_one_manager::<Sqlite>(SqliteConfig::from_url(&file.url()).unwrap()).await;
    tasks_that_race_get_one_manager::<Postgres>(nowhere()).await;
}

#[test]
fn a_failure_is_answered_and_tried_again() {
    let tries = AtomicUsize::new(0);
    let registry = PostgresSessionManagerRegistry::configured(move || {
        if tries.fetch_add(1, SeqCst).is_multiple_of(2) {
            return Err(DatabaseError::configuration("not yet"));
        }
        Ok(nowhere())
    });
    let refused = registry.sync_manager().err().unwrap();
    assert!(
        matches!(refused, DatabaseError::Configuration(_)),
        "{refused:?}"
    );
    let first = registry.sync_manager().unwrap();
    assert!(Arc::ptr_eq(&first, &registry.sync_manager().unwrap()));
    assert!(registry.async_manager().is_err());
    assert!(registry.async_manager().is_ok());
}

#[tokio::test]
async fn any_implementation_can_take_the_place() {
    let file = SqliteFile::empty();
    let config = SqliteConfig::from_url(&file.url()).unwrap();
    let registry = SqliteSessionManagerRegistry::configured(|| panic!("nobody asks for this"));
    let double = Arc::new(Double::new(AsyncManager::<Sqlite>::new(config).unwrap()));
    let shared: SharedAsyncManager<Sqlite> = double.clone();
    registry.set_async_manager(shared);

    let manager = registry.async_manager().unwrap();
    manager
        .session()
        .unwrap()
        .execute_unprepared("SELECT 1")
        .await
        .unwrap();
    let adapter = AsyncAdapter::<sample::Entity, Sqlite>::new(manager);
    assert_eq!(adapter.create_many([]).await.unwrap(), 0);
    assert_eq!(double.sessions(), 2);
}

#[test]
fn a_reset_does_not_take_a_manager_from_who_has_it() {
    let file = SqliteFile::empty();
    let (registry, count) = counting::<Sqlite>(SqliteConfig::from_url(&file.url()).unwrap());
    let held = registry.sync_manager().unwrap();
    let session = held.session().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| (0..20).for_each(|_| registry.reset()));
        for _ in 0..20 {
            let used = held.block_on(session.execute_unprepared("SELECT 1"));
            used.unwrap().unwrap();
        }
    });
    registry.reset();
    let fresh = registry.sync_manager().unwrap();
    assert!(!Arc::ptr_eq(&held, &fresh));
    registry.set_sync_manager(Arc::clone(&held));
    assert!(Arc::ptr_eq(&held, &registry.sync_manager().unwrap()));
    assert_eq!(count.load(SeqCst), 2);
}

#[tokio::test]
async fn two_registries_are_two_databases() {
    let databases = [TestDatabase::empty().await, TestDatabase::empty().await];
    let [one, other] = databases.each_ref().map(|database| {
        let config = PostgresConfig::from_url(&database.url()).unwrap();
        PostgresSessionManagerRegistry::configured(move || Ok(config.clone()))
    });
    for (registry, table) in [(&one, "first"), (&other, "second")] {
        let session = registry.async_manager().unwrap().session().unwrap();
        let sql = format!("CREATE TABLE {table} (id int)");
        session.execute_unprepared(&sql).await.unwrap();
    }
    for (database, table) in databases.iter().zip(["first", "second"]) {
        let found: String = database
            .scalar("SELECT string_agg(relname, ',') FROM pg_class WHERE relname IN ('first', 'second')")
            .await;
        assert_eq!(found, table);
    }
}

#[test]
fn there_is_one_registry_for_the_whole_process() {
    let here = PostgresSessionManagerRegistry::global();
    let there = thread::spawn(PostgresSessionManagerRegistry::global)
        .join()
        .unwrap();
    assert!(std::ptr::eq(here, there));
    let _: &SqliteSessionManagerRegistry = SqliteSessionManagerRegistry::global();
}

/// Reads the environment of a process of its own: that of the tests is shared by them all.
#[test]
fn the_environment_is_read_when_the_first_manager_is_asked_for() {
    const URL: &str = "DATABASE_URL";
    const INSIDE: &str = "REGISTRY_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        let registry = PostgresSessionManagerRegistry::new();
        let outcome = registry
            .async_manager()
            .err()
            .map(|error| error.to_string());
        assert_eq!(
            outcome.is_some_and(|text| text.contains(URL)),
            std::env::var(URL).unwrap() == "wrong"
        );
        return;
    }
    let name = "registry::the_environment_is_read_when_the_first_manager_is_asked_for";
    let directory = tempfile::tempdir().unwrap();
    for url in ["wrong", "postgres://nobody@127.0.0.1:1/nothing"] {
        let ended = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .current_dir(directory.path())
            .envs([(URL, url), (INSIDE, "1")])
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&ended.stdout);
        assert!(
            ended.status.success() && output.contains("1 passed"),
            "{url}: {output}"
        );
    }
}
