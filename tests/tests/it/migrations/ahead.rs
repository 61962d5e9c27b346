// sample: file

//! A database that has more than this program knows: a newer version was, or is being, rolled out.

use migration::{Change, LOCK_TIMEOUT, MigrationError, change, migrate, status};

use super::{ALL, Empty, KEYS, TRANSFERS};

const NEWER: &str = "m29990101_000001_from_the_future";

async fn record(empty: &Empty, name: &str) {
    let sql = format!("INSERT INTO seaql_migrations VALUES ('{name}', 1)");
    empty.execute(&sql).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_ahead_does_not_stop_a_service_from_starting() {
    for empty in Empty::both().await {
        migrate(&empty.database(), LOCK_TIMEOUT).await.unwrap();
        record(&empty, NEWER).await;
        let schema = empty.schema().await;

        let report = migrate(&empty.database(), LOCK_TIMEOUT).await.unwrap();
        assert_eq!(report.unknown, [NEWER]);
        assert!(report.applied.is_empty());
        assert_eq!(empty.schema().await, schema);
    }
}

#[tokio::test]
async fn what_is_pending_is_applied_although_the_database_is_ahead() {
    for older in [NEWER, "m20000101_000001_from_a_branch"] {
        for empty in Empty::both().await {
            let one = Change::Up(Some(1));
            change(&empty.database(), one, LOCK_TIMEOUT).await.unwrap();
            record(&empty, older).await;

            let report = migrate(&empty.database(), LOCK_TIMEOUT).await.unwrap();
            assert_eq!(report.applied, [TRANSFERS, KEYS]);
            assert_eq!(report.unknown, [older]);
            let status = status(&empty.database()).await.unwrap();
            assert_eq!(status.applied, ALL);
            assert_eq!(status.unknown, [older]);
        }
    }
}

#[tokio::test]
async fn what_is_not_known_is_not_taken_back_and_nothing_else_is_before_that_is_said() {
    for empty in Empty::both().await {
        migrate(&empty.database(), LOCK_TIMEOUT).await.unwrap();
        record(&empty, "m20260101_000001_zz_between_two").await;
        let schema = empty.schema().await;
        for wanted in [Change::Down(3), Change::Refresh, Change::Reset] {
            let refused = change(&empty.database(), wanted, LOCK_TIMEOUT).await;
            let error = refused.unwrap_err();
            assert!(matches!(error, MigrationError::Unknown(_)), "{error}");
            assert!(error.to_string().contains("zz_between_two"), "{error}");
            assert_eq!(empty.schema().await, schema);
        }

        // The newest is known, and can go alone.
        let one = Change::Down(1);
        let report = change(&empty.database(), one, LOCK_TIMEOUT).await.unwrap();
        assert_eq!(report.reverted, [KEYS]);
    }
}

#[tokio::test]
async fn fresh_starts_over_on_a_database_that_is_ahead() {
    for empty in Empty::both().await {
        migrate(&empty.database(), LOCK_TIMEOUT).await.unwrap();
        record(&empty, NEWER).await;

        let report = change(&empty.database(), Change::Fresh, LOCK_TIMEOUT).await;
        let report = report.unwrap();
        assert_eq!(report.applied, ALL);
        assert!(report.unknown.is_empty());
    }
}
