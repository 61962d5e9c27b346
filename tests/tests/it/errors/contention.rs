//! Transactions that get in each other's way.

use super::{manager_on, session_on};
use crate::session::{read, run, within};
use adapters::seaorm::database_error;
use ports::{AsyncSessionManager, DatabaseError};
use sea_orm::{IsolationLevel, TransactionSession, TransactionTrait};

const TWO_ROWS: &str =
    "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)";

#[tokio::test]
async fn a_deadlock_is_broken() {
    let (_database, session) = session_on(TWO_ROWS).await;
    let (one, two) = (
        session.begin().await.unwrap(),
        session.begin().await.unwrap(),
    );
    let lock = |id| format!("UPDATE t SET n = n + 1 WHERE id = {id}");
    run(&one, &lock(1)).await.unwrap();
    run(&two, &lock(2)).await.unwrap();
    // Whoever is chosen ends, which lets the other one go on.
    let (first, second) = (lock(2), lock(1));
    let one = async move { (run(&one, &first).await, drop(one)).0 };
    let two = async move { (run(&two, &second).await, drop(two)).0 };
    let (one, two) = within(async { tokio::join!(one, two) }).await;

    let errors: Vec<_> = [one, two].into_iter().filter_map(Result::err).collect();
    assert!(
        matches!(errors.as_slice(), [DatabaseError::Deadlock(_)]),
        "{errors:?}"
    );
    assert!(errors.iter().all(DatabaseError::is_transient));
}

#[tokio::test]
async fn what_can_not_be_serialized_fails_at_the_statement() {
    let (_database, session) = session_on(TWO_ROWS).await;
    let level = Some(IsolationLevel::RepeatableRead);
    let late = session.begin_with_config(level, None).await.unwrap();
    read::<i64>(&late, "SELECT count(*) FROM t").await.unwrap();
    run(&session, "UPDATE t SET n = 1").await.unwrap();

    let error = run(&late, "UPDATE t SET n = 2").await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::Serialization(_)),
        "{error:?}"
    );
    assert!(error.is_transient());
}

#[tokio::test]
async fn what_can_not_be_serialized_fails_at_the_commit() {
    let (_database, manager) = manager_on(TWO_ROWS).await;
    let session = manager.session().unwrap();
    let level = Some(IsolationLevel::Serializable);
    let one = session.begin_with_config(level, None).await.unwrap();
    let two = session.begin_with_config(level, None).await.unwrap();
    for (transaction, id) in [(&one, 1), (&two, 2)] {
        read::<i64>(transaction, "SELECT sum(n) FROM t")
            .await
            .unwrap();
        run(transaction, &format!("UPDATE t SET n = 1 WHERE id = {id}"))
            .await
            .unwrap();
    }
    one.commit().await.unwrap();
    let error = database_error(two.commit().await.unwrap_err());
    assert!(
        matches!(error, DatabaseError::Serialization(_)),
        "{error:?}"
    );
}
