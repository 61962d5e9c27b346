//! A server that answers nothing, one that is merely busy, and one that is slow to connect.

use super::{ask, ask_blocking, manager, on_thread, sync_manager, within};
use adapters::postgres::AsyncPostgresSessionManager;
use ports::{DatabaseError, blocking::Atomic as _};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Proxy, TestDatabase};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use url::Url;

/// What a request may take; longer than anybody should have to wait for a silent server.
const REQUEST: Duration = Duration::from_secs(8);

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_silent_and_all_go_on_when_it_is_back() {
    let database = TestDatabase::postgres().await;
    let proxy = Proxy::to(&database.url());
    let settings = [
        ("POOL_SIZE", "4"),
        ("POOL_MAX_OVERFLOW", "0"),
        ("SSL_MODE", "disable"),
    ];
    let manager = manager(proxy.url(), &settings);
    ask::<i32>(&manager, "SELECT 1").await.unwrap();

    proxy.stall();
    // The four that got a connection can only wait for their answer; the others do not have to.
    let begun = Instant::now();
    let callers: Vec<_> = (0..20)
        .map(|_| tokio::spawn(one(manager.clone())))
        .collect();
    let mut refused = 0;
    for caller in callers {
        match caller.await.unwrap() {
            Some(Err(DatabaseError::Connection(_))) => refused += 1,
            Some(other) => panic!("{other:?}"),
            None => {}
        }
    }
    assert!(refused >= 16, "{refused}");
    assert!(begun.elapsed() >= Duration::from_secs(2));
    for _ in 0..50 {
        let begun = Instant::now();
        let answer = ask::<i32>(&manager, "SELECT 1").await;
        assert!(
            matches!(answer, Err(DatabaseError::Connection(_))),
            "{answer:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(1));
    }

    proxy.flow();
    within(async {
        while ask::<i32>(&manager, "SELECT 1").await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    for _ in 0..20 {
        ask::<i32>(&manager, "SELECT 1").await.unwrap();
    }
}

#[tokio::test]
async fn connections_that_were_idle_when_the_server_fell_silent_hold_one_caller_at_most() {
    let database = TestDatabase::postgres().await;
    let proxy = Proxy::to(&database.url());
    let manager = manager(proxy.url(), &[("POOL_SIZE", "8"), ("SSL_MODE", "disable")]);
    let (mut all, mut slow) = (Vec::new(), 0);
    for _ in 0..8 {
        let manager = manager.clone();
        all.push(tokio::spawn(async move {
            ask::<String>(&manager, "SELECT pg_sleep(0.3)::text").await
        }));
    }
    for one in all {
        one.await.unwrap().unwrap();
    }
    assert_eq!(manager.status().idle, 8);

    proxy.stall();
    let first = tokio::spawn(one(manager.clone()));
    sleep(Duration::from_secs(1)).await;
    for _ in 0..10 {
        let begun = Instant::now();
        let answer = one(manager.clone()).await;
        assert!(
            matches!(answer, Some(Err(DatabaseError::Connection(_)))),
            "{answer:?}"
        );
        slow += usize::from(begun.elapsed() > Duration::from_secs(1));
    }
    assert!(slow <= 1, "{slow}");
    first.abort();
}

#[tokio::test]
async fn a_server_that_is_busy_is_not_taken_for_a_silent_one() {
    let database = TestDatabase::postgres().await;
    database.execute("CREATE TABLE t (x int)").await;
    let settings = [("POOL_SIZE", "2"), ("POOL_MAX_OVERFLOW", "0")];
    let manager = manager(&database.url(), &settings);
    let mut blocker = database.connect().await;
    let lock = "BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE";
    sea_orm::sqlx::raw_sql(lock)
        .execute(&mut blocker)
        .await
        .unwrap();

    // No statement is answered, and two callers wait in line, for longer than would be put up
    // with if nothing was heard of the server.
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let manager = manager.clone();
            tokio::spawn(async move { ask::<i64>(&manager, "SELECT count(*) FROM t").await })
        })
        .collect();
    sleep(Duration::from_secs(5)).await;
    assert!(callers.iter().all(|caller| !caller.is_finished()));
    drop(blocker);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), 0);
    }
}

#[tokio::test]
async fn a_server_that_is_slow_to_connect_is_found_all_the_same() {
    let database = TestDatabase::postgres().await;
    let mut url = Url::parse(&database.url()).unwrap();
    let server = ("127.0.0.1", url.port().unwrap_or(5432));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    url.set_port(Some(port)).unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                sleep(Duration::from_secs(4)).await;
                let mut server = TcpStream::connect(server).await.unwrap();
                drop(copy_bidirectional(&mut client, &mut server).await);
            });
        }
    });
    let manager = manager(url.as_str(), &[("POOL_SIZE", "1")]);
    timeout(Duration::from_mins(1), async {
        while ask::<i32>(&manager, "SELECT 1").await.is_err() {
            sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .unwrap();
    ask::<i32>(&manager, "SELECT 1").await.unwrap();
}

/// A caller who gives up in the end, as a request does.
async fn one(manager: AsyncPostgresSessionManager) -> Option<Result<i32, DatabaseError>> {
    timeout(REQUEST, ask::<i32>(&manager, "SELECT 1"))
        .await
        .ok()
}

#[test]
fn a_thread_is_told_of_a_server_that_is_silent_and_goes_on_when_it_is_back() {
    let database = TestDatabase::postgres_blocking();
    let proxy = Arc::new(Proxy::to(&database.url()));
    let settings = [("POOL_SIZE", "3"), ("SSL_MODE", "disable")];
    let manager = sync_manager(proxy.url(), &settings);
    let lost = |answer: &Result<i32, DatabaseError>| {
        assert!(
            matches!(answer, Err(DatabaseError::Connection(_))),
            "{answer:?}"
        );
    };
    on_thread(move || {
        ask_blocking::<i32>(&manager, "SELECT 1").unwrap();
        let begun = Instant::now();
        // In the middle of a unit of work, on a connection from the pool, on a new one.
        lost(&manager.atomic(|| {
            ask_blocking::<i32>(&manager, "SELECT 1")?;
            proxy.stall();
            ask_blocking(&manager, "SELECT 1")
        }));
        // What was sent has longer than what was not: a network may be away for a moment.
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_secs(5) && took < 2 * REQUEST,
            "{took:?}"
        );
        for _ in 0..20 {
            let begun = Instant::now();
            lost(&ask_blocking(&manager, "SELECT 1"));
            assert!(begun.elapsed() < Duration::from_secs(1));
        }
        proxy.flow();
        while ask_blocking::<i32>(&manager, "SELECT 1").is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        for _ in 0..20 {
            ask_blocking::<i32>(&manager, "SELECT 1").unwrap();
        }
        let pool = manager.status();
        assert_eq!(pool.idle, pool.size, "{pool:?}");
    });
}

#[test]
fn a_thread_waits_for_a_server_that_is_busy() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(&database.url(), &[("POOL_SIZE", "1")]);
    let slept = on_thread(move || ask_blocking::<String>(&manager, "SELECT pg_sleep(5)::text"));
    assert_eq!(slept.unwrap(), "");
}
