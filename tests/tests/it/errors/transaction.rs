//! Transactions that can not go on, and calls outside of one.

use super::manager_on;
use crate::session::{run, within};
use adapters::seaorm::database_error;
use ports::{AsyncSessionManager, Atomic, DatabaseError, UnitOfWorkOptions};
use sea_orm::{ConnectionTrait, TransactionTrait};
use std::error::Error;

#[tokio::test]
async fn a_write_where_only_reads_are_allowed() {
    let (database, manager) = manager_on("CREATE TABLE t (id int)").await;
    let options = UnitOfWorkOptions::new().read_only();
    let ended = manager.atomic_with(options, || async {
        run(&manager.session()?, "INSERT INTO t VALUES (1)").await
    });
    let error = ended.await.unwrap_err();
    assert!(matches!(error, DatabaseError::ReadOnly(_)), "{error:?}");
    assert!(!error.is_transient());
    assert_eq!(database.scalar::<i64>("SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn a_swallowed_failure_comes_back_as_the_source() {
    let (database, manager) = manager_on("CREATE TABLE t (id int PRIMARY KEY)").await;
    let work = manager.atomic(|| async {
        let session = manager.session()?;
        run(&session, "INSERT INTO t VALUES (1)").await?;
        drop(run(&session, "INSERT INTO t VALUES (1)").await);
        Ok::<_, DatabaseError>(())
    });
    let ended = within(work).await;
    let error = ended.unwrap_err();
    let DatabaseError::TransactionAborted(cause) = &error else {
        panic!("{error:?}");
    };
    let first = cause.downcast_ref::<DatabaseError>();
    assert!(
        matches!(first, Some(DatabaseError::UniqueViolation(_))),
        "{first:?}"
    );
    assert!(!error.is_transient());
    assert_eq!(database.scalar::<i64>("SELECT count(*) FROM t").await, 0);
}

/// The server's own word for it, when the transaction is not one of the session layer's.
#[tokio::test]
async fn a_statement_in_an_aborted_transaction() {
    let (_database, manager) = manager_on("SELECT 1").await;
    let plain = manager.database_connection().begin().await.unwrap();
    drop(plain.execute_unprepared("nonsense").await);
    let refused = plain.execute_unprepared("SELECT 1").await.unwrap_err();
    let error = database_error(refused);
    assert!(
        matches!(error, DatabaseError::TransactionAborted(_)),
        "{error:?}"
    );
    assert!(error.source().is_some());
    plain.rollback().await.unwrap();
}

#[tokio::test]
async fn what_needs_a_unit_of_work_says_so_outside_of_one() {
    let (_database, manager) = manager_on("SELECT 1").await;
    let error = manager.after_commit(|| async {}).unwrap_err();
    assert!(
        matches!(error, DatabaseError::OutsideUnitOfWork(_)),
        "{error:?}"
    );
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_connection_lost_during_commit_leaves_it_unknown() {
    let (database, manager) = manager_on(
        "CREATE TABLE t (id int);
         CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION end_session();",
    )
    .await;
    let ended =
        manager.atomic(|| async { run(&manager.session()?, "INSERT INTO t VALUES (1)").await });
    let error = ended.await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::CommitOutcomeUnknown(_)),
        "{error:?}"
    );
    assert!(!error.is_transient());
    assert_eq!(database.scalar::<i64>("SELECT count(*) FROM t").await, 0);
}
