//! Statements that can not be right.

use super::session_on;
use crate::session::{read, run};
use adapters::seaorm::database_error;
use ports::DatabaseError;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TransactionTrait, Value};

#[tokio::test]
async fn what_the_server_does_not_understand_is_a_failed_query() {
    let (_database, session) = session_on("CREATE TABLE t (id int)").await;
    for sql in [
        "SELEC 1",
        "SELECT * FROM nowhere",
        "SELECT 1 / 0",
        "SELECT 'x'::int",
        "INSERT INTO t VALUES (99999999999)",
        "DROP DATABASE nowhere",
        "SET ROLE nobody_at_all",
    ] {
        let error = run(&session, sql).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Query(_)), "{sql}: {error:?}");
        assert!(!error.is_transient(), "{sql}");
    }
}

#[tokio::test]
async fn more_parameters_than_can_be_bound_are_refused_before_they_are_sent() {
    let (_database, session) = session_on("SELECT 1").await;
    let transaction = session.begin().await.unwrap();
    for (count, fits) in [(65_535, true), (65_536, false)] {
        let marks: Vec<_> = (1..=count)
            .map(|number| format!("${number}::int"))
            .collect();
        let sql = format!("SELECT 1 WHERE 1 IN ({})", marks.join(", "));
        let values = (0..count).map(Value::from);
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let answered = transaction
            .query_all_raw(statement)
            .await
            .map_err(database_error);
        match answered {
            Ok(rows) => assert!(fits && rows.len() == 1),
            Err(error) => {
                assert!(matches!(error, DatabaseError::InvalidQuery(_)), "{error:?}");
                assert!(
                    !fits && error.to_string().contains("at most 65535"),
                    "{error}"
                );
            }
        }
    }
    // Nothing was sent, so nothing was aborted.
    assert_eq!(read::<i32>(&transaction, "SELECT 1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_statement_that_controls_the_transaction_is_refused() {
    let (_database, session) = session_on("SELECT 1").await;
    for sql in ["BEGIN", "commit", "SELECT 1; ROLLBACK"] {
        let error = run(&session, sql).await.unwrap_err();
        assert!(
            matches!(error, DatabaseError::InvalidQuery(_)),
            "{sql}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_a_failed_query() {
    let (_database, session) = session_on("SELECT 1").await;
    let error = read::<i32>(&session, "SELECT 'text'").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Query(_)), "{error:?}");
    let error = database_error(DbErr::RecordNotFound("x".to_owned()));
    assert!(matches!(error, DatabaseError::Query(_)), "{error:?}");
}
