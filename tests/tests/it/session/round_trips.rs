//! What the session layer says to the server beyond what it was asked to say: nothing.

use super::{ask, manager, pid, read, run};
use ports::{AsyncSessionManager, Atomic, DatabaseError, Isolation, UnitOfWorkOptions};
use tests::{Proxy, TestDatabase};

#[tokio::test]
async fn a_statement_is_one_round_trip() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::to(&database.url());
    let manager = manager(proxy.url(), &[("SSL_MODE", "disable")]);
    pid(&manager).await.unwrap();
    proxy.round_trips();
    for _ in 0..10 {
        pid(&manager).await.unwrap();
    }
    assert_eq!(proxy.round_trips(), 10);
}

#[tokio::test]
async fn opening_a_connection_takes_no_round_trip_beyond_the_login() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::to(&database.url());
    let settings = [
        ("SSL_MODE", "disable"),
        ("STATEMENT_TIMEOUT", "5s"),
        ("SEARCH_PATH", "public"),
        ("ISOLATION_LEVEL", "serializable"),
    ];
    let manager = manager(proxy.url(), &settings);
    run(&manager.session().unwrap(), "SELECT 1").await.unwrap();
    assert_eq!(proxy.round_trips(), 1);
}

#[tokio::test]
async fn a_unit_of_work_adds_begin_and_commit_whatever_its_modes() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::to(&database.url());
    let manager = manager(proxy.url(), &[("SSL_MODE", "disable")]);
    pid(&manager).await.unwrap();
    proxy.round_trips();
    let options = UnitOfWorkOptions::new()
        .isolation(Isolation::Serializable)
        .read_only()
        .statement_timeout(std::time::Duration::from_secs(5));
    let done = manager.atomic_with(options, || async {
        read::<i32>(&manager.session()?, "SELECT pg_backend_pid()").await
    });
    done.await.unwrap();
    assert_eq!(proxy.round_trips(), 3);
}

#[tokio::test]
async fn a_ping_before_use_is_one_round_trip_more() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::to(&database.url());
    let settings = [("SSL_MODE", "disable"), ("POOL_PRE_PING", "always")];
    let manager = manager(proxy.url(), &settings);
    pid(&manager).await.unwrap();
    proxy.round_trips();
    pid(&manager).await.unwrap();
    assert_eq!(proxy.round_trips(), 2);
}

/// A server that vanishes without a word is waited for once, not once for each connection.
#[tokio::test]
async fn a_pool_of_mute_connections_is_given_up_at_once() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::to(&database.url());
    let settings = [
        ("SSL_MODE", "disable"),
        ("POOL_PRE_PING", "always"),
        ("CONNECT_TIMEOUT", "200ms"),
    ];
    let manager = manager(proxy.url(), &settings);
    let session = manager.session().unwrap();
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(sea_orm::TransactionTrait::begin(&session).await.unwrap());
    }
    for transaction in held {
        sea_orm::TransactionSession::rollback(transaction)
            .await
            .unwrap();
    }
    proxy.stall();
    let begun = std::time::Instant::now();
    let gone = ask::<i32>(&manager, "SELECT 1").await;
    assert!(
        matches!(gone, Err(DatabaseError::Connection(_))),
        "{gone:?}"
    );
    assert!(begun.elapsed().as_millis() < 1_000, "{:?}", begun.elapsed());
    assert_eq!(manager.status().size, 0);

    proxy.flow();
    pid(&manager).await.unwrap();
}
