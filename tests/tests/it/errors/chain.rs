//! Sources are kept down to the driver, and nothing says what its source says.

use super::{manager_on, session_on};
use crate::session::{manager, read, run};
use ports::{AsyncSessionManager, Atomic, DatabaseError};
use sea_orm::sqlx::{self, postgres::PgDatabaseError};
use std::error::Error;

#[tokio::test]
async fn a_failed_statement_leads_down_to_the_server_s_own_words() {
    let (_database, session) = session_on("CREATE TABLE t (id int PRIMARY KEY)").await;
    run(&session, "INSERT INTO t VALUES (1)").await.unwrap();
    for (sql, state) in [
        ("SELEC 1", "42601"),
        ("INSERT INTO t VALUES (1)", "23505"),
        ("SELECT 1 / 0", "22012"),
    ] {
        let error = run(&session, sql).await.unwrap_err();
        assert_eq!(server(&error).map(PgDatabaseError::code), Some(state));
        assert_no_repetition(&error);
    }
}

#[tokio::test]
async fn an_aborted_unit_of_work_leads_down_to_its_first_failure() {
    let (_database, manager) = manager_on("SELECT 1").await;
    let ended = manager.atomic(|| async {
        drop(run(&manager.session()?, "SELECT 1 / 0").await);
        Ok::<_, DatabaseError>(())
    });
    let error = ended.await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::TransactionAborted(_)),
        "{error:?}"
    );
    assert_eq!(server(&error).map(PgDatabaseError::code), Some("22012"));
    assert_no_repetition(&error);
}

#[tokio::test]
async fn a_refused_connection_leads_down_to_the_system_s_own_words() {
    let nobody = manager("postgres://postgres@127.0.0.1:1/x", &[]);
    let error = read::<i32>(&nobody.session().unwrap(), "SELECT 1")
        .await
        .unwrap_err();
    let system = chain(&error)
        .into_iter()
        .find_map(|cause| cause.downcast_ref::<std::io::Error>());
    let kind = system.map(std::io::Error::kind);
    assert_eq!(
        kind,
        Some(std::io::ErrorKind::ConnectionRefused),
        "{error:?}"
    );
    assert_no_repetition(&error);
}

/// The error of the server, somewhere among the sources.
fn server(error: &DatabaseError) -> Option<&PgDatabaseError> {
    chain(error).into_iter().find_map(|cause| {
        let driver = cause.downcast_ref::<sqlx::Error>()?;
        driver.as_database_error()?.try_downcast_ref()
    })
}

/// The driver repeats itself; this layer does not.
fn assert_no_repetition(error: &DatabaseError) {
    let chain = chain(error);
    for (outer, inner) in chain.iter().zip(chain.iter().skip(1)) {
        let ours = !outer.is::<sqlx::Error>();
        let (outer, inner) = (outer.to_string(), inner.to_string());
        assert!(
            !(ours && outer.contains(&inner)),
            "{outer:?} repeats {inner:?}"
        );
    }
}

fn chain(error: &DatabaseError) -> Vec<&(dyn Error + 'static)> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |&cause| cause.source()).collect()
}
