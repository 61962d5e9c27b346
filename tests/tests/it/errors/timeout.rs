//! What took too long.

use super::{manager_on, session_on};
use crate::session::{ask, run, until};
use ports::{AsyncSessionManager, Atomic, DatabaseError, UnitOfWorkOptions};
use sea_orm::TransactionTrait;
use std::time::Duration;

#[tokio::test]
async fn a_statement_over_its_time() {
    let (_database, manager) = manager_on("SELECT 1").await;
    let options = UnitOfWorkOptions::new().statement_timeout(Duration::from_millis(30));
    let ended = manager.atomic_with(options, || async {
        run(&manager.session()?, "SELECT pg_sleep(30)").await
    });
    let error = ended.await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::StatementTimeout(_)),
        "{error:?}"
    );
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_statement_that_somebody_cancels() {
    let (database, session) = session_on("SELECT 1").await;
    let sleeping = tokio::spawn(async move { run(&session, "SELECT pg_sleep(30)").await });
    until(|| async { database.backend_states().await == ["active"] }).await;
    let pid = database.backends().await.first().unwrap().pid;
    database
        .scalar::<bool>(&format!("SELECT pg_cancel_backend({pid})"))
        .await;

    let error = sleeping.await.unwrap().unwrap_err();
    assert!(
        matches!(error, DatabaseError::StatementTimeout(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_lock_that_is_not_granted_in_time_or_at_once() {
    let (_database, manager) = manager_on("CREATE TABLE t (id int)").await;
    let holding = manager.session().unwrap().begin().await.unwrap();
    run(&holding, "LOCK TABLE t").await.unwrap();

    let options = UnitOfWorkOptions::new().lock_timeout(Duration::from_millis(30));
    let ended = manager.atomic_with(options, || async {
        run(&manager.session()?, "SELECT * FROM t").await
    });
    let late = ended.await.unwrap_err();
    let at_once =
        manager.atomic(|| async { run(&manager.session()?, "LOCK TABLE t NOWAIT").await });
    for error in [late, at_once.await.unwrap_err()] {
        assert!(matches!(error, DatabaseError::LockTimeout(_)), "{error:?}");
        assert!(error.is_transient());
    }
}

#[tokio::test]
async fn a_connection_that_is_not_to_be_had_in_time() {
    let (database, _) = manager_on("SELECT 1").await;
    let settings = [
        ("POOL_SIZE", "1"),
        ("POOL_MAX_OVERFLOW", "0"),
        ("POOL_TIMEOUT", "30ms"),
    ];
    let manager = crate::session::manager(&database.url(), &settings);
    let _held = manager.session().unwrap().begin().await.unwrap();
    let error = ask::<i32>(&manager, "SELECT 1").await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::PoolTimeout { size: 1, .. }),
        "{error:?}"
    );
    assert!(error.is_transient());
    assert_eq!(
        error.to_string(),
        "no connection became free within 30ms: all 1 of the pool are in use"
    );
}
