// sample: file

//! One migrator at a time, and nobody waits for ever.

use std::thread;
use std::time::{Duration, Instant};

use migration::{Change, LOCK_TIMEOUT, Lock, MigrationError, Report, change, migrate};
use tests::on_own_thread;

use super::{ALL, Empty};

const SHORT: Duration = Duration::from_millis(300);

/// Well above `SHORT`, well below the usual limit.
const BOUND: Duration = Duration::from_secs(10);

#[tokio::test]
async fn of_ten_migrators_at_once_all_succeed_and_each_migration_runs_in_one() {
    for empty in Empty::both().await {
        let database = empty.database();
        let migrator = || on_own_thread(migrate(&database, LOCK_TIMEOUT));
        let reports: Vec<Report> = thread::scope(|scope| {
            let started: Vec<_> = (0..10).map(|_| scope.spawn(migrator)).collect();
            started
                .into_iter()
                .map(|one| one.join().unwrap().unwrap())
                .collect()
        });
        let mut applied: Vec<_> = reports.into_iter().flat_map(|one| one.applied).collect();
        applied.sort();

        assert_eq!(applied, ALL);
        let recorded = "SELECT version FROM seaql_migrations ORDER BY 1";
        assert_eq!(empty.column(recorded).await, ALL);
    }
}

#[tokio::test]
async fn somebody_elses_lock_is_waited_for_no_longer_than_allowed() {
    for empty in Empty::both().await {
        let database = empty.database();
        let lock = Lock::take(&database, LOCK_TIMEOUT).await.unwrap();
        let begun = Instant::now();
        let error = migrate(&database, SHORT).await.unwrap_err();
        let waited = begun.elapsed();

        assert!(matches!(error, MigrationError::Locked { .. }), "{error}");
        assert!(error.to_string().contains("holds the migration lock"));
        assert!(error.to_string().contains("process"), "{error}");
        assert!(SHORT <= waited && waited < BOUND, "{waited:?}");

        lock.release().await;
        migrate(&database, SHORT).await.unwrap();
    }
}

#[tokio::test]
async fn a_destructive_change_waits_for_the_lock_too() {
    for empty in Empty::both().await {
        let database = empty.database();
        let lock = Lock::take(&database, LOCK_TIMEOUT).await.unwrap();
        for wanted in [
            Change::Fresh,
            Change::Refresh,
            Change::Reset,
            Change::Down(1),
        ] {
            let error = change(&database, wanted, Duration::ZERO).await.unwrap_err();
            assert!(matches!(error, MigrationError::Locked { .. }), "{error}");
        }
        lock.release().await;
    }
}

#[tokio::test]
async fn a_lock_that_is_dropped_is_free() {
    for empty in Empty::both().await {
        let database = empty.database();
        drop(Lock::take(&database, LOCK_TIMEOUT).await.unwrap());
        Lock::take(&database, BOUND).await.unwrap().release().await;
    }
}

#[tokio::test]
async fn a_holder_whose_session_is_ended_holds_nothing() {
    let [empty, _] = Empty::both().await;
    let Empty::Postgres(server) = &empty else {
        panic!("not PostgreSQL");
    };
    let _lock = Lock::take(&empty.database(), LOCK_TIMEOUT).await.unwrap();
    assert_eq!(server.terminate_backends("%").await, 1);

    Lock::take(&empty.database(), Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn no_session_is_left_after_a_migration() {
    let [empty, _] = Empty::both().await;
    let Empty::Postgres(server) = &empty else {
        panic!("not PostgreSQL");
    };
    migration::migrate_url(&empty.url()).await.unwrap();
    // The server takes a moment to notice a session that said goodbye.
    let begun = Instant::now();
    while server.backend_count().await > 0 {
        assert!(begun.elapsed() < BOUND, "{:?}", server.backends().await);
    }
}

#[tokio::test]
async fn two_schemas_of_one_database_do_not_wait_for_each_other() {
    let [empty, _] = Empty::both().await;
    empty.execute("CREATE SCHEMA other").await.unwrap();
    let _lock = Lock::take(&empty.database(), LOCK_TIMEOUT).await.unwrap();
    let mut database = empty.database();
    if let adapters::Database::Postgres(config) = &mut database {
        config.search_path = Some("other".to_owned());
    }

    let report = migrate(&database, Duration::ZERO).await.unwrap();
    assert_eq!(report.applied, ALL);
}
