//! One connection for each unit of work, and one unit of work at a time on it.

use std::time::Duration;

use adapters::seaorm::AsyncManager;
use ports::{Atomic as _, DatabaseError, UnitOfWorkOptions};

use super::world::{OnPostgres, World, add, ask, bounded, on_both, run};

on_both!(
    statements_of_a_unit_of_work_run_one_after_the_other,
    a_second_unit_of_work_waits_for_the_connection,
    a_full_pool_is_an_error_of_its_own,
);

async fn statements_of_a_unit_of_work_run_one_after_the_other<W: World>(world: W) {
    let manager = world.manager();
    manager
        .atomic(|| async {
            let (one, two, three) =
                tokio::join!(add(&manager, 1), add(&manager, 2), add(&manager, 3));
            one.and(two).and(three)
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 2, 3]);
    assert_eq!(manager.status().opened, 1);
}

async fn a_second_unit_of_work_waits_for_the_connection<W: World>(world: W) {
    let manager = world.manager();
    let work = async |id| manager.atomic(|| add(&manager, id)).await;
    let (one, two, three) = tokio::join!(work(1), work(2), work(3));
    one.and(two).and(three).unwrap();
    assert_eq!(world.stored().await, [1, 2, 3]);
    assert_eq!(manager.status().opened, 1);
}

async fn a_full_pool_is_an_error_of_its_own<W: World>(world: W) {
    let mut config = world.config();
    W::settings(&mut config).pool_timeout = Duration::from_millis(100);
    let manager = AsyncManager::<W::Db>::new(config).unwrap();
    let (busy, release) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
    let holding = manager.atomic(|| async {
        add(&manager, 1).await?;
        busy.notify_one();
        release.notified().await;
        Ok::<_, DatabaseError>(())
    });
    let waiting = async {
        busy.notified().await;
        let ended = manager.atomic(|| add(&manager, 2)).await;
        release.notify_one();
        ended
    };
    // Not polled from inside: it is a unit of work of its own.
    let (held, waited) = tokio::join!(holding, waiting);
    held.unwrap();
    assert!(
        matches!(waited, Err(DatabaseError::PoolTimeout { size: 1, .. })),
        "{waited:?}"
    );
    assert_eq!(world.stored().await, [1]);
}

#[tokio::test]
async fn units_of_work_of_two_managers_are_independent() {
    let world = OnPostgres::new().await;
    let (one, other) = (world.manager(), world.manager());
    let failed = one.atomic(|| async {
        add(&one, 1).await?;
        // Not part of the first one's, and not in its way.
        add(&other, 2).await?;
        other.atomic(|| add(&other, 3)).await?;
        let nested = other.atomic(|| async {
            add(&one, 4).await?;
            Err::<(), _>(DatabaseError::invalid_query("no"))
        });
        nested.await.unwrap_err();
        let seen = ask::<i64, _>(&one, "SELECT count(*) FROM entry").await?;
        assert_eq!(seen, 4);
        Err::<(), _>(DatabaseError::invalid_query("no"))
    });
    bounded(failed).await.unwrap_err();
    assert_eq!(world.stored().await, [2, 3]);
}

#[tokio::test]
async fn a_unit_of_work_holds_one_backend_whatever_happens_in_it() {
    let world = OnPostgres::new().await;
    let manager = world.manager_of(4);
    let nested = async |id| manager.atomic(|| add(&manager, id)).await;
    let work = manager.atomic_with(UnitOfWorkOptions::new(), || async {
        add(&manager, 1).await?;
        let (two, three, four) = tokio::join!(nested(2), nested(3), add(&manager, 4));
        two.and(three).and(four)?;
        assert_eq!(world.0.backend_count().await, 1);
        run(&manager, "SELECT 1").await
    });
    bounded(work).await.unwrap();
    assert_eq!(manager.status().opened, 1);
}
