//! Where blocking calls are allowed, and what they answer where they are not.

use adapters::seaorm::database_error;
use ports::{
    AsyncSessionManager as _, DatabaseError, SessionManager as _,
    blocking::{Atomic as _, BlockOn as _},
};
use sea_orm::{ConnectionTrait as _, TransactionSession as _, TransactionTrait as _};

use super::{
    super::world::{OnPostgres, World as _, add, bounded},
    in_time, put, stored,
};

fn refused<T: std::fmt::Debug>(answer: Result<T, DatabaseError>) {
    assert!(
        matches!(answer, Err(DatabaseError::BlockingInAsyncContext)),
        "{answer:?}"
    );
}

/// Everything that blocks is refused, at once and without a panic.
fn everything_is_refused(world: &OnPostgres) {
    let manager = world.blocking_manager();
    refused(put(&manager, 1));
    refused(manager.atomic(|| Ok::<_, DatabaseError>(())));
    refused(manager.session().map(drop));
    refused(manager.remove_session());
    assert_eq!(manager.status().opened, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocking_calls_are_refused_on_a_worker() {
    let world = OnPostgres::new().await;
    everything_is_refused(&world);
    tokio::spawn(async move { everything_is_refused(&world) })
        .await
        .unwrap();
}

#[tokio::test]
async fn blocking_calls_are_refused_on_a_current_thread_runtime() {
    everything_is_refused(&OnPostgres::new().await);
}

#[tokio::test]
async fn blocking_calls_are_refused_by_spawn_blocking_and_allowed_by_spawn() {
    let world = OnPostgres::new().await;
    let world = tokio::task::spawn_blocking(move || {
        everything_is_refused(&world);
        world
    });
    let world = world.await.unwrap();
    let manager = world.blocking_manager();
    let lent = manager.clone();
    let work = adapters::blocking::spawn(move || {
        lent.atomic(|| put(&lent, 1))?;
        put(&lent, 2)
    });
    bounded(work).await.unwrap().unwrap();
    assert_eq!(world.stored().await, [1, 2]);
}

#[tokio::test]
async fn async_repositories_of_a_blocking_manager_are_refused_in_async_code() {
    let world = OnPostgres::new().await;
    let repository = world.blocking_manager().as_async();
    refused(add(&repository, 1).await);
    refused(repository.ping().await);
    refused(ports::Atomic::atomic(&repository, || add(&repository, 1)).await);
}

#[test]
fn blocking_calls_are_refused_inside_of_a_driven_future() {
    in_time::<OnPostgres>(|world| {
        let manager = world.blocking_manager();
        let inside = manager.block_on(async { everything_is_refused(world) });
        inside.unwrap();
        put(&manager, 1).unwrap();
    });
}

#[test]
fn a_session_is_refused_on_another_thread() {
    in_time::<OnPostgres>(|world| {
        let manager = world.blocking_manager();
        let ended = manager.atomic(|| {
            put(&manager, 1)?;
            let session = manager.session()?;
            let other = world.blocking_manager();
            let elsewhere = std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    let sql = "INSERT INTO entry VALUES (2)";
                    other.block_on(session.execute_unprepared(sql))
                });
                thread.join().unwrap()
            });
            let elsewhere = elsewhere?.map_err(database_error);
            assert!(matches!(
                elsewhere,
                Err(DatabaseError::OutsideUnitOfWork(_))
            ));
            put(&manager, 3)
        });
        ended.unwrap();
        assert_eq!(stored(world), [1, 3]);
    });
}

#[test]
fn a_transaction_is_refused_on_another_thread() {
    in_time::<OnPostgres>(|world| {
        let manager = world.blocking_manager();
        let session = manager.session().unwrap();
        for commits in [true, false] {
            let begun = manager.block_on(async {
                let transaction = session.begin().await?;
                let sql = "INSERT INTO entry VALUES (1)";
                transaction.execute_unprepared(sql).await?;
                Ok::<_, sea_orm::DbErr>(transaction)
            });
            let transaction = begun.unwrap().unwrap();
            // The connection went with the call that had taken it.
            let ended = tests::on_own_thread(async {
                if commits {
                    transaction.commit().await
                } else {
                    transaction.rollback().await
                }
            });
            let ended = ended.map_err(database_error);
            assert!(
                matches!(ended, Err(DatabaseError::OutsideUnitOfWork(_))),
                "{ended:?}"
            );
            assert!(stored(world).is_empty());
        }
        put(&manager, 2).unwrap();
        assert_eq!(stored(world), [2]);
        assert_eq!(manager.status().size, 1);
    });
}

#[test]
fn a_thread_inside_of_a_unit_of_work_does_not_inherit() {
    in_time::<OnPostgres>(|world| {
        let mut config = world.config();
        config.session.pool_size = 2;
        let manager = adapters::postgres::PostgresSessionManager::new(config).unwrap();
        let failed: Result<(), _> = manager.atomic(|| {
            put(&manager, 1)?;
            std::thread::scope(|scope| scope.spawn(|| put(&manager, 2)).join().unwrap())?;
            Err(DatabaseError::invalid_query("no"))
        });
        failed.unwrap_err();
        assert_eq!(stored(world), [2]);
    });
}

#[tokio::test]
async fn managers_can_be_dropped_in_async_code() {
    let world = OnPostgres::new().await;
    let manager = world.blocking_manager();
    let used = manager.clone();
    let work = adapters::blocking::spawn(move || put(&used, 1));
    bounded(work).await.unwrap().unwrap();
    assert_eq!(manager.status().idle, 1);
    let repository = manager.as_async();
    let session = repository.session().unwrap();
    drop(manager);
    drop(repository);
    drop(session);
    assert_eq!(world.stored().await, [1]);
    super::super::world::until(async || world.0.backend_count().await == 0).await;
}
