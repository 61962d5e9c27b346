//! What becomes of a connection whose unit of work was abandoned: `POOL_RESET_ON_RETURN`.

use super::{manager, pid, read, run, until};
use adapters::postgres::AsyncPostgresSessionManager;
use ports::AsyncSessionManager;
use sea_orm::TransactionTrait;
use tests::TestDatabase;

#[tokio::test]
async fn an_abandoned_connection_is_rolled_back_and_kept() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[]);
    let abandoned = abandon(&database, &manager).await;

    assert_eq!(pid(&manager).await.unwrap(), abandoned);
    assert_eq!(manager.status().closed, 0);
    assert_eq!(stored(&manager).await, 0);
}

#[tokio::test]
async fn an_abandoned_connection_is_closed_when_it_is_not_to_be_reset() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("POOL_RESET_ON_RETURN", "none")]);
    let abandoned = abandon(&database, &manager).await;

    assert_ne!(pid(&manager).await.unwrap(), abandoned);
    assert_eq!(manager.status().closed, 1);
    assert_eq!(stored(&manager).await, 0);
}

/// The process of a connection whose transaction was dropped between two statements.
async fn abandon(database: &TestDatabase, manager: &AsyncPostgresSessionManager) -> i32 {
    database.execute("CREATE TABLE kept (id int)").await;
    let transaction = manager.session().unwrap().begin().await.unwrap();
    run(&transaction, "INSERT INTO kept VALUES (1)")
        .await
        .unwrap();
    let pid = read(&transaction, "SELECT pg_backend_pid()").await.unwrap();
    drop(transaction);
    until(|| async { manager.status().idle == manager.status().size }).await;
    pid
}

async fn stored(manager: &AsyncPostgresSessionManager) -> i64 {
    super::ask(manager, "SELECT count(*) FROM kept")
        .await
        .unwrap()
}
