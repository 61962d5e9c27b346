//! Futures that are dropped at any of their await points.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll::{Pending, Ready},
    time::Duration,
};

use adapters::seaorm::{AsyncManager, Backend};
use ports::{Atomic as _, DatabaseError, Verdict, blocking::BlockOn as _};

use super::world::{OnPostgres, World, add, ask, bounded, on_both, run, until_running};

on_both!(
    a_unit_of_work_can_be_dropped_at_every_poll,
    a_unit_of_work_can_be_dropped_while_its_connection_is_opened,
    the_next_unit_of_work_waits_for_nothing_that_was_dropped,
);

mod on_slow_postgres {
    use super::super::{
        slow_server::OnSlowPostgres,
        world::{World as _, bounded},
    };

    #[tokio::test]
    async fn a_unit_of_work_can_be_dropped_at_every_poll() {
        let world = OnSlowPostgres::new().await;
        let polls = bounded(super::a_unit_of_work_can_be_dropped_at_every_poll(world)).await;
        // BEGIN, five statements, two savepoints, RELEASE, ROLLBACK TO, and the end.
        assert!(
            polls >= 11,
            "only {polls} polls: it has not waited everywhere"
        );
    }

    #[tokio::test]
    async fn a_unit_of_work_can_be_dropped_while_its_connection_is_opened() {
        let world = OnSlowPostgres::new().await;
        let test = super::a_unit_of_work_can_be_dropped_while_its_connection_is_opened(world);
        bounded(test).await;
    }

    #[test]
    fn a_unit_of_work_in_a_blocking_call_can_be_dropped_at_every_poll() {
        let world = tests::on_own_thread(OnSlowPostgres::new());
        super::a_unit_of_work_in_a_blocking_call_can_be_dropped_at_every_poll(&world);
    }
}

/// More polls than any unit of work here takes.
const MANY: usize = 1_000;

/// Polls a future so many times and drops it; its output if it was ready before.
pub(super) async fn drop_after_polls<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Ready(output) => Ready(Some(output)),
            Pending if left == 0 => Ready(None),
            Pending => Pending,
        }
    })
    .await
}

/// Every kind of message that a unit of work sends: BEGIN, statements, SAVEPOINT,
/// RELEASE, ROLLBACK TO, and COMMIT or ROLLBACK.
async fn all_kinds_of_messages<B: Backend>(
    manager: &AsyncManager<B>,
    first: i32,
    verdict: Verdict,
) -> Result<(), DatabaseError> {
    let kept = async || manager.atomic(|| add(manager, first + 1)).await;
    let undone = async || {
        let failing = async || {
            add(manager, first + 2).await?;
            add(manager, first + 2).await
        };
        manager.atomic(failing).await
    };
    manager
        .atomic(|| async {
            add(manager, first).await?;
            kept().await?;
            assert!(matches!(
                undone().await,
                Err(DatabaseError::UniqueViolation(_))
            ));
            add(manager, first + 3).await?;
            match verdict {
                Verdict::Commit => Ok(()),
                Verdict::Rollback => Err(DatabaseError::invalid_query("changed my mind")),
            }
        })
        .await
}

/// Answers the least number of polls that it took to its end.
async fn a_unit_of_work_can_be_dropped_at_every_poll<W: World>(world: W) -> usize {
    let manager = world.manager();
    let mut fewest = MANY;
    for verdict in [Verdict::Commit, Verdict::Rollback] {
        let mut polls = 0;
        loop {
            let first = number(polls, verdict);
            let work = all_kinds_of_messages(&manager, first, verdict);
            let ended = drop_after_polls(polls, work).await;
            add(&manager, first + 9).await.unwrap();
            check(&world, &manager, first, ended.is_some(), verdict).await;
            if ended.is_some() {
                break;
            }
            polls += 1;
        }
        fewest = fewest.min(polls);
    }
    fewest
}

async fn a_unit_of_work_can_be_dropped_while_its_connection_is_opened<W: World>(world: W) {
    for polls in 0..MANY {
        let manager = world.manager();
        let first = number(polls, Verdict::Commit);
        let ended = drop_after_polls(polls, manager.atomic(|| add(&manager, first))).await;
        add(&manager, first + 9).await.unwrap();
        let status = manager.status();
        assert_eq!((status.size, status.idle), (1, 1), "after {polls} polls");
        assert!(world.stored().await.contains(&(first + 9)));
        if ended.is_some() {
            return;
        }
    }
    panic!("it never ended");
}

async fn the_next_unit_of_work_waits_for_nothing_that_was_dropped<W: World>(world: W) {
    let manager = world.manager();
    for polls in 0..MANY {
        let first = number(polls, Verdict::Commit);
        let dropped = all_kinds_of_messages(&manager, first, Verdict::Commit);
        let ended = drop_after_polls(polls, dropped).await;
        manager
            .atomic(|| async {
                add(&manager, first + 8).await?;
                add(&manager, first + 9).await
            })
            .await
            .unwrap();
        check(&world, &manager, first, ended.is_some(), Verdict::Commit).await;
        if ended.is_some() {
            return;
        }
    }
    panic!("it never ended");
}

/// The entries of a unit of work that was dropped after so many polls.
fn number(polls: usize, verdict: Verdict) -> i32 {
    let offset = if verdict == Verdict::Commit {
        0
    } else {
        100_000
    };
    offset + i32::try_from(polls).unwrap() * 10
}

/// All or nothing was stored, the write after it was, and the pool is whole.
async fn check<W: World, B: Backend>(
    world: &W,
    manager: &AsyncManager<B>,
    first: i32,
    ended: bool,
    verdict: Verdict,
) {
    let stored = world.stored().await;
    let of_this = stored.iter().filter(|id| (first..first + 8).contains(id));
    let of_this: Vec<_> = of_this.map(|id| id - first).collect();
    match of_this.as_slice() {
        [] => assert!(!ended || verdict == Verdict::Rollback),
        [0, 1, 3] => assert_eq!(verdict, Verdict::Commit),
        some => panic!("only {some:?} of {first} were stored"),
    }
    assert!(stored.contains(&(first + 9)), "{first} lost a write");
    world.settled().await;
    let status = manager.status();
    assert_eq!((status.size, status.idle, status.waiting), (1, 1, 0));
}

#[tokio::test]
async fn a_statement_that_is_dropped_on_its_way_aborts_the_unit_of_work() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let slow = async || {
        tokio::select! {
            _ = run(&manager, "SELECT pg_sleep(30)") => panic!("nobody sleeps for so short"),
            () = until_running(&world.0, "pg_sleep") => {}
        }
    };
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        // As a part of a nested scope: not even that can be rolled back alone.
        let nested = manager.atomic(|| async {
            slow().await;
            Ok::<_, DatabaseError>(())
        });
        assert!(matches!(
            nested.await,
            Err(DatabaseError::TransactionAborted(_))
        ));
        let next = add(&manager, 2).await;
        assert!(matches!(next, Err(DatabaseError::TransactionAborted(_))));
        Ok::<_, DatabaseError>(())
    });

    let ended = bounded(work).await;
    assert!(matches!(ended, Err(DatabaseError::TransactionAborted(_))));
    assert_eq!(ask::<i32, _>(&manager, "SELECT 1").await.unwrap(), 1);
    assert!(world.stored().await.is_empty());
    assert_eq!(manager.status().size, 1);
}

fn a_unit_of_work_in_a_blocking_call_can_be_dropped_at_every_poll<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let repository = manager.as_async();
    for polls in 0..MANY {
        let first = number(polls, Verdict::Commit);
        let ended = manager.block_on(async {
            let work = all_kinds_of_messages(&repository, first, Verdict::Commit);
            let ended = drop_after_polls(polls, work).await;
            add(&repository, first + 9).await.unwrap();
            ended.is_some()
        });
        let ended = ended.unwrap();
        let look = check(world, &repository, first, ended, Verdict::Commit);
        run_future(bounded(look));
        if ended {
            return;
        }
    }
    panic!("it never ended");
}

#[test]
fn a_blocking_call_goes_on_after_a_timeout_in_it() {
    let world = tests::on_own_thread(OnPostgres::new());
    let manager = world.blocking_manager();
    let repository = manager.as_async();
    let answer = manager.block_on(async {
        let slow = run(&repository, "SELECT pg_sleep(30)");
        let slow = tokio::time::timeout(Duration::from_millis(50), slow).await;
        assert!(slow.is_err());
        add(&repository, 1).await
    });
    answer.unwrap().unwrap();
    assert_eq!(run_future(world.stored()), [1]);
}

/// Runs a future of the test itself, which needs no manager.
fn run_future<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}
