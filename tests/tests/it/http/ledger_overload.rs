use std::time::{Duration, Instant};

use app::config::HttpConfig;
use tests::{TestApp, TestDatabase};

#[tokio::test]
async fn more_than_can_be_served_soon_is_turned_away() {
    let database = TestDatabase::postgres().await;
    let config = HttpConfig {
        max_in_flight: 1,
        queue_timeout: Duration::from_millis(50),
        ..HttpConfig::default()
    };
    let app = TestApp::with(&database.url(), &config).await;
    app.get("/v1/accounts").await;
    let mut blocker = database.connect().await;
    lock_accounts(&mut blocker).await;

    let slow = app.get("/v1/accounts");
    let other = async {
        while database
            .backend_states()
            .await
            .iter()
            .all(|state| state != "active")
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let refused = app.get("/v1/accounts").await;
        let ready = app.get("/readyz").await;
        drop(blocker);
        (refused, ready)
    };
    let (slow, (refused, ready)) = tokio::join!(slow, other);

    assert_eq!(refused.problem(), (503, "overloaded"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!((slow.status, ready.status), (200, 200));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let database = TestDatabase::postgres().await;
    let config = HttpConfig {
        request_timeout: Duration::from_millis(200),
        ..HttpConfig::default()
    };
    let app = TestApp::with(&database.url(), &config).await;
    let mut blocker = database.connect().await;
    lock_accounts(&mut blocker).await;

    let refused = app.get("/v1/accounts").await;
    let unclear = app.open_in("EUR", "Ada", 1).await;

    assert_eq!(refused.problem(), (503, "request-timeout"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(unclear.problem(), (503, "request-timeout"));
    assert!(!unclear.headers.contains_key("retry-after"), "{unclear:?}");
    assert!(
        unclear.text("detail").contains("look whether"),
        "{unclear:?}"
    );
    drop(blocker);
    assert_eq!(app.get("/v1/accounts").await.status, 200);
}

/// Far more than a slow database can do in time: those that are served are served soon, and
/// all of the others are told so as soon.
#[tokio::test]
async fn under_a_load_that_is_too_much_nobody_waits_long() {
    const CLIENTS: usize = 600;
    let database = TestDatabase::postgres().await;
    let slow = "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql \
                AS $$ BEGIN PERFORM pg_sleep(0.25); RETURN NEW; END $$; \
                CREATE TRIGGER slow BEFORE INSERT ON accounts \
                FOR EACH ROW EXECUTE FUNCTION dawdle()";
    database.execute(slow).await;
    let app = TestApp::on(&database.url()).await;

    let begun = Instant::now();
    let all = futures_util::future::join_all((0..CLIENTS).map(|_| async {
        let answer = app.open_in("EUR", "Ada", 1).await;
        (answer, begun.elapsed())
    }))
    .await;

    let (mut served, mut shed) = (0_usize, 0_usize);
    for (answer, elapsed) in all {
        // One after the other, it would be 600 / 21 / 4 per second: seven of them.
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?} {answer:?}");
        if answer.status == 201 {
            served += 1;
        } else {
            assert_eq!(answer.problem(), (503, "overloaded"));
            assert_eq!(answer.header("retry-after"), "1");
            shed += 1;
        }
    }
    assert!(served >= 64 && shed > 100, "{served} {shed}");
    let stored: i64 = database.scalar("SELECT count(*) FROM accounts").await;
    assert_eq!(usize::try_from(stored).unwrap(), served);
}

async fn lock_accounts(session: &mut sea_orm::sqlx::PgConnection) {
    let sql = "BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE";
    let locked = sea_orm::sqlx::raw_sql(sql).execute(session).await;
    locked.unwrap();
}
