//! Units of work that are in each other's way.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use ports::{Atomic as _, DatabaseError, Isolation, UnitOfWorkOptions};
use sea_orm::sqlx::Connection as _;
use tokio::sync::Barrier;

use super::{
    super::world::{OnPostgres, World as _, add, ask, bounded, outside, run},
    Runs, THREE,
};

/// Each unit of work reads everything and adds an entry; another one that does the same
/// commits in between, for as many runs as asked. It is COMMIT that fails.
async fn collide(world: &OnPostgres, collisions: u32) -> (Result<i64, DatabaseError>, u32) {
    let manager = world.manager();
    let runs = Runs::none();
    let options = UnitOfWorkOptions::new()
        .isolation(Isolation::Serializable)
        .retry(THREE);
    let work = manager.atomic_with(options, || async {
        let run = i32::try_from(runs.next()).unwrap();
        let seen = ask::<i64, _>(&manager, "SELECT count(*) FROM entry").await?;
        add(&manager, run).await?;
        if runs.count() <= collisions {
            let mut other = world.0.connect().await;
            let sql = "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM entry";
            outside(&mut other, sql).await;
            let sql = format!("INSERT INTO entry VALUES ({}); COMMIT", 100 + run);
            outside(&mut other, &sql).await;
            other.close().await.unwrap();
        }
        Ok::<_, DatabaseError>(seen)
    });
    let ended = bounded(work).await;
    (ended, runs.count())
}

#[tokio::test]
async fn a_serialization_failure_at_commit_runs_the_work_again() {
    let world = OnPostgres::new().await;
    let (ended, runs) = collide(&world, 1).await;
    assert_eq!((ended.unwrap(), runs), (1, 2));
    assert_eq!(world.stored().await, [2, 101]);
}

#[tokio::test]
async fn a_serialization_failure_at_every_commit_is_the_answer_in_the_end() {
    let world = OnPostgres::new().await;
    let (ended, runs) = collide(&world, u32::MAX).await;
    assert!(
        matches!(ended, Err(DatabaseError::Serialization(_))),
        "{ended:?}"
    );
    assert_eq!(runs, 3);
    assert_eq!(world.stored().await, [101, 102, 103]);
    world.settled().await;
}

#[tokio::test]
async fn write_skew_is_not_possible_when_serializable() {
    let world = OnPostgres::new().await;
    let manager = world.manager_of(2);
    let (runs, both_have_read) = (Runs::none(), Barrier::new(2));
    run(&manager, "INSERT INTO entry VALUES (1), (2)")
        .await
        .unwrap();
    // Each may go only if the other stays.
    let leave = async |id| {
        let first = AtomicU32::new(0);
        let options = UnitOfWorkOptions::new().isolation(Isolation::Serializable);
        let work = manager.atomic_with(options, || async {
            runs.next();
            let present = ask::<i64, _>(&manager, "SELECT count(*) FROM entry").await?;
            if first.fetch_add(1, SeqCst) == 0 {
                both_have_read.wait().await;
            }
            if present == 2 {
                run(&manager, &format!("DELETE FROM entry WHERE id = {id}")).await?;
            }
            Ok::<_, DatabaseError>(())
        });
        work.await
    };
    let (one, two) = bounded(async { tokio::join!(leave(1), leave(2)) }).await;
    one.unwrap();
    two.unwrap();
    assert_eq!(world.stored().await.len(), 1);
    assert!(runs.count() > 2, "nobody ran again");
}

#[tokio::test]
async fn of_two_units_of_work_in_a_deadlock_both_succeed() {
    let world = OnPostgres::new().await;
    let manager = world.manager_of(2);
    let (runs, both_hold_one) = (Runs::none(), Barrier::new(2));
    run(&manager, "INSERT INTO entry VALUES (1), (2)")
        .await
        .unwrap();
    let lock = async |id: i32| {
        let sql = format!("SELECT id FROM entry WHERE id = {id} FOR UPDATE");
        ask::<i32, _>(&manager, &sql).await.map(drop)
    };
    let cross = async |one, other| {
        let first = AtomicU32::new(0);
        let work = manager.atomic(|| async {
            runs.next();
            lock(one).await?;
            if first.fetch_add(1, SeqCst) == 0 {
                both_hold_one.wait().await;
            }
            lock(other).await?;
            add(&manager, one * 10).await
        });
        work.await
    };
    let (one, two) = bounded(async { tokio::join!(cross(1, 2), cross(2, 1)) }).await;
    one.unwrap();
    two.unwrap();
    assert_eq!(world.stored().await, [1, 2, 10, 20]);
    // The one that runs again may be fast enough for another deadlock.
    assert!(runs.count() > 2, "nobody ran again");
}
