use http::{HeaderValue, Method};
use serde_json::json;
use tests::{Answer, TestApp};

on_both!(
    an_account_is_opened_and_found,
    an_account_that_is_known_is_not_sent_again,
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
    let id = app.open("Ada", 0).await;
    for known in ["\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"] {
        let answer = conditional(&app, &id, known).await;
        assert_eq!(
            (answer.status, answer.header("etag")),
            (304, "\"1\""),
            "{known}"
        );
        assert!(answer.body.is_null());
    }
    assert_eq!(conditional(&app, &id, "\"2\"").await.status, 200);
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

async fn conditional(app: &TestApp, id: &str, known: &'static str) -> Answer {
    let mut request = app.request(Method::GET, &format!("/v1/accounts/{id}"));
    let known = HeaderValue::from_static(known);
    request.headers_mut().insert("if-none-match", known);
    app.send(request).await
}
