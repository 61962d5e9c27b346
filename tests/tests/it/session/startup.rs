//! What the server is told while a connection is opened, by what it then does.

use super::{ask, ask_blocking, manager, on_thread, read, run, sync_manager, within};
use adapters::postgres::AsyncPostgresSessionManager;
use ports::{AsyncSessionManager, DatabaseError};
use sea_orm::TransactionTrait;
use tests::TestDatabase;

#[tokio::test]
async fn every_setting_of_the_server_arrives() {
    let database = TestDatabase::empty().await;
    let settings = [
        ("STATEMENT_TIMEOUT", "90s"),
        ("LOCK_TIMEOUT", "1500ms"),
        ("IDLE_IN_TRANSACTION_TIMEOUT", "2min"),
        ("ISOLATION_LEVEL", "repeatable read"),
        ("SEARCH_PATH", "a, b"),
    ];
    let expected = [
        ("statement_timeout", "90s"),
        ("lock_timeout", "1500ms"),
        ("idle_in_transaction_session_timeout", "2min"),
        ("default_transaction_isolation", "repeatable read"),
        ("search_path", "a, b"),
        ("TimeZone", "UTC"),
    ];
    let asynchronous = manager(&database.url(), &settings);
    let blocking = sync_manager(&database.url(), &settings);
    for (name, value) in expected {
        let sql = format!("SHOW {name}");
        let shown: String = ask(&asynchronous, &sql).await.unwrap();
        assert_eq!(shown, value, "{name}");
        let blocking = blocking.clone();
        let shown: String = on_thread(move || ask_blocking(&blocking, &sql)).unwrap();
        assert_eq!(shown, value, "{name}");
    }
}

#[tokio::test]
async fn the_application_name_is_seen_by_others() {
    let database = TestDatabase::empty().await;
    let named = manager(&database.url(), &[("APPLICATION_NAME", "seen by others")]);
    let unnamed = manager(&database.url(), &[]);
    ask::<i32>(&named, "SELECT 1").await.unwrap();
    ask::<i32>(&unnamed, "SELECT 1").await.unwrap();

    let backends = database.backends().await;
    let seen: Vec<_> = backends
        .iter()
        .map(|one| one.application_name.as_str())
        .collect();
    assert_eq!(seen, ["seen by others", "hexacoral"]);
}

#[tokio::test]
async fn names_are_looked_up_along_the_search_path() {
    let database = TestDatabase::empty().await;
    for schema in [r#""my schema""#, "plain", r#""Quo""ted \ one""#] {
        let sql = format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.here (id int)");
        database.execute(&sql).await;
        let manager = manager(&database.url(), &[("SEARCH_PATH", schema)]);
        let found: i64 = ask(&manager, "SELECT count(*) FROM here").await.unwrap();
        assert_eq!(found, 0, "{schema}");
    }
    let path = r#""Quo""ted \ one", "my schema", plain"#;
    let manager = manager(&database.url(), &[("SEARCH_PATH", path)]);
    let schemas = "SELECT array_to_string(current_schemas(false), '/')";
    let found: String = ask(&manager, schemas).await.unwrap();
    assert_eq!(found, r#"Quo"ted \ one/my schema/plain"#);
}

#[tokio::test]
async fn a_statement_that_runs_for_too_long_is_cancelled() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("STATEMENT_TIMEOUT", "50ms")]);
    let cancelled = ask::<String>(&manager, "SELECT pg_sleep(30)::text").await;
    assert!(
        matches!(cancelled, Err(DatabaseError::StatementTimeout(_))),
        "{cancelled:?}"
    );
    assert_eq!(ask::<i32>(&manager, "SELECT 1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_wait_for_a_lock_ends_in_time() {
    let database = TestDatabase::empty().await;
    database.execute("CREATE TABLE locked (id int)").await;
    let holder = manager(&database.url(), &[]);
    let waiter = manager(&database.url(), &[("LOCK_TIMEOUT", "50ms")]);
    let holding = holder.session().unwrap().begin().await.unwrap();
    run(&holding, "LOCK TABLE locked").await.unwrap();

    let refused = ask::<i64>(&waiter, "SELECT count(*) FROM locked").await;
    assert!(
        matches!(refused, Err(DatabaseError::LockTimeout(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_transaction_that_idles_is_ended_by_the_server() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("IDLE_IN_TRANSACTION_TIMEOUT", "50ms")]);
    let idle = manager.session().unwrap().begin().await.unwrap();
    within(super::until(|| async {
        database.backend_count().await == 0
    }))
    .await;

    let lost = read::<i32>(&idle, "SELECT 1").await;
    assert!(
        matches!(lost, Err(DatabaseError::Connection(_))),
        "{lost:?}"
    );
    drop(idle);
    assert_eq!(ask::<i32>(&manager, "SELECT 1").await.unwrap(), 1);
}

#[tokio::test]
async fn no_more_statements_are_kept_prepared_than_configured() {
    let database = TestDatabase::empty().await;
    let settings = [("STATEMENT_CACHE_SIZE", "4"), ("POOL_SIZE", "1")];
    let few = manager(&database.url(), &settings);
    let usual = manager(&database.url(), &[("POOL_SIZE", "1")]);

    assert_eq!(prepared_after_a_dozen(&few).await, 4);
    assert_eq!(prepared_after_a_dozen(&usual).await, 13);
}

async fn prepared_after_a_dozen(manager: &AsyncPostgresSessionManager) -> i64 {
    for number in 0..12 {
        let sql = format!("SELECT {number}");
        ask::<i32>(manager, &sql).await.unwrap();
    }
    let count = "SELECT count(*) FROM pg_prepared_statements";
    ask::<i64>(manager, count).await.unwrap()
}

#[tokio::test]
async fn the_statement_of_a_client_that_has_given_up_is_cancelled() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("CONNECTION_CHECK_INTERVAL", "100ms")]);
    let session = manager.session().unwrap();
    let slow = run(&session, "SELECT pg_sleep(60)");
    let gave_up = tokio::time::timeout(std::time::Duration::from_millis(300), slow).await;
    assert!(gave_up.is_err());
    for _ in 0..200 {
        if database.backend_count().await == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!(
        "the server still works for nobody: {:?}",
        database.backend_states().await
    );
}

#[tokio::test]
async fn limits_have_defaults_and_nought_switches_them_off() {
    let database = TestDatabase::empty().await;
    let shown = async |settings: &[(&str, &str)], name: &str| {
        let manager = manager(&database.url(), settings);
        ask::<String>(&manager, &format!("SHOW {name}"))
            .await
            .unwrap()
    };
    assert_eq!(shown(&[], "lock_timeout").await, "10s");
    assert_eq!(shown(&[], "client_connection_check_interval").await, "1s");
    assert_eq!(shown(&[], "statement_timeout").await, "0");
    assert_eq!(shown(&[("LOCK_TIMEOUT", "0")], "lock_timeout").await, "0");
    let off = [("CONNECTION_CHECK_INTERVAL", "0")];
    assert_eq!(shown(&off, "client_connection_check_interval").await, "0");
}
