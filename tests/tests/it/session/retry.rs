//! How often and how soon work is run again: `RETRY_ATTEMPTS`, `RETRY_BASE`, `RETRY_CAP`.

use super::{manager, run, within};
use adapters::postgres::AsyncPostgresSessionManager;
use ports::{AsyncSessionManager, Atomic, DatabaseError};
use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tests::TestDatabase;

#[tokio::test]
async fn work_is_run_as_often_as_configured() {
    let database = TestDatabase::empty().await;
    for attempts in [1, 3] {
        let text = attempts.to_string();
        let settings = [("RETRY_ATTEMPTS", text.as_str()), ("RETRY_CAP", "1ms")];
        let (runs, _) = fail_to_serialize(&manager(&database.url(), &settings)).await;
        assert_eq!(runs, attempts);
    }
}

#[tokio::test]
async fn the_first_wait_is_up_to_the_base() {
    let database = TestDatabase::empty().await;
    let settings = [
        ("RETRY_ATTEMPTS", "4"),
        ("RETRY_BASE", "1s"),
        ("RETRY_CAP", "1s"),
    ];
    let (_, took) = fail_to_serialize(&manager(&database.url(), &settings)).await;
    // Three waits from the usual base of 5 ms end within 35 ms.
    assert!(took > Duration::from_millis(40), "{took:?}");
}

#[tokio::test]
async fn no_wait_is_longer_than_the_cap() {
    let database = TestDatabase::empty().await;
    let settings = [
        ("RETRY_ATTEMPTS", "10"),
        ("RETRY_BASE", "10min"),
        ("RETRY_CAP", "10ms"),
    ];
    let (_, took) = fail_to_serialize(&manager(&database.url(), &settings)).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// How often the work was run, and how long all of it took.
async fn fail_to_serialize(manager: &AsyncPostgresSessionManager) -> (usize, Duration) {
    let (runs, begun) = (AtomicUsize::new(0), Instant::now());
    let failed = within(manager.atomic(|| async {
        runs.fetch_add(1, Relaxed);
        let sql = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$";
        run(&manager.session()?, sql).await
    }));
    let failed = failed.await;
    assert!(
        matches!(failed, Err(DatabaseError::Serialization(_))),
        "{failed:?}"
    );
    (runs.load(Relaxed), begun.elapsed())
}
