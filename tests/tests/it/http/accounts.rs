use http::{HeaderValue, Method};
use serde_json::json;
use tests::{Answer, TestApp};

on_both!(
    an_account_is_opened_and_found,
    an_account_that_is_known_is_not_sent_again,
    a_transfer_that_is_known_is_not_sent_again,
    an_owner_that_can_not_be_seen_is_refused,
    what_the_domain_refuses_is_invalid,
    an_absent_account_is_named,
    an_id_that_is_none_is_invalid,
);

async fn an_account_is_opened_and_found(app: TestApp) {
    let opened = app.open_in("EUR", "  Ada Lovelace ", 500).await;
    let id = opened.text("id");
    let path = format!("/v1/accounts/{id}");

    assert_eq!(opened.status, 201);
    assert_eq!(
        (opened.header("location"), opened.header("etag")),
        (path.as_str(), "\"1\"")
    );
    let now = opened.text("created_at");
    let expected = json!({
        "id": id, "owner": "Ada Lovelace", "currency": "EUR", "balance": 500,
        "status": "active", "version": 1, "created_at": now, "updated_at": now,
    });
    assert_eq!(opened.body, expected);
    assert!(now.ends_with('Z'), "{now}");

    let found = app.get(&path).await;
    assert_eq!((found.status, found.header("etag")), (200, "\"1\""));
    assert_eq!(found.body, expected);
}

async fn an_account_that_is_known_is_not_sent_again(app: TestApp) {
    let path = format!("/v1/accounts/{}", app.open("Ada", 0).await);
    for known in ["\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"] {
        for method in [Method::GET, Method::HEAD] {
            let answer = conditional(&app, method, &path, known).await;
            let told = (answer.status, answer.header("etag"));
            assert_eq!(told, (304, "\"1\""), "{known}");
            assert!(answer.body.is_null());
        }
    }
    let changed = conditional(&app, Method::GET, &path, "\"2\"").await;
    assert_eq!(changed.status, 200);
    let refused = conditional(&app, Method::GET, &path, "1").await;
    assert_eq!(refused.problem(), (400, "malformed-request"));
    assert_eq!(refused.places(), ["If-None-Match"]);
}

async fn a_transfer_that_is_known_is_not_sent_again(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 9).await, app.open("Bob", 0).await);
    let transfer = app.transfer(&ada, &bob, 1).await;
    let path = format!("/v1/transfers/{}", transfer.text("id"));
    let tag = app.get(&path).await.header("etag").to_owned();
    assert_eq!(tag, "\"1\"");
    let known = conditional(&app, Method::GET, &path, "\"1\"").await;
    assert_eq!((known.status, known.header("etag")), (304, "\"1\""));
    let other = conditional(&app, Method::GET, &path, "\"2\"").await;
    assert_eq!((other.status, &other.body), (200, &transfer.body));
}

async fn an_owner_that_can_not_be_seen_is_refused(app: TestApp) {
    for char in ['\u{200b}', '\u{202e}', '\u{3164}'] {
        let refused = app.open_in("EUR", &format!("A{char}da"), 0).await;
        assert_eq!(refused.problem(), (422, "invalid-value"));
        assert_eq!(refused.places(), ["/owner"]);
        let code = format!("U+{:04X}", u32::from(char));
        assert!(refused.text("detail").contains(&code), "{refused:?}");
    }
    assert_eq!(app.open_in("EUR", "علی\u{200c}رضا", 0).await.status, 201);
}

async fn what_the_domain_refuses_is_invalid(app: TestApp) {
    for (owner, currency, minor) in [
        (" ", "EUR", 0),
        ("Ada\u{0}", "EUR", 0),
        (&*"x".repeat(201), "EUR", 0),
        ("Ada", "eur", 0),
        ("Ada", "XXX", 0),
        ("Ada", "EUR", -1),
    ] {
        let refused = app.open_in(currency, owner, minor).await;
        assert_eq!(
            refused.problem(),
            (422, "invalid-value"),
            "{owner} {currency} {minor}"
        );
    }
    assert!(app.get("/v1/accounts").await.of_items("id").is_empty());
}

async fn an_absent_account_is_named(app: TestApp) {
    let id = "01a20270-3325-7164-baf1-be95a42a1aa2";
    for path in [
        format!("/v1/accounts/{id}"),
        format!("/v1/accounts/{id}/transfers"),
    ] {
        let absent = app.get(&path).await;
        assert_eq!(absent.problem(), (404, "unknown-account"), "{path}");
        assert_eq!(
            absent.text("detail"),
            format!("account {id} does not exist")
        );
    }
}

async fn an_id_that_is_none_is_invalid(app: TestApp) {
    for path in [
        "/v1/accounts/1",
        "/v1/accounts/x/transfers",
        "/v1/transfers/%00",
    ] {
        assert_eq!(
            app.get(path).await.problem(),
            (422, "invalid-value"),
            "{path}"
        );
    }
}

async fn conditional(app: &TestApp, method: Method, path: &str, known: &'static str) -> Answer {
    let mut request = app.request(method, path);
    let known = HeaderValue::from_static(known);
    request.headers_mut().insert("if-none-match", known);
    app.send(request).await
}
