//! A server that goes away, comes back, or never answers.

use super::{ask, manager, on_thread, pid, pid_blocking, read, sync_manager, within};
use ports::{AsyncSessionManager, DatabaseError, SessionManager, blocking::BlockOn};
use sea_orm::{TransactionSession, TransactionTrait};
use std::{
    net::TcpListener,
    sync::Barrier,
    time::{Duration, Instant},
};
use tests::{Cluster, ClusterOptions, StopMode};

#[tokio::test]
async fn after_a_crash_at_most_one_statement_fails() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let manager = manager(&cluster.url("postgres"), &[("POOL_SIZE", "8")]);
    let session = manager.session().unwrap();
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(session.begin().await.unwrap());
    }
    for transaction in held {
        transaction.rollback().await.unwrap();
    }
    assert_eq!(manager.status().idle, 8);
    cluster.restart(StopMode::Immediate);

    let mut failures = 0;
    for _ in 0..20 {
        match pid(&manager).await {
            Ok(_) => {}
            Err(DatabaseError::Connection(_)) => failures += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(failures, 1);
    assert_eq!(manager.status().size, 1);
}

#[tokio::test]
async fn after_a_crash_no_unit_of_work_fails() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let manager = manager(&cluster.url("postgres"), &[]);
    let session = manager.session().unwrap();
    let (one, two) = (
        session.begin().await.unwrap(),
        session.begin().await.unwrap(),
    );
    one.rollback().await.unwrap();
    two.rollback().await.unwrap();
    cluster.restart(StopMode::Immediate);

    for _ in 0..5 {
        let transaction = within(session.begin()).await.unwrap();
        assert_eq!(read::<i32>(&transaction, "SELECT 1").await.unwrap(), 1);
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_sign_of_life_is_looked_for_past_dead_connections() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let manager = manager(&cluster.url("postgres"), &[]);
    manager.ping().await.unwrap();
    cluster.restart(StopMode::Immediate);
    within(manager.ping()).await.unwrap();

    // Opened for the ping and used for nothing else yet.
    cluster.restart(StopMode::Immediate);
    let transaction = within(manager.session().unwrap().begin()).await.unwrap();
    transaction.commit().await.unwrap();

    cluster.stop(StopMode::Fast);
    let down = within(manager.ping()).await;
    assert!(
        matches!(down, Err(DatabaseError::Connection(_))),
        "{down:?}"
    );
}

#[test]
fn after_a_crash_at_most_one_blocking_statement_fails() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let manager = sync_manager(&cluster.url("postgres"), &[("POOL_SIZE", "4")]);
    let idle = manager.clone();
    on_thread(move || {
        let (session, meeting) = (idle.session().unwrap(), Barrier::new(4));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    idle.block_on(async {
                        read::<i32>(&session, "SELECT 1").await.unwrap();
                        meeting.wait();
                    })
                });
            }
        });
        assert_eq!(idle.status().idle, 4);
    });
    cluster.restart(StopMode::Immediate);

    let failures = on_thread(move || (0..10).filter(|_| pid_blocking(&manager).is_err()).count());
    assert_eq!(failures, 1);
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error_and_no_end() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let manager = manager(&cluster.url("postgres"), &[]);
    cluster.stop(StopMode::Fast);
    for _ in 0..3 {
        let down = pid(&manager).await;
        assert!(
            matches!(down, Err(DatabaseError::Connection(_))),
            "{down:?}"
        );
    }
    cluster.start_again();
    pid(&manager).await.unwrap();
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_in_time() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://u@{}/x", mute.local_addr().unwrap());
    let settings = [("CONNECT_TIMEOUT", "100ms")];
    let manager = manager(&url, &settings);
    let begun = Instant::now();
    let refused = ask::<i32>(&manager, "SELECT 1").await;
    assert!(
        matches!(refused, Err(DatabaseError::Connection(_))),
        "{refused:?}"
    );
    let blocking = sync_manager(&url, &settings);
    let refused = on_thread(move || pid_blocking(&blocking));
    assert!(
        matches!(refused, Err(DatabaseError::Connection(_))),
        "{refused:?}"
    );

    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
