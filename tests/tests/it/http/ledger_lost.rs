//! Connections that break while an account is being stored, and a server that is gone for a while.

use std::{future::Future, time::Duration};

use tests::{Answer, Cluster, ClusterOptions, StopMode, TestApp, TestDatabase};
use tokio::time::{sleep, timeout};

/// Makes an INSERT take as long as nobody ends it.
const SLOW_INSERT: &str = "
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION dawdle()";

/// The same with COMMIT.
const SLOW_COMMIT: &str = "
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON accounts
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()";

#[tokio::test]
async fn before_the_commit_nothing_was_stored() {
    let lost = lost_while(SLOW_INSERT).await;
    assert_eq!(lost.problem(), (503, "database-unavailable"));
    assert_eq!(lost.header("retry-after"), "1");
    assert!(
        lost.text("detail").contains("nothing was stored"),
        "{lost:?}"
    );
}

#[tokio::test]
async fn during_the_commit_nobody_knows_and_a_repetition_is_not_asked_for() {
    let lost = during_the_commit().await;
    assert_eq!(lost.problem(), (503, "outcome-unknown"));
    assert!(!lost.headers.contains_key("retry-after"), "{lost:?}");
    assert!(!lost.text("detail").contains("nothing was"), "{lost:?}");
}

/// Longer than it takes to find out that nobody listens, and shorter than any limit on requests.
const SOON: Duration = Duration::from_secs(3);

#[tokio::test]
async fn while_the_server_is_gone_each_request_is_refused_soon_and_served_after_its_return() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let database = TestDatabase::on(&cluster).await;
    let app = TestApp::on(&database.url()).await;
    let (ada, bob) = (app.open("Ada", 10).await, app.open("Bob", 0).await);
    assert_eq!(app.transfer(&ada, &bob, 1).await.status, 201);

    cluster.stop(StopMode::Immediate);
    for _ in 0..2 {
        is_refused_soon(app.get("/v1/accounts")).await;
        is_refused_soon(app.open_in("EUR", "Cleo", 1)).await;
        is_refused_soon(app.transfer(&ada, &bob, 2)).await;
    }

    cluster.start_again();
    let back = timeout(Duration::from_secs(20), async {
        while app.get("/v1/accounts").await.status != 200 {
            sleep(Duration::from_millis(50)).await;
        }
    });
    back.await
        .expect("the service uses the server that is back");
    assert_eq!(app.open_in("EUR", "Zoe", 1).await.status, 201);
    assert_eq!(app.transfer(&ada, &bob, 4).await.status, 201);
    // Nothing of what was refused was done after all.
    assert_eq!((app.balance(&ada).await, app.balance(&bob).await), (5, 5));
    let owners = app.get("/v1/accounts?sort=owner").await;
    assert_eq!(owners.of_items("owner"), ["Ada", "Bob", "Zoe"]);
}

async fn is_refused_soon(answer: impl Future<Output = Answer>) {
    let refused = timeout(SOON, answer).await.expect("an answer soon");
    assert_eq!(refused.problem(), (503, "database-unavailable"));
    assert_eq!(refused.header("retry-after"), "1");
}

pub(super) async fn during_the_commit() -> Answer {
    lost_while(SLOW_COMMIT).await
}

/// What is answered when the connection is ended while this is slow.
async fn lost_while(slow: &str) -> Answer {
    let database = TestDatabase::postgres().await;
    database.execute(slow).await;
    let app = TestApp::on(&database.url()).await;
    let end = async {
        while !database
            .backend_states()
            .await
            .iter()
            .any(|state| state == "active")
        {
            sleep(Duration::from_millis(10)).await;
        }
        database.terminate_backends("%").await;
    };
    let (answer, ()) = tokio::join!(app.open_in("EUR", "Ada", 1), end);
    answer
}
