//! What the pool tells Prometheus.

use std::time::Duration;

use adapters::seaorm::Databases;
use ports::{AsyncSessionManager, DatabaseError};
use prometheus_client::registry::Registry;
use sea_orm::{TransactionSession, TransactionTrait};
use tests::{Metrics, TestDatabase};

use super::{ask, ask_blocking, manager, on_thread, run, sync_manager, until, within};

/// A registry, and what is watched in it.
fn watching() -> (Registry, Databases) {
    let mut registry = Registry::default();
    let databases = Databases::registered(&mut registry);
    (registry, databases)
}

fn pool(metrics: &Metrics, name: &str) -> u64 {
    metrics.count(&format!(r#"database_pool_{name}{{database="main"}}"#))
}

fn connections(metrics: &Metrics, name: &str) -> u64 {
    metrics.count(&format!(
        r#"database_connections_{name}_total{{database="main"}}"#
    ))
}

fn discarded(metrics: &Metrics, reason: &str) -> u64 {
    metrics.count(&format!(
        r#"database_connections_discarded_total{{database="main",reason="{reason}"}}"#
    ))
}

#[tokio::test]
async fn a_full_pool_shows_who_waits_and_for_how_long() {
    let database = TestDatabase::empty().await;
    let settings = [("POOL_SIZE", "1"), ("POOL_MAX_OVERFLOW", "0")];
    let manager = manager(&database.url(), &settings);
    let (registry, databases) = watching();
    databases.watch("main", &manager);
    let held = manager.session().unwrap().begin().await.unwrap();
    let waiting = tokio::spawn({
        let manager = manager.clone();
        async move { ask::<i32>(&manager, "SELECT 1").await }
    });
    until(|| async { pool(&Metrics::of(&registry), "waiting") == 1 }).await;

    let full = Metrics::of(&registry);
    let gauges = ["size", "in_use", "idle", "max"].map(|name| pool(&full, name));
    assert_eq!(gauges, [1, 1, 0, 1]);
    tokio::time::sleep(Duration::from_millis(60)).await;
    held.rollback().await.unwrap();
    within(waiting).await.unwrap().unwrap();

    let calm = Metrics::of(&registry);
    let gauges = ["size", "in_use", "idle", "waiting"].map(|name| pool(&calm, name));
    assert_eq!(gauges, [1, 0, 1, 0]);
    let wait = |part: &str| calm.value(&format!(r"database_pool_wait_seconds_{part}"));
    assert_eq!(pool(&calm, "wait_seconds_count"), 2);
    assert!(wait(r#"sum{database="main"}"#) >= 0.06, "{calm:?}");
    let short = wait(r#"bucket{le="0.05",database="main"}"#);
    assert!(short <= 1.0, "{calm:?}");
}

#[tokio::test]
async fn who_gives_up_waiting_is_counted() {
    let database = TestDatabase::empty().await;
    let settings = [
        ("POOL_SIZE", "1"),
        ("POOL_MAX_OVERFLOW", "0"),
        ("POOL_TIMEOUT", "50ms"),
    ];
    let manager = manager(&database.url(), &settings);
    let (registry, databases) = watching();
    databases.watch("main", &manager);
    let held = manager.session().unwrap().begin().await.unwrap();
    let refused = ask::<i32>(&manager, "SELECT 1").await;
    assert!(matches!(refused, Err(DatabaseError::PoolTimeout { .. })));
    let waiting = tokio::time::timeout(Duration::from_millis(10), ask::<i32>(&manager, "SELECT 1"));
    assert!(waiting.await.is_err());
    drop(held);

    let metrics = Metrics::of(&registry);
    assert_eq!(pool(&metrics, "timeouts_total"), 1);
    assert_eq!(pool(&metrics, "wait_seconds_count"), 3, "{metrics:?}");
}

#[tokio::test]
async fn connections_are_counted_from_their_opening_to_their_end() {
    let database = TestDatabase::empty().await;
    let settings = [("POOL_SIZE", "1"), ("POOL_PRE_PING", "always")];
    let manager = manager(&database.url(), &settings);
    let (registry, databases) = watching();
    databases.watch("main", &manager);
    let session = manager.session().unwrap();
    let (one, two) = (
        session.begin().await.unwrap(),
        session.begin().await.unwrap(),
    );
    one.rollback().await.unwrap();
    two.rollback().await.unwrap();
    ask::<i32>(&manager, "SELECT 1").await.unwrap();
    run(&session, "SET work_mem = '8MB'").await.unwrap();
    ask::<i32>(&manager, "SELECT 1").await.unwrap();
    database.terminate_backends("%").await;
    ask::<i32>(&manager, "SELECT 1").await.unwrap();
    manager.close();

    let metrics = Metrics::of(&registry);
    assert_eq!(connections(&metrics, "opened"), 4);
    assert_eq!(connections(&metrics, "recycled"), 2);
    let reasons = ["overflow", "unknown_state", "ping_failed", "pool_closed"];
    assert_eq!(
        reasons.map(|reason| discarded(&metrics, reason)),
        [1, 1, 1, 1]
    );
    assert_eq!(discarded(&metrics, "age"), 0);
}

#[tokio::test]
async fn a_connection_that_is_too_old_and_one_that_is_refused_are_counted() {
    let database = TestDatabase::empty().await;
    let old = manager(&database.url(), &[("POOL_RECYCLE", "1ms")]);
    let nobody = manager("postgres://postgres@127.0.0.1:1/x", &[]);
    let (registry, databases) = watching();
    databases.watch("main", &old);
    databases.watch("nobody", &nobody);
    ask::<i32>(&old, "SELECT 1").await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    ask::<i32>(&old, "SELECT 1").await.unwrap();
    ask::<i32>(&nobody, "SELECT 1").await.unwrap_err();

    let metrics = Metrics::of(&registry);
    assert_eq!(discarded(&metrics, "age"), 1);
    assert_eq!(connections(&metrics, "refused"), 0);
    let refused = r#"database_connections_refused_total{database="nobody"}"#;
    assert_eq!(metrics.count(refused), 1);
}

#[test]
fn a_blocking_manager_is_watched_in_the_same_way_until_it_is_gone() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(&database.url(), &[]);
    let (registry, databases) = watching();
    databases.watch("main", &manager);
    let manager = on_thread(move || {
        ask_blocking::<i32>(&manager, "SELECT 1").unwrap();
        ask_blocking::<i32>(&manager, "SELECT 1").unwrap();
        manager
    });

    let metrics = Metrics::of(&registry);
    assert_eq!(connections(&metrics, "opened"), 1);
    assert_eq!(connections(&metrics, "recycled"), 1);
    assert_eq!(pool(&metrics, "wait_seconds_count"), 2);
    let opening = metrics.value(r#"database_pool_wait_seconds_sum{database="main"}"#);
    assert!(opening > 0.0, "{metrics:?}");
    drop(manager);
    assert_eq!(Metrics::of(&registry).0, "# EOF\n");
}
