//! What browsers and caches are told.

use app::config::HttpConfig;
use std::time::Duration;
use tests::{TestApp, TestDatabase};

on_both!(every_answer_says_what_a_browser_may_do_with_it);

async fn every_answer_says_what_a_browser_may_do_with_it(app: TestApp) {
    for path in ["/healthz", "/nowhere", "/docs"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        let runs_scripts = policy.contains("script-src 'self'");
        assert_eq!(runs_scripts, path == "/docs", "{policy}");
        assert!(!answer.headers.contains_key("strict-transport-security"));
    }
    assert_eq!(
        app.get("/healthz").await.header("cache-control"),
        "no-store"
    );
}

#[tokio::test]
async fn tls_alone_is_asked_for_when_configured() {
    let file = TestDatabase::sqlite().await;
    let config = HttpConfig {
        hsts: Some(Duration::from_hours(24)),
        ..HttpConfig::default()
    };
    let app = TestApp::with(&file.url(), &config).await;
    let answer = app.get("/healthz").await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=86400");
}
