use std::time::Duration;

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

async fn lock_accounts(session: &mut sea_orm::sqlx::PgConnection) {
    let sql = "BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE";
    let locked = sea_orm::sqlx::raw_sql(sql).execute(session).await;
    locked.unwrap();
}
