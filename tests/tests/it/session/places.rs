//! Places in a pool that many fight for: none is lost, whatever becomes of who has it.

use std::{
    future::{Future, pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Mutex,
    task::Poll,
    time::{Duration, Instant},
};

use adapters::{
    postgres::{AsyncPostgresSessionManager, PostgresConfig, PostgresSessionManager},
    seaorm::{PoolStatus, carry},
};
use ports::{
    AsyncSessionManager as _, Atomic as _, DatabaseError, SessionManager as _,
    blocking::{Atomic as _, BlockOn as _},
};
use sea_orm::ConnectionTrait as _;
use tests::{
    TestDatabase,
    polls::{Moment, drop_after},
};
use tokio::time::timeout;

/// Few places, and little patience.
fn config(database: &TestDatabase, patience: Duration) -> PostgresConfig {
    let mut config = PostgresConfig::from_url(&database.url()).unwrap();
    config.session.pool_size = 2;
    config.session.pool_max_overflow = 1;
    config.session.pool_timeout = patience;
    config
}

fn is_whole(status: PoolStatus) -> bool {
    status.waiting == 0 && status.idle == status.size && status.size <= 3
}

const SLOW: &str = "SELECT pg_sleep(0.002)";

#[test]
fn threads_that_wait_give_up_panic_and_drop_what_they_drive_lose_no_place() {
    let database = tests::on_own_thread(TestDatabase::empty());
    let manager = PostgresSessionManager::new(config(&database, Duration::from_millis(4))).unwrap();
    let seed = fastrand::u64(..);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let manager = &manager;
            scope.spawn(move || {
                let mut rng = fastrand::Rng::with_seed(seed.wrapping_add(number));
                for _ in 0..60 {
                    one_call(manager, &mut rng);
                }
            });
        }
    });
    assert!(is_whole(manager.status()), "{:?}", manager.status());
    // Each place can be had at the same time as the others.
    let patient = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while asleep(&manager).is_err() {
                    assert!(
                        patient.elapsed() < Duration::from_secs(20),
                        "no place is left"
                    );
                }
            });
        }
    });
}

fn asleep(manager: &PostgresSessionManager) -> Result<(), DatabaseError> {
    let session = manager.session()?;
    let done = manager.block_on(session.execute_unprepared(SLOW))?;
    done.map(drop).map_err(adapters::seaorm::database_error)
}

fn one_call(manager: &PostgresSessionManager, rng: &mut fastrand::Rng) {
    let ended = match rng.usize(0..4) {
        0 => manager.atomic(|| asleep(manager)),
        1 => manager.atomic(|| {
            asleep(manager)?;
            Err(DatabaseError::invalid_query("changed my mind"))
        }),
        2 => {
            let panics = || {
                manager.atomic(|| {
                    asleep(manager)?;
                    std::panic::resume_unwind(Box::new("on purpose"))
                })
            };
            catch_unwind(AssertUnwindSafe(panics)).unwrap_or(Ok(()))
        }
        _ => {
            let polls = rng.usize(1..4);
            let repository = manager.as_async();
            let dropped = async {
                let session = repository.session().unwrap();
                let statement = session.execute_unprepared(SLOW);
                drop(drop_after(polls, Moment::Waiting, statement).await);
            };
            manager.block_on(dropped)
        }
    };
    match ended {
        Ok(()) | Err(DatabaseError::PoolTimeout { .. } | DatabaseError::InvalidQuery(_)) => {}
        Err(other) => panic!("{other:?}"),
    }
}

/// The connection is given back by whoever is the last to leave: the unit of work that is
/// dropped, or the task that still has it to itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn units_of_work_that_are_dropped_beside_a_carried_task_lose_no_place() {
    let database = TestDatabase::empty().await;
    let manager =
        AsyncPostgresSessionManager::new(config(&database, Duration::from_secs(20))).unwrap();
    let manager = &manager;
    for round in 0..120_u64 {
        let unit = manager.atomic(|| async {
            let carried = manager.clone();
            let task = tokio::spawn(carry(async move {
                let session = carried.session()?;
                let done = session.execute_unprepared(SLOW).await;
                done.map(drop).map_err(adapters::seaorm::database_error)
            }));
            tokio::time::sleep(Duration::from_micros(round * 40)).await;
            drop(task);
            std::future::pending::<Result<(), DatabaseError>>().await
        });
        let limit = Duration::from_micros(500 + round * 40);
        assert!(tokio::time::timeout(limit, unit).await.is_err());
    }
    let begun = Instant::now();
    while !is_whole(manager.status()) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{:?}",
            manager.status()
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for state in database.backend_states().await {
        assert_eq!(state, "idle");
    }
    manager.ping().await.unwrap();
}

/// A statement that is given up when it has just been handed its turn: the unit of work is gone,
/// and whoever had the connection before has left.
#[tokio::test]
async fn a_turn_that_is_given_up_after_the_unit_of_work_has_ended_loses_no_place() {
    let database = TestDatabase::empty().await;
    let mut config = config(&database, Duration::from_secs(5));
    config.session.pool_size = 1;
    config.session.pool_max_overflow = 0;
    let manager = AsyncPostgresSessionManager::new(config).unwrap();
    let kept = Mutex::new(None);
    let mut unit = Box::pin(manager.atomic(|| async {
        kept.lock().unwrap().replace(manager.session()?);
        pending::<Result<(), DatabaseError>>().await
    }));
    while kept.lock().unwrap().is_none() {
        let begun = timeout(Duration::from_millis(1), unit.as_mut()).await;
        assert!(begun.is_err(), "{begun:?}");
    }
    // Kept until the end: what it belongs to holds the connection as long as nobody gives it back.
    let session = kept.lock().unwrap().take().unwrap();
    let mut has_it = Box::pin(session.execute_unprepared(SLOW));
    let mut waits = Box::pin(session.execute_unprepared(SLOW));
    assert!(poll_once(has_it.as_mut()).await.is_none());
    assert!(poll_once(waits.as_mut()).await.is_none());
    drop(unit);
    drop(has_it.await);
    drop(waits);

    let session_of_others = manager.session().unwrap();
    session_of_others.execute_unprepared(SLOW).await.unwrap();
    drop(session);
}

/// What a future answers if it is asked once.
async fn poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    poll_fn(|context| match Pin::new(&mut future).poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
