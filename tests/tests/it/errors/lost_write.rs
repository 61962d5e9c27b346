//! A statement outside of a unit of work whose connection goes before its answer comes.

use std::{sync::Arc, time::Duration};

use adapters::{postgres::AsyncPostgresSessionManager, seaorm::database_error};
use ports::{AsyncSessionManager as _, DatabaseError};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use tests::TestDatabase;

use super::manager_on;

const TABLE: &str = "CREATE TABLE entry (id int)";

async fn ended_while_running(sql: &'static str) -> DatabaseError {
    let (database, manager) = manager_on(TABLE).await;
    let manager = Arc::new(manager);
    let running = tokio::spawn(send(Arc::clone(&manager), sql));
    until_sleeping(&database).await;
    database.terminate_backends("%").await;
    running.await.unwrap().unwrap_err()
}

async fn send(
    manager: Arc<AsyncPostgresSessionManager>,
    sql: &'static str,
) -> Result<(), DatabaseError> {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let done = manager.session()?.query_all_raw(statement).await;
    done.map(drop).map_err(database_error)
}

async fn until_sleeping(database: &TestDatabase) {
    for _ in 0..200 {
        let backends = database.backends().await;
        let mut states = backends.iter().map(|backend| backend.state.as_str());
        if states.any(|state| state == "active") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the statement did not begin");
}

#[tokio::test]
async fn of_a_write_it_is_unknown_whether_it_is_stored() {
    for sql in [
        "INSERT INTO entry SELECT 1 FROM pg_sleep(60) RETURNING id",
        "WITH slow AS (SELECT pg_sleep(60)) INSERT INTO entry SELECT 1 FROM slow",
    ] {
        let error = ended_while_running(sql).await;
        assert!(
            matches!(error, DatabaseError::CommitOutcomeUnknown(_)),
            "{error:?}"
        );
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_read_may_be_sent_again() {
    let error = ended_while_running("SELECT 1 FROM pg_sleep(60)").await;
    assert!(matches!(error, DatabaseError::Connection(_)), "{error:?}");
    assert!(error.is_transient());
}
