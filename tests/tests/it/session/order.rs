//! Which idle connection is handed out: `POOL_LIFO`.

use super::{manager, on_thread, pid, pid_blocking, read, sync_manager};
use ports::{AsyncSessionManager, SessionManager, blocking::BlockOn};
use sea_orm::{TransactionSession, TransactionTrait};
use tests::TestDatabase;

#[tokio::test]
async fn last_in_first_out_uses_one_connection_over_and_over() {
    let [_, second, next, after] = four_pids("true").await;
    assert_eq!([next, after], [second, second]);
}

#[tokio::test]
async fn first_in_first_out_takes_turns() {
    let [first, second, next, after] = four_pids("false").await;
    assert_eq!([next, after], [first, second]);
}

#[test]
fn the_order_holds_on_the_blocking_side_too() {
    let database = TestDatabase::postgres_blocking();
    for (lifo, turns) in [("true", 1), ("false", 2)] {
        let manager = sync_manager(&database.url(), &[("POOL_LIFO", lifo)]);
        let mut pids = on_thread(move || {
            let (session, meeting) = (manager.session().unwrap(), std::sync::Barrier::new(2));
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        manager.block_on(async {
                            read::<i32>(&session, "SELECT 1").await.unwrap();
                            meeting.wait();
                        })
                    });
                }
            });
            [(); 4].map(|()| pid_blocking(&manager).unwrap()).to_vec()
        });
        pids.sort_unstable();
        pids.dedup();
        assert_eq!(pids.len(), turns, "LIFO is {lifo}");
    }
}

/// Two connections in the order in which they came back, and the two that are handed out then.
async fn four_pids(lifo: &str) -> [i32; 4] {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[("POOL_LIFO", lifo)]);
    let session = manager.session().unwrap();
    let (one, two) = (
        session.begin().await.unwrap(),
        session.begin().await.unwrap(),
    );
    let first = read(&one, "SELECT pg_backend_pid()").await.unwrap();
    let second = read(&two, "SELECT pg_backend_pid()").await.unwrap();
    one.rollback().await.unwrap();
    two.rollback().await.unwrap();
    [
        first,
        second,
        pid(&manager).await.unwrap(),
        pid(&manager).await.unwrap(),
    ]
}
