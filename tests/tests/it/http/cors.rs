//! Web pages of other origins.

use app::config::{CorsOrigins, HttpConfig};
use http::{HeaderValue, Method, Request};
use tests::{Answer, SqliteFile, TestApp, TestDatabase};

const PAGE: &str = "https://page.example";

#[tokio::test]
async fn without_configuration_no_page_may_use_the_api() {
    let (app, _file) = app(None).await;
    let answer = app.send(from(&app, Method::GET, PAGE)).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    let asked = asked_before(&app, PAGE).await;
    assert!(!asked.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_page_of_an_origin_that_is_listed_may_send_and_read_what_the_api_has() {
    let origins = CorsOrigins::These(vec![HeaderValue::from_static(PAGE)]);
    let (app, _file) = app(Some(origins)).await;

    let allowed = asked_before(&app, PAGE).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), PAGE);
    assert!(
        allowed
            .header("access-control-allow-methods")
            .contains("PATCH")
    );
    for name in [
        "authorization",
        "idempotency-key",
        "if-match",
        "content-type",
    ] {
        let names = allowed.header("access-control-allow-headers");
        assert!(names.contains(name), "{name} in {names}");
    }
    let answer = app.send(from(&app, Method::GET, PAGE)).await;
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    for name in [
        "etag",
        "location",
        "x-request-id",
        "idempotency-replayed",
        "retry-after",
    ] {
        let names = answer.header("access-control-expose-headers");
        assert!(names.contains(name), "{name} in {names}");
    }
    // Its failures can be read, too.
    let mut nowhere = from(&app, Method::GET, PAGE);
    *nowhere.uri_mut() = format!("http://{}/nowhere", app.addr()).parse().unwrap();
    let nowhere = app.send(nowhere).await;
    assert_eq!(nowhere.problem(), (404, "not-found"));
    assert_eq!(nowhere.header("access-control-allow-origin"), PAGE);
}

#[tokio::test]
async fn a_page_of_another_origin_may_not() {
    let origins = CorsOrigins::These(vec![HeaderValue::from_static(PAGE)]);
    let (app, _file) = app(Some(origins)).await;
    let other = "https://page.example.evil.example";
    for answer in [
        asked_before(&app, other).await,
        app.send(from(&app, Method::GET, other)).await,
    ] {
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{answer:?}"
        );
        assert!(answer.header("vary").contains("origin"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_star_lets_every_page_in_and_no_cookie() {
    let (app, _file) = app(Some(CorsOrigins::Any)).await;
    let answer = app.send(from(&app, Method::GET, PAGE)).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(
        !answer
            .headers
            .contains_key("access-control-allow-credentials")
    );
}

async fn app(cors_origins: Option<CorsOrigins>) -> (TestApp, SqliteFile) {
    let file = TestDatabase::sqlite().await;
    let config = HttpConfig {
        cors_origins,
        ..HttpConfig::default()
    };
    (TestApp::with(&file.url(), &config).await, file)
}

fn from(app: &TestApp, method: Method, origin: &str) -> Request<String> {
    let mut request = app.request(method, "/healthz");
    let origin = HeaderValue::from_str(origin).unwrap();
    request.headers_mut().insert("origin", origin);
    request
}

/// What a browser sends first.
async fn asked_before(app: &TestApp, origin: &str) -> Answer {
    let mut request = from(app, Method::OPTIONS, origin);
    let headers = request.headers_mut();
    headers.insert(
        "access-control-request-method",
        HeaderValue::from_static("PATCH"),
    );
    headers.insert(
        "access-control-request-headers",
        HeaderValue::from_static("authorization,if-match"),
    );
    app.send(request).await
}
