//! How much one client may ask for.

use std::num::NonZeroU32;

use app::config::{ClientAddress, HttpConfig, RateLimit};
use http::{HeaderValue, Method};
use tests::{Answer, SqliteFile, TestApp, TestDatabase};

#[tokio::test]
async fn more_than_a_client_may_ask_for_is_refused_with_a_time_to_wait() {
    let (app, _file) = app(ClientAddress::Peer).await;
    for _ in 0..2 {
        assert_eq!(app.get("/v1/anything").await.status, 404);
    }
    let refused = app.get("/v1/anything").await;
    assert_eq!(refused.problem(), (429, "rate-limited"));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=1).contains(&wait), "{wait}");
    // Nobody is told that the service is ill because they ask often.
    for _ in 0..5 {
        assert_eq!(app.get("/healthz").await.status, 200);
        assert_eq!(app.get("/readyz").await.status, 200);
    }
    tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
    assert_eq!(app.get("/v1/anything").await.status, 404);
}

#[tokio::test]
async fn behind_a_proxy_a_client_is_who_the_proxy_says() {
    let (app, _file) = app(ClientAddress::XForwardedFor).await;
    // What the client itself has put in front counts for nothing.
    for (forwarded, status) in [
        ("10.0.0.1", 404),
        ("1.2.3.4, 10.0.0.1", 404),
        ("5.6.7.8, 10.0.0.1", 429),
        ("10.0.0.1, 10.0.0.2", 404),
    ] {
        assert_eq!(
            by_way_of(&app, forwarded).await.status,
            status,
            "{forwarded}"
        );
    }
    // Past the proxy: the connection tells.
    assert_eq!(app.get("/v1/anything").await.status, 404);
}

#[tokio::test]
async fn without_a_proxy_nobody_is_who_they_say() {
    let (app, _file) = app(ClientAddress::Peer).await;
    for (forwarded, status) in [("10.0.0.1", 404), ("10.0.0.2", 404), ("10.0.0.3", 429)] {
        assert_eq!(
            by_way_of(&app, forwarded).await.status,
            status,
            "{forwarded}"
        );
    }
}

async fn app(client_address: ClientAddress) -> (TestApp, SqliteFile) {
    let file = TestDatabase::sqlite().await;
    let config = HttpConfig {
        rate_limit: Some(RateLimit {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(2).unwrap(),
        }),
        client_address,
        ..HttpConfig::default()
    };
    (TestApp::with(&file.url(), &config).await, file)
}

async fn by_way_of(app: &TestApp, forwarded: &str) -> Answer {
    let mut request = app.request(Method::GET, "/v1/anything");
    let forwarded = HeaderValue::from_str(forwarded).unwrap();
    request.headers_mut().insert("x-forwarded-for", forwarded);
    app.send(request).await
}
