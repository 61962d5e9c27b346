// sample: file

//! Every way to the newest schema ends in the same one, and every way back in an empty one.

use migration::{Change, LOCK_TIMEOUT, Report, change, migrate, status};

use super::{ACCOUNTS, ALL, Empty, KEYS, TRANSFERS};

async fn done(empty: &Empty, wanted: Change) -> Report {
    change(&empty.database(), wanted, LOCK_TIMEOUT)
        .await
        .unwrap()
}

#[tokio::test]
async fn up_after_down_ends_in_the_same_schema() {
    for empty in Empty::both().await {
        let report = done(&empty, Change::Up(None)).await;
        assert_eq!(report.applied, ALL);
        let schema = empty.schema().await;

        let report = done(&empty, Change::Down(3)).await;
        assert_eq!(report.reverted, [KEYS, TRANSFERS, ACCOUNTS]);
        assert!(!empty.schema().await.concat().contains("accounts"));

        done(&empty, Change::Up(None)).await;
        assert_eq!(empty.schema().await, schema);
    }
}

#[tokio::test]
async fn one_step_up_and_down_is_one_migration() {
    for empty in Empty::both().await {
        assert_eq!(done(&empty, Change::Up(Some(1))).await.applied, [ACCOUNTS]);
        let schema = empty.schema().await;
        assert_eq!(done(&empty, Change::Up(Some(1))).await.applied, [TRANSFERS]);
        assert_eq!(done(&empty, Change::Down(1)).await.reverted, [TRANSFERS]);
        assert_eq!(empty.schema().await, schema);

        let status = status(&empty.database()).await.unwrap();
        assert_eq!(status.applied, [ACCOUNTS]);
        assert_eq!(status.pending, [TRANSFERS, KEYS]);
    }
}

#[tokio::test]
async fn refresh_and_fresh_end_in_the_same_schema_without_the_rows() {
    for empty in Empty::both().await {
        done(&empty, Change::Up(None)).await;
        let schema = empty.schema().await;
        for wanted in [Change::Refresh, Change::Fresh] {
            empty.execute(&super::rules::account("")).await.unwrap();
            let report = done(&empty, wanted).await;

            assert_eq!(report.applied, ALL, "{wanted:?}");
            assert_eq!(empty.schema().await, schema, "{wanted:?}");
            let rows = empty.column("SELECT owner FROM accounts").await;
            assert!(rows.is_empty(), "{wanted:?}");
        }
    }
}

#[tokio::test]
async fn fresh_drops_what_no_migration_made_and_reset_leaves_nothing_of_ours() {
    for empty in Empty::both().await {
        empty
            .execute("CREATE TABLE strange (id int)")
            .await
            .unwrap();
        done(&empty, Change::Fresh).await;
        assert!(!empty.schema().await.concat().contains("strange"));

        done(&empty, Change::Reset).await;
        assert_eq!(empty.schema().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn asking_for_the_status_writes_nothing() {
    for empty in Empty::both().await {
        let pending = migration::pending(&empty.database()).await.unwrap();
        assert_eq!(pending, ALL);
        match &empty {
            Empty::Postgres(_) => assert_eq!(empty.schema().await, Vec::<String>::new()),
            Empty::Sqlite(file) => assert!(!file.path().exists()),
        }
    }
}

#[tokio::test]
async fn what_is_up_to_date_needs_no_right_to_change_the_schema() {
    let [empty, _] = Empty::both().await;
    done(&empty, Change::Up(None)).await;
    // A lock would be refused to somebody who waits for no time at all.
    let _lock = migration::Lock::take(&empty.database(), LOCK_TIMEOUT).await;

    let report = migrate(&empty.database(), std::time::Duration::ZERO).await;
    assert_eq!(report.unwrap(), Report::default());
}

#[tokio::test]
async fn the_directory_of_a_sqlite_file_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data/deep/app.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());

    migration::migrate_url(&url).await.unwrap();
    assert!(file.is_file());
}
