//! Which idle connection is not handed out again: `POOL_RECYCLE`, `POOL_PRE_PING`.

use super::{manager, on_thread, pid, pid_blocking, sync_manager};
use adapters::postgres::AsyncPostgresSessionManager;
use ports::DatabaseError;
use std::time::Duration;
use tests::TestDatabase;

#[tokio::test]
async fn a_connection_is_replaced_at_its_age() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("POOL_RECYCLE", "50ms")]);
    let young = pid(&manager).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;

    assert_ne!(pid(&manager).await.unwrap(), young);
    assert_eq!(manager.status().closed, 1);
}

#[tokio::test]
async fn a_connection_below_its_age_is_kept() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("POOL_RECYCLE", "1h")]);
    let first = pid(&manager).await.unwrap();
    assert_eq!(pid(&manager).await.unwrap(), first);
}

#[test]
fn a_blocking_connection_is_replaced_at_its_age() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(&database.url(), &[("POOL_RECYCLE", "50ms")]);
    on_thread(move || {
        let young = pid_blocking(&manager).unwrap();
        std::thread::sleep(Duration::from_millis(60));
        assert_ne!(pid_blocking(&manager).unwrap(), young);
    });
}

#[tokio::test]
async fn a_dead_connection_is_replaced_when_it_is_always_tried() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("POOL_PRE_PING", "always")]);
    let dead = killed(&database, &manager).await;
    assert_ne!(pid(&manager).await.unwrap(), dead);
}

#[tokio::test]
async fn a_dead_connection_is_replaced_when_it_has_idled_for_long() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("POOL_PRE_PING", "20ms")]);
    let dead = killed(&database, &manager).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_ne!(pid(&manager).await.unwrap(), dead);
}

#[tokio::test]
async fn a_dead_connection_fails_once_when_it_is_not_tried() {
    let database = TestDatabase::empty().await;
    for pre_ping in ["never", "1h"] {
        let manager = manager(&database.url(), &[("POOL_PRE_PING", pre_ping)]);
        killed(&database, &manager).await;
        let failed = pid(&manager).await;
        assert!(
            matches!(failed, Err(DatabaseError::Connection(_))),
            "{failed:?}"
        );
        for _ in 0..5 {
            pid(&manager).await.unwrap();
        }
        manager.close();
    }
}

#[test]
fn a_dead_blocking_connection_is_replaced_or_fails_once() {
    let database = TestDatabase::postgres_blocking();
    for pre_ping in ["always", "never"] {
        let manager = sync_manager(&database.url(), &[("POOL_PRE_PING", pre_ping)]);
        let idle = manager.clone();
        on_thread(move || pid_blocking(&idle).unwrap());
        tests::on_own_thread(database.terminate_backends("hexacoral"));
        on_thread(move || {
            let first = pid_blocking(&manager);
            match pre_ping {
                "always" => assert!(first.is_ok(), "{first:?}"),
                _ => assert!(
                    matches!(first, Err(DatabaseError::Connection(_))),
                    "{first:?}"
                ),
            }
            pid_blocking(&manager).unwrap();
            manager.close();
        });
    }
}

/// The process of an idle connection, which has been ended from outside.
async fn killed(database: &TestDatabase, manager: &AsyncPostgresSessionManager) -> i32 {
    let pid = pid(manager).await.unwrap();
    assert_eq!(database.terminate_backends("hexacoral").await, 1);
    pid
}
