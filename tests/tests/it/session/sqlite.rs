//! The same settings on SQLite, as far as they apply.

use super::{read, run, within};
use adapters::{
    config::Variables,
    sqlite::{AsyncSqliteSessionManager, SqliteConfig, SqliteSessionManager},
};
use ports::{AsyncSessionManager, DatabaseError, SessionManager, blocking::BlockOn};
use sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait};
use std::time::{Duration, Instant};
use tests::SqliteFile;

#[tokio::test]
async fn connections_are_set_up_as_documented() {
    let file = SqliteFile::empty();
    let manager = manager(&file.url(), &[("LOCK_TIMEOUT", "1500ms")]);
    let session = manager.session().unwrap();
    for (pragma, value) in [
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("busy_timeout", 1500),
    ] {
        let found: i64 = within(read(&session, &format!("SELECT * FROM pragma_{pragma}")))
            .await
            .unwrap();
        assert_eq!(found, value, "{pragma}");
    }
    let mode: String = read(&session, "SELECT * FROM pragma_journal_mode")
        .await
        .unwrap();
    assert_eq!(mode, "wal");
    assert!(!read::<bool>(&session, "SELECT 'A' LIKE 'a'").await.unwrap());
    assert_eq!(manager.config().file(), Some(file.path()));
}

#[tokio::test]
async fn a_writer_waits_for_another_for_the_lock_timeout() {
    let file = SqliteFile::empty();
    let settings = [("LOCK_TIMEOUT", "100ms")];
    let manager = manager(&file.url(), &settings);
    let session = manager.session().unwrap();
    run(&session, "CREATE TABLE t (id int)").await.unwrap();
    let writer = session.begin().await.unwrap();
    run(&writer, "INSERT INTO t VALUES (1)").await.unwrap();

    let begun = Instant::now();
    let busy = within(run(&session, "INSERT INTO t VALUES (2)")).await;
    assert!(
        matches!(busy, Err(DatabaseError::LockTimeout(_))),
        "{busy:?}"
    );
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert_eq!(
        read::<i64>(&session, "SELECT count(*) FROM t")
            .await
            .unwrap(),
        0
    );
    writer.commit().await.unwrap();
}

#[tokio::test]
async fn a_pool_of_one_is_full_and_overflow_is_closed() {
    let file = SqliteFile::empty();
    let settings = [
        ("POOL_SIZE", "1"),
        ("POOL_MAX_OVERFLOW", "1"),
        ("POOL_TIMEOUT", "100ms"),
    ];
    let manager = manager(&file.url(), &settings);
    let session = manager.session().unwrap();
    let one = session.begin().await.unwrap();
    let options = Some(sea_orm::AccessMode::ReadOnly);
    let two = session.begin_with_config(None, options).await.unwrap();
    let full = within(read::<i32>(&session, "SELECT 1")).await;
    assert!(
        matches!(full, Err(DatabaseError::PoolTimeout { size: 2, .. })),
        "{full:?}"
    );
    one.rollback().await.unwrap();
    two.rollback().await.unwrap();
    assert_eq!(manager.status().size, 1);
}

#[tokio::test]
async fn a_database_in_memory_is_one_and_the_same_for_all() {
    for url in ["sqlite::memory:", "sqlite://scratch?mode=memory"] {
        let manager = manager(url, &[("POOL_RECYCLE", "1ms"), ("POOL_SIZE", "5")]);
        let session = manager.session().unwrap();
        run(
            &session,
            "CREATE TABLE t (id int); INSERT INTO t VALUES (1)",
        )
        .await
        .unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let many = (0..8).map(|_| {
            let session = session.clone();
            tokio::spawn(async move { read::<i64>(&session, "SELECT count(*) FROM t").await })
        });
        for one in many.collect::<Vec<_>>() {
            assert_eq!(within(one).await.unwrap().unwrap(), 1, "{url}");
        }
        assert_eq!(manager.config().file(), None, "{url}");
    }
}

#[test]
fn the_blocking_side_works_alike() {
    let file = SqliteFile::empty();
    let manager = SqliteSessionManager::new(config(&file.url(), &[]).unwrap()).unwrap();
    super::on_thread(move || {
        let session = manager.session().unwrap();
        let created = manager.block_on(run(&session, "CREATE TABLE t (id int)"));
        created.unwrap().unwrap();
        let count = manager.block_on(read::<i64>(&session, "SELECT count(*) FROM t"));
        assert_eq!(count.unwrap().unwrap(), 0);
    });
}

#[tokio::test]
async fn a_plain_connection_sees_the_same_database() {
    let file = SqliteFile::empty();
    let manager = manager(&file.url(), &[]);
    run(&manager.session().unwrap(), "CREATE TABLE t (id int)")
        .await
        .unwrap();
    let plain = manager.database_connection();
    plain
        .execute_unprepared("INSERT INTO t VALUES (1)")
        .await
        .unwrap();
    assert_eq!(
        read::<i64>(&plain, "SELECT count(*) FROM t").await.unwrap(),
        1
    );
}

#[test]
fn what_only_a_server_has_is_refused() {
    for name in [
        "STATEMENT_TIMEOUT",
        "HOST",
        "PASSWORD",
        "SSL_MODE",
        "SEARCH_PATH",
        "X",
    ] {
        let refused = config("sqlite::memory:", &[(name, "hunter2")])
            .unwrap_err()
            .to_string();
        assert!(
            refused.starts_with(&format!("DATABASE_{name} is no setting")),
            "{refused}"
        );
        assert!(!refused.contains("hunter2"), "{refused}");
    }
    for url in ["postgres://u:hunter2@h/x", "sqlite://x?mode=hunter"] {
        let refused = config(url, &[]).unwrap_err().to_string();
        assert!(refused.contains("DATABASE_URL"), "{refused}");
        assert!(refused.contains("allowed is sqlite://"), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_no_connection() {
    let file = SqliteFile::empty();
    let manager = manager(&file.url().replace("?mode=rwc", ""), &[]);
    let missing = within(read::<i32>(&manager.session().unwrap(), "SELECT 1")).await;
    assert!(
        matches!(missing, Err(DatabaseError::Connection(_))),
        "{missing:?}"
    );
}

fn config(url: &str, settings: &[(&str, &str)]) -> Result<SqliteConfig, DatabaseError> {
    let named = settings
        .iter()
        .map(|(name, value)| (format!("DATABASE_{name}"), *value));
    let url = [("DATABASE_URL".to_owned(), url)];
    SqliteConfig::from_variables(&Variables::of("DATABASE", url.into_iter().chain(named))?)
}

pub(crate) fn manager(url: &str, settings: &[(&str, &str)]) -> AsyncSqliteSessionManager {
    AsyncSqliteSessionManager::new(config(url, settings).unwrap()).unwrap()
}
