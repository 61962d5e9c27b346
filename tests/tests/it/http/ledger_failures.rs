// sample: file

//! What no handler sees: requests that are wrong in themselves.

use http::{HeaderValue, Method};
use serde_json::json;
use tests::TestApp;

on_both!(
    an_unknown_path_is_not_found,
    a_wrong_method_is_told_what_is_allowed,
    a_body_that_is_not_json_is_malformed,
    values_of_the_wrong_type_are_invalid,
    a_member_that_is_wrong_is_named_with_what_is_allowed,
    all_that_is_wrong_with_a_body_is_told_at_once,
    a_parameter_where_none_is_taken_is_refused,
    a_body_that_is_too_large_is_refused,
    a_body_of_another_media_type_is_refused,
    a_request_keeps_the_id_that_it_came_with,
    a_value_that_nothing_can_hold_is_invalid_not_malformed,
    a_whole_number_is_read_to_its_last_digit,
    a_body_that_is_encoded_is_refused,
    what_a_client_made_up_is_not_sent_back_at_any_length,
);

async fn an_unknown_path_is_not_found(app: TestApp) {
    for path in ["/", "/v1", "/v1/accounts/", "/v2/accounts"] {
        assert_eq!(app.get(path).await.problem(), (404, "not-found"), "{path}");
    }
}

async fn a_wrong_method_is_told_what_is_allowed(app: TestApp) {
    for (method, path, allowed) in [
        (Method::PUT, "/v1/accounts", "GET,HEAD,POST"),
        (Method::GET, "/v1/transfers", "POST"),
        (Method::PUT, "/v1/accounts/x", "GET,HEAD,PATCH,DELETE"),
        (Method::GET, "/v1/accounts/x/freeze", "POST"),
        (Method::DELETE, "/v1/accounts/x/unfreeze", "POST"),
        (Method::POST, "/v1/transfers/x", "GET,HEAD"),
        (Method::POST, "/v1/accounts/x/transfers", "GET,HEAD"),
        (Method::POST, "/readyz", "GET,HEAD"),
    ] {
        let refused = app.send(app.request(method, path)).await;
        assert_eq!(refused.problem(), (405, "method-not-allowed"), "{path}");
        assert_eq!(refused.header("allow"), allowed);
    }
}

async fn a_body_that_is_not_json_is_malformed(app: TestApp) {
    for body in [
        "",
        "{",
        "{\"owner\": \"Ada\",}",
        "owner=Ada",
        "{\"a\":1}x",
        "{}{}",
    ] {
        let refused = app.post_text("/v1/accounts", body).await;
        assert_eq!(refused.problem(), (400, "malformed-request"), "{body}");
    }
}

async fn values_of_the_wrong_type_are_invalid(app: TestApp) {
    for body in [
        json!([]),
        json!({}),
        json!(["Ada", "EUR", 5]),
        json!(null),
        json!("Ada"),
        json!({"owner": 1, "currency": "EUR", "opening_balance": 0}),
        json!({"owner": "Ada", "currency": "EUR", "opening_balance": "0"}),
        json!({"owner": "Ada", "currency": "EUR", "opening_balance": 0.5}),
        json!({"owner": "Ada", "currency": "EUR", "opening_balance": 1e30}),
        json!({"owner": "Ada", "currency": "EUR", "opening_balance": null}),
    ] {
        let refused = app.post("/v1/accounts", body.clone()).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{body}");
    }
    let body = json!({"owner": "Ada", "currency": "EUR", "opening_balance": 0, "colour": "red"});
    let refused = app.post("/v1/accounts", body).await;
    assert_eq!(refused.problem(), (422, "invalid-value"));
    assert!(refused.text("detail").contains("\"colour\""), "{refused:?}");
}

async fn a_member_that_is_wrong_is_named_with_what_is_allowed(app: TestApp) {
    let id = "01a20270-3325-7164-baf1-be95a42a1aa2";
    for (path, body, expected) in [
        (
            "/v1/accounts",
            r#"{"owner": 1, "currency": "EUR", "opening_balance": 0}"#.to_owned(),
            ["\"owner\"", "must be a text"],
        ),
        (
            "/v1/accounts",
            r#"{"owner": "Ada", "currency": "EUR", "opening_balance": 0.5}"#.to_owned(),
            ["\"opening_balance\"", "must be a whole number"],
        ),
        (
            "/v1/accounts",
            r#"{"owner": "Ada", "currency": "EUR", "opening_balance": 9223372036854775808}"#
                .to_owned(),
            ["\"opening_balance\"", "to 9223372036854775807"],
        ),
        (
            "/v1/accounts",
            r#"{"owner": "Ada", "currency": "EUR"}"#.to_owned(),
            ["missing", "\"opening_balance\""],
        ),
        (
            "/v1/accounts",
            r#"{"owner": "Ada", "owner": "Bob", "currency": "EUR", "opening_balance": 0}"#
                .to_owned(),
            ["more than once", "\"owner\""],
        ),
        (
            "/v1/accounts",
            "[]".to_owned(),
            ["the body", "a JSON object"],
        ),
        (
            "/v1/transfers",
            format!(r#"{{"from": "x", "to": "{id}", "amount": 1, "currency": "EUR"}}"#),
            ["\"from\"", "UUID"],
        ),
    ] {
        let refused = app.post_text(path, &body).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{body}");
        let detail = refused.text("detail");
        for part in expected {
            assert!(detail.contains(part), "{detail}");
        }
        for word in ["struct", "i64", "OpenAccount", "OrderTransfer"] {
            assert!(!detail.contains(word), "{detail}");
        }
    }
}

async fn all_that_is_wrong_with_a_body_is_told_at_once(app: TestApp) {
    let ada = app.open("Ada", 9).await;
    for (path, body, expected) in [
        (
            "/v1/accounts",
            json!({"owner": " ", "currency": "euro", "opening_balance": -1, "a/b~": 1}),
            vec!["/owner", "/currency", "/opening_balance", "/a~1b~0"],
        ),
        (
            "/v1/accounts",
            json!({"owner": null, "colour": {}}),
            vec!["/owner", "/currency", "/opening_balance", "/colour"],
        ),
        (
            "/v1/transfers",
            json!({"from": 1, "to": "x", "amount": 0, "currency": []}),
            vec!["/from", "/to", "/amount", "/currency"],
        ),
        (
            "/v1/transfers",
            json!({"from": ada, "to": ada, "amount": 1.5, "currency": "EUR"}),
            vec!["/amount", "/to"],
        ),
        ("/v1/accounts", json!([]), vec![""]),
    ] {
        let refused = app.post(path, body.clone()).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{body}");
        assert_eq!(refused.places(), expected, "{body}");
        for place in expected {
            let name = place
                .trim_start_matches('/')
                .replace("~1", "/")
                .replace("~0", "~");
            assert!(refused.text("detail").contains(&name), "{refused:?}");
        }
    }
    let euro_to_dollar = app.open_in("USD", "Bob", 0).await.text("id").to_owned();
    let refused = app.transfer(&ada, &euro_to_dollar, 1).await;
    assert_eq!(refused.places(), ["/currency"]);
    let id = app.get("/v1/accounts/1").await;
    assert_eq!(id.places(), ["id"]);
}

async fn a_parameter_where_none_is_taken_is_refused(app: TestApp) {
    let id = app.open("Ada", 1).await;
    let account = format!("/v1/accounts/{id}?x=1");
    let transfer = format!("/v1/transfers/{id}?x=1");
    for (method, path) in [
        (Method::GET, account.as_str()),
        (Method::GET, &transfer),
        (Method::POST, "/v1/accounts?x=1"),
        (Method::POST, "/v1/transfers?x=1"),
        (Method::DELETE, &account),
        (Method::POST, &*format!("/v1/accounts/{id}/freeze?x=1")),
        (Method::POST, &*format!("/v1/accounts/{id}/unfreeze?x=1")),
    ] {
        let refused = app.send(app.request(method, path)).await;
        assert_eq!(refused.problem(), (400, "unknown-parameter"), "{path}");
        assert!(refused.text("detail").contains("\"x\""), "{refused:?}");
    }
}

async fn a_body_that_is_too_large_is_refused(app: TestApp) {
    let body = json!({"owner": "x".repeat(100_000), "currency": "EUR", "opening_balance": 0});
    let refused = app.post("/v1/accounts", body).await;
    assert_eq!(refused.problem(), (413, "too-large"));
}

async fn a_body_of_another_media_type_is_refused(app: TestApp) {
    for media_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let mut request = app.request(Method::POST, "/v1/transfers");
        request.body_mut().push_str("{}");
        if let Some(value) = media_type {
            let value = HeaderValue::from_static(value);
            request.headers_mut().insert("content-type", value);
        }
        let refused = app.send(request).await;
        assert_eq!(refused.problem(), (415, "unsupported-media-type"));
        assert_eq!(refused.places(), ["Content-Type"]);
    }
}

async fn a_request_keeps_the_id_that_it_came_with(app: TestApp) {
    let mut request = app.request(Method::GET, "/healthz");
    let id = HeaderValue::from_static("from-the-proxy-1");
    request.headers_mut().insert("x-request-id", id);
    assert_eq!(
        app.send(request).await.header("x-request-id"),
        "from-the-proxy-1"
    );

    let mut request = app.request(Method::GET, "/healthz");
    let id = HeaderValue::from_static("not fit for a log");
    request.headers_mut().insert("x-request-id", id);
    assert_ne!(
        app.send(request).await.header("x-request-id"),
        "not fit for a log"
    );
}

async fn a_value_that_nothing_can_hold_is_invalid_not_malformed(app: TestApp) {
    for (owner, number, detail) in [
        ("\"Ada\"", "1e400", "not 1e400"),
        ("\"Ada\"", "4503599627370497.3", "not 4503599627370497.3"),
        (
            "\"\\ud800\"",
            "1",
            "it has an escape that stands for no character",
        ),
    ] {
        let body = format!(r#"{{"owner":{owner},"currency":"EUR","opening_balance":{number}}}"#);
        let refused = app.post_text("/v1/accounts", &body).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{body}");
        assert!(refused.text("detail").ends_with(detail), "{refused:?}");
    }
}

async fn a_whole_number_is_read_to_its_last_digit(app: TestApp) {
    for (number, expected) in [
        ("5e1", 50),
        ("2006701171820071.0", 2_006_701_171_820_071_i64),
        ("9007199254740993.0", 9_007_199_254_740_993),
    ] {
        let body = format!(r#"{{"owner":"Ada","currency":"EUR","opening_balance":{number}}}"#);
        let opened = app.post_text("/v1/accounts", &body).await;
        assert_eq!(opened.status, 201, "{body}: {opened:?}");
        assert_eq!(opened.body["balance"], expected, "{body}");
    }
}

async fn a_body_that_is_encoded_is_refused(app: TestApp) {
    let body = json!({"owner": "Ada", "currency": "EUR", "opening_balance": 0}).to_string();
    for (coding, status) in [("gzip", 415), ("identity", 201)] {
        let mut request = app.request(Method::POST, "/v1/accounts");
        let mut set = |name, value| request.headers_mut().insert(name, value);
        set("content-type", HeaderValue::from_static("application/json"));
        set("content-encoding", HeaderValue::from_static(coding));
        body.clone_into(request.body_mut());
        assert_eq!(app.send(request).await.status, status, "{coding}");
    }
}

async fn what_a_client_made_up_is_not_sent_back_at_any_length(app: TestApp) {
    let long = "x".repeat(30_000);
    for refused in [
        app.post("/v1/accounts", json!({ long.clone(): 1 })).await,
        app.get(&format!("/v1/accounts?{long}=1")).await,
        app.get(&format!("/v1/accounts/{long}")).await,
    ] {
        let own = [&refused.body["detail"], &refused.body["errors"]];
        let length: usize = own.iter().map(|value| value.to_string().len()).sum();
        assert!(length < 6_000, "{length}: {refused:?}");
    }
}
