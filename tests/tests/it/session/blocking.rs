//! Where blocking calls are allowed, and what they say where they are not.

use super::{ask_blocking, on_thread, read, run, sync_manager};
use adapters::{blocking, seaorm::database_error};
use ports::{
    AsyncSessionManager, DatabaseError, SessionManager,
    blocking::{Atomic, BlockOn},
};
use sea_orm::ConnectionTrait;
use tests::TestDatabase;

#[tokio::test]
async fn blocking_calls_are_refused_in_async_code() {
    let database = TestDatabase::empty().await;
    let manager = sync_manager(&database.url(), &[]);
    let refused = [
        manager.session().map(drop),
        manager.remove_session(),
        manager.block_on(async {}),
        manager.atomic(|| Ok(())),
    ];
    for answer in refused {
        assert!(
            matches!(answer, Err(DatabaseError::BlockingInAsyncContext)),
            "{answer:?}"
        );
    }
    // The repository of the blocking manager, used outside of `block_on`.
    let session = manager.as_async().session().unwrap();
    let answer = session
        .execute_unprepared("SELECT 1")
        .await
        .map_err(database_error);
    assert!(
        matches!(answer, Err(DatabaseError::BlockingInAsyncContext)),
        "{answer:?}"
    );
    assert_eq!(manager.status().opened, 0);
}

#[tokio::test]
async fn blocking_calls_are_allowed_on_a_thread_lent_for_them() {
    let database = TestDatabase::empty().await;
    let manager = sync_manager(&database.url(), &[]);
    let lent = manager.clone();
    let answer = blocking::spawn(move || ask_blocking::<i32>(&lent, "SELECT 1")).await;
    assert_eq!(answer.unwrap().unwrap(), 1);
    // Connections, and the runtimes that drive them, go away in async code without a panic.
    manager.close();
    drop(manager);
}

#[test]
fn a_blocking_call_inside_of_another_is_refused() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(&database.url(), &[]);
    on_thread(move || {
        let inner = manager.block_on(async { manager.block_on(async {}) });
        let inner = inner.unwrap();
        assert!(
            matches!(inner, Err(DatabaseError::BlockingInAsyncContext)),
            "{inner:?}"
        );
    });
}

#[test]
fn async_repositories_take_part_in_a_blocking_unit_of_work() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(
        &database.url(),
        &[("POOL_SIZE", "1"), ("POOL_MAX_OVERFLOW", "0")],
    );
    on_thread(move || {
        let session = manager.session().unwrap();
        manager
            .block_on(run(&session, "CREATE TABLE notes (id int)"))
            .unwrap()
            .unwrap();
        let undone: Result<(), DatabaseError> = manager.atomic(|| {
            let inside = manager.as_async();
            manager.block_on(async {
                run(&inside.session()?, "INSERT INTO notes VALUES (1)").await?;
                assert_eq!(
                    read::<i64>(&inside.session()?, "SELECT count(*) FROM notes").await?,
                    1
                );
                Ok::<_, DatabaseError>(())
            })??;
            Err(DatabaseError::invalid_query("changed my mind"))
        });
        assert!(
            matches!(undone, Err(DatabaseError::InvalidQuery(_))),
            "{undone:?}"
        );
        assert_eq!(
            ask_blocking::<i64>(&manager, "SELECT count(*) FROM notes").unwrap(),
            0
        );
    });
}
