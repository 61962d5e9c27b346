//! Methods that every path takes.

use http::Method;
use tests::TestApp;

on_both!(head_is_get_without_a_body, options_tells_what_a_path_takes);

async fn head_is_get_without_a_body(app: TestApp) {
    for path in ["/healthz", "/readyz", "/nowhere", "/healthz/x"] {
        let got = app.get(path).await;
        let head = app.send(app.request(Method::HEAD, path)).await;
        assert_eq!(head.status, got.status, "{path}");
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), got.header(name), "{path}");
        }
    }
}

async fn options_tells_what_a_path_takes(app: TestApp) {
    let told = app.send(app.request(Method::OPTIONS, "/healthz")).await;
    assert_eq!((told.status, told.header("allow")), (204, "GET,HEAD"));
    let absent = app.send(app.request(Method::OPTIONS, "/nowhere")).await;
    assert_eq!(absent.problem(), (404, "not-found"));
    let refused = app.send(app.request(Method::TRACE, "/healthz")).await;
    assert_eq!(refused.problem(), (405, "method-not-allowed"));
    assert_eq!(refused.header("allow"), "GET,HEAD");
}
