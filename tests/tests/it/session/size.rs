//! How many connections there are: `POOL_SIZE`, `POOL_MAX_OVERFLOW`, `POOL_TIMEOUT`, and what
//! `status()` says of them.

use super::{ask, ask_blocking, manager, on_thread, pid, sync_manager, until, within};
use ports::{AsyncSessionManager, DatabaseError, blocking::Atomic};
use sea_orm::TransactionTrait;
use std::time::{Duration, Instant};
use tests::TestDatabase;

const SMALL: [(&str, &str); 3] = [
    ("POOL_SIZE", "2"),
    ("POOL_MAX_OVERFLOW", "2"),
    ("POOL_TIMEOUT", "100ms"),
];

#[tokio::test]
async fn the_pool_grows_to_its_overflow_and_shrinks_to_its_size() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &SMALL);
    let session = manager.session().unwrap();
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(session.begin().await.unwrap());
    }
    assert_eq!(database.backend_count().await, 4);
    let status = manager.status();
    assert_eq!((status.size, status.idle, status.max_size), (4, 0, 4));

    for transaction in held {
        sea_orm::TransactionSession::rollback(transaction)
            .await
            .unwrap();
    }
    let status = manager.status();
    assert_eq!((status.size, status.idle), (2, 2));
    assert_eq!((status.opened, status.closed), (4, 2));
    until(|| async { database.backend_count().await == 2 }).await;
}

#[tokio::test]
async fn a_full_pool_is_another_error_than_an_unreachable_server() {
    let database = TestDatabase::empty().await;
    let full = manager(&database.url(), &SMALL);
    let session = full.session().unwrap();
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(session.begin().await.unwrap());
    }
    let begun = Instant::now();
    let refused = pid(&full).await;
    assert!(
        matches!(refused, Err(DatabaseError::PoolTimeout { waited, size: 4 }) if waited == Duration::from_millis(100)),
        "{refused:?}"
    );
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert!(begun.elapsed() < Duration::from_secs(5));

    let nobody = manager("postgres://postgres@127.0.0.1:1/x", &SMALL);
    let unreachable = pid(&nobody).await;
    assert!(
        matches!(unreachable, Err(DatabaseError::Connection(_))),
        "{unreachable:?}"
    );
}

#[test]
fn a_full_pool_is_told_from_an_unreachable_server_on_the_blocking_side() {
    let database = TestDatabase::postgres_blocking();
    let settings = [
        ("POOL_SIZE", "1"),
        ("POOL_MAX_OVERFLOW", "0"),
        ("POOL_TIMEOUT", "100ms"),
    ];
    let full = sync_manager(&database.url(), &settings);
    let refused = on_thread(move || {
        full.atomic(|| {
            let full = full.clone();
            let begun = Instant::now();
            let refused = on_thread(move || ask_blocking::<i32>(&full, "SELECT 1"));
            assert!(begun.elapsed() >= Duration::from_millis(100));
            Ok::<_, DatabaseError>(refused)
        })
    });
    let refused = refused.unwrap();
    assert!(
        matches!(refused, Err(DatabaseError::PoolTimeout { size: 1, .. })),
        "{refused:?}"
    );

    let nobody = sync_manager("postgres://postgres@127.0.0.1:1/x", &settings);
    let unreachable = on_thread(move || ask_blocking::<i32>(&nobody, "SELECT 1"));
    assert!(
        matches!(unreachable, Err(DatabaseError::Connection(_))),
        "{unreachable:?}"
    );
}

#[tokio::test]
async fn the_status_counts_who_waits() {
    let database = TestDatabase::empty().await;
    let settings = [("POOL_SIZE", "1"), ("POOL_MAX_OVERFLOW", "0")];
    let manager = manager(&database.url(), &settings);
    let held = manager.session().unwrap().begin().await.unwrap();
    let waiting = tokio::spawn({
        let manager = manager.clone();
        async move { pid(&manager).await }
    });
    until(|| async { manager.status().waiting == 1 }).await;
    sea_orm::TransactionSession::rollback(held).await.unwrap();
    within(waiting).await.unwrap().unwrap();

    let status = manager.status();
    assert_eq!((status.size, status.idle, status.waiting), (1, 1, 0));
}

#[tokio::test]
async fn a_closed_pool_hands_out_nothing() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[]);
    let held = manager.session().unwrap().begin().await.unwrap();
    pid(&manager).await.unwrap();
    manager.close();
    until(|| async { database.backend_count().await == 1 }).await;

    let refused = ask::<i32>(&manager, "SELECT 1").await;
    assert!(
        matches!(refused, Err(DatabaseError::Connection(_))),
        "{refused:?}"
    );
    assert_eq!(super::read::<i32>(&held, "SELECT 1").await.unwrap(), 1);
    sea_orm::TransactionSession::commit(held).await.unwrap();
    until(|| async { database.backend_count().await == 0 }).await;
    assert_eq!(manager.status().size, 0);
}
