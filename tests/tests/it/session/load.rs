//! Many callers on few connections.

use super::{ask, ask_blocking, manager, on_thread, sync_manager, within};
use adapters::postgres::AsyncPostgresSessionManager;
use ports::{DatabaseError, blocking::Atomic};
use std::time::Duration;
use tests::TestDatabase;

const FOUR: [(&str, &str); 2] = [("POOL_SIZE", "4"), ("POOL_MAX_OVERFLOW", "0")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_on_four_connections_all_finish() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &FOUR);
    sixty_four_tasks(&manager).await;

    let status = manager.status();
    assert_eq!((status.size, status.idle, status.opened), (4, 4, 4));
    assert_eq!(database.backend_count().await, 4);
}

/// A connection that somebody waits for is not closed, although it is one too many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_pool_does_not_open_its_overflow_over_and_over() {
    let database = TestDatabase::empty().await;
    let settings = [("POOL_SIZE", "2"), ("POOL_MAX_OVERFLOW", "2")];
    let manager = manager(&database.url(), &settings);
    sixty_four_tasks(&manager).await;

    let status = manager.status();
    assert!(status.opened < 16, "{status:?}");
}

async fn sixty_four_tasks(manager: &AsyncPostgresSessionManager) {
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let manager = manager.clone();
            tokio::spawn(async move {
                for number in 0..10 {
                    let sql = format!("SELECT {number}");
                    assert_eq!(ask::<i32>(&manager, &sql).await.unwrap(), number);
                }
            })
        })
        .collect();
    for task in tasks {
        within(task).await.unwrap();
    }
}

#[test]
fn sixteen_threads_on_four_connections_all_finish() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(&database.url(), &FOUR);
    let status = on_thread(move || {
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for number in 0..10 {
                        let sql = format!("SELECT {number}");
                        assert_eq!(ask_blocking::<i32>(&manager, &sql).unwrap(), number);
                    }
                });
            }
        });
        manager.status()
    });
    assert_eq!((status.size, status.idle, status.waiting), (4, 4, 0));
}

/// Each connection is driven by its own runtime: whoever holds one keeps nobody from driving
/// another, and is kept by nobody.
#[test]
fn threads_in_units_of_work_do_not_wait_for_each_other() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(&database.url(), &FOUR);
    on_thread(move || {
        let meeting = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let done = manager.atomic(|| {
                        meeting.wait();
                        ask_blocking::<i32>(&manager, "SELECT 1")?;
                        meeting.wait();
                        Ok::<_, DatabaseError>(())
                    });
                    done.unwrap();
                });
            }
            for _ in 0..4 {
                scope.spawn(|| ask_blocking::<i32>(&manager, "SELECT 1").unwrap());
            }
        });
    });
}

#[tokio::test]
async fn a_caller_that_gives_up_waiting_takes_nothing_with_it() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &FOUR);
    for _ in 0..50 {
        let callers = (0..8).map(|_| async { ask::<i32>(&manager, "SELECT 1").await });
        let all = async {
            for caller in callers {
                caller.await.unwrap();
            }
        };
        // Some of them in time, some cut off wherever they are.
        drop(tokio::time::timeout(Duration::from_micros(fastrand::u64(0..2_000)), all).await);
    }
    sixty_four_tasks(&manager).await;
    assert!(manager.status().size <= 4);
}
