//! How a unit of work ends: `Ok` is committed, everything else is not stored.

use std::panic::AssertUnwindSafe;

use adapters::seaorm::{AsyncManager, Backend};
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError};

use super::world::{World, add, add_again, on_both};

on_both!(
    ok_means_committed,
    an_error_means_that_nothing_is_stored,
    a_swallowed_error_aborts_the_unit_of_work,
    a_swallowed_error_is_not_healed_by_a_nested_scope,
    a_panic_means_that_nothing_is_stored,
    a_removed_session_can_not_be_committed,
    removing_the_session_outside_of_a_unit_of_work_does_nothing,
    a_session_is_over_with_its_unit_of_work,
    futures_can_be_sent_to_other_threads,
);

async fn ok_means_committed<W: World>(world: W) {
    let manager = world.manager();
    let done = manager.atomic(|| async {
        add(&manager, 1).await?;
        assert!(manager.session()?.in_unit_of_work());
        assert!(world.stored().await.is_empty());
        Ok::<_, DatabaseError>("done")
    });

    assert_eq!(done.await.unwrap(), "done");
    assert_eq!(world.stored().await, [1]);
}

async fn an_error_means_that_nothing_is_stored<W: World>(world: W) {
    let manager = world.manager();
    let failed: Result<(), Refusal> = manager
        .atomic(|| async {
            add(&manager, 1).await?;
            Err(Refusal::Domain)
        })
        .await;

    assert!(matches!(failed, Err(Refusal::Domain)));
    usable(&world, &manager).await;
}

async fn a_swallowed_error_aborts_the_unit_of_work<W: World>(world: W) {
    let manager = world.manager();
    let ended = manager
        .atomic(|| async {
            add(&manager, 1).await?;
            add_again(&manager, 1).await;
            let next = add(&manager, 2).await;
            assert_aborted(&next);
            Ok::<_, DatabaseError>(())
        })
        .await;

    assert_aborted(&ended);
    usable(&world, &manager).await;
}

async fn a_swallowed_error_is_not_healed_by_a_nested_scope<W: World>(world: W) {
    let manager = world.manager();
    let ended = manager
        .atomic(|| async {
            add(&manager, 1).await?;
            add_again(&manager, 1).await;
            let nested = manager.atomic(|| add(&manager, 2)).await;
            assert_aborted(&nested);
            Ok::<_, DatabaseError>(())
        })
        .await;

    assert_aborted(&ended);
    usable(&world, &manager).await;
}

async fn a_panic_means_that_nothing_is_stored<W: World>(world: W) {
    let manager = world.manager();
    let panicking = manager.atomic(|| async {
        add(&manager, 1).await?;
        assert!(add(&manager, 2).await.is_err(), "this is the panic");
        Ok::<_, DatabaseError>(())
    });

    assert!(caught(panicking).await.is_err());
    usable(&world, &manager).await;
}

async fn a_removed_session_can_not_be_committed<W: World>(world: W) {
    let manager = world.manager();
    let ended = manager
        .atomic(|| async {
            add(&manager, 1).await?;
            manager.remove_session().await?;
            // The connection is free at once, and what follows does not escape to it.
            assert_eq!(manager.status().idle, 1);
            assert_outside(&add(&manager, 2).await);
            Ok::<_, DatabaseError>(())
        })
        .await;

    assert!(matches!(ended, Err(DatabaseError::TransactionAborted(_))));
    usable(&world, &manager).await;
}

async fn removing_the_session_outside_of_a_unit_of_work_does_nothing<W: World>(world: W) {
    let manager = world.manager();
    manager.remove_session().await.unwrap();
    usable(&world, &manager).await;
}

async fn a_session_is_over_with_its_unit_of_work<W: World>(world: W) {
    use sea_orm::ConnectionTrait as _;
    let manager = world.manager();
    let kept = manager
        .atomic(|| async { manager.session() })
        .await
        .unwrap();
    let late = kept
        .execute_unprepared("INSERT INTO entry VALUES (1)")
        .await;

    assert_outside(&late.map_err(adapters::seaorm::database_error));
    usable(&world, &manager).await;
}

async fn futures_can_be_sent_to_other_threads<W: World>(world: W) {
    let manager = world.manager();
    let task = tokio::spawn(async move {
        let inner = async || manager.atomic(|| add(&manager, 2)).await;
        manager
            .atomic(|| async {
                add(&manager, 1).await?;
                inner().await
            })
            .await
    });
    task.await.unwrap().unwrap();
    assert_eq!(world.stored().await, [1, 2]);
}

#[derive(Debug)]
enum Refusal {
    Domain,
    Database,
}

impl From<DatabaseError> for Refusal {
    fn from(_: DatabaseError) -> Self {
        Self::Database
    }
}

/// Nothing was stored, and the one connection of the pool commits what is given to it.
async fn usable<W: World, B: Backend>(world: &W, manager: &AsyncManager<B>) {
    assert!(world.stored().await.is_empty());
    add(manager, 100).await.unwrap();
    assert_eq!(world.stored().await, [100]);
    world.settled().await;
    let status = manager.status();
    assert_eq!((status.size, status.idle), (1, 1));
}

fn assert_aborted(ended: &Result<(), DatabaseError>) {
    let Err(DatabaseError::TransactionAborted(first)) = ended else {
        panic!("{ended:?}");
    };
    let first = first.downcast_ref();
    assert!(
        matches!(first, Some(DatabaseError::UniqueViolation(_))),
        "{first:?}"
    );
}

fn assert_outside(ended: &Result<impl std::fmt::Debug, DatabaseError>) {
    assert!(
        matches!(ended, Err(DatabaseError::OutsideUnitOfWork(_))),
        "{ended:?}"
    );
}

async fn caught<F: Future>(future: F) -> std::thread::Result<F::Output> {
    let mut future = Box::pin(future);
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(panic) => std::task::Poll::Ready(Err(panic)),
        }
    })
    .await
}
