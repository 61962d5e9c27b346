use app::http::document;
use http::Method;
use serde_json::json;
use tests::{Answer, TestApp};

on_both!(
    an_account_is_given_another_owner,
    a_change_of_owner_needs_the_version,
    a_condition_is_read_as_the_standard_has_it,
    an_account_is_frozen_and_unfrozen,
    a_frozen_account_takes_no_part_in_transfers,
    an_empty_account_is_closed_for_good,
    an_account_with_money_stays_open,
    a_stale_version_comes_before_the_state,
    an_absent_account_can_not_be_changed,
    a_body_where_none_is_taken_is_refused,
    a_body_that_is_too_large_is_refused_where_none_is_taken,
);

const NOBODY: &str = "01a20270-3325-7164-baf1-be95a42a1aa2";

async fn an_account_is_given_another_owner(app: TestApp) {
    let id = app.open("Ada", 5).await;
    let renamed = app.rename(&id, Some("\"1\""), "  Ada Lovelace ").await;

    assert_eq!((renamed.status, renamed.header("etag")), (200, "\"2\""));
    assert_eq!(
        (renamed.text("owner"), renamed.number("version")),
        ("Ada Lovelace", 2)
    );
    let found = app.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(
        (found.header("etag"), &found.body),
        ("\"2\"", &renamed.body)
    );
    assert_eq!(app.balance(&id).await, 5);

    let refused = app.rename(&id, Some("\"2\""), " ").await;
    assert_eq!(refused.problem(), (422, "invalid-value"));
    assert_eq!(refused.places(), ["/owner"]);
}

async fn a_change_of_owner_needs_the_version(app: TestApp) {
    let id = app.open("Ada", 0).await;
    let unconditional = app.rename(&id, None, "Bob").await;
    assert_eq!(unconditional.problem(), (428, "precondition-required"));
    assert_eq!(unconditional.places(), ["If-Match"]);

    assert_eq!(app.rename(&id, Some("\"1\""), "Bob").await.status, 200);
    let stale = app.rename(&id, Some("\"1\""), "Cleo").await;
    assert_eq!(stale.problem(), (412, "stale-version"));
    assert_eq!(stale.places(), ["If-Match"]);
    assert!(stale.text("detail").contains("at version 2"), "{stale:?}");
    let found = app.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(found.text("owner"), "Bob");
}

async fn a_condition_is_read_as_the_standard_has_it(app: TestApp) {
    let id = app.open("Ada", 0).await;
    for (condition, expected) in [
        ("*", 200),
        ("\"7\", \"2\"", 200),
        ("\"x,y\" ,, \"3\"", 200),
        ("W/\"4\"", 412),
        ("W/\"4\", \"3\"", 412),
        ("\"04\"", 412),
        ("\"\"", 412),
        ("\"é\"", 412),
        ("\"-1\", \"99999999999999999999\"", 412),
        ("4", 400),
        ("\"4", 400),
        ("", 400),
        ("*, \"4\"", 400),
        ("\"4\" \"4\"", 400),
    ] {
        let answer = app.rename(&id, Some(condition), "Bob").await;
        assert_eq!(answer.status, expected, "{condition}: {answer:?}");
        if expected == 400 {
            assert_eq!(answer.problem(), (400, "malformed-request"));
            assert_eq!(answer.places(), ["If-Match"]);
        }
    }
}

async fn an_account_is_frozen_and_unfrozen(app: TestApp) {
    let id = app.open("Ada", 5).await;
    for (change, condition, expected) in [
        ("unfreeze", None, Err("account-state")),
        ("freeze", None, Ok("frozen")),
        ("freeze", None, Err("account-state")),
        ("unfreeze", Some("\"2\""), Ok("active")),
        ("freeze", Some("*"), Ok("frozen")),
    ] {
        let answer = app.change(&id, change, condition).await;
        match expected {
            Ok(status) => {
                assert_eq!((answer.status, answer.text("status")), (200, status));
                let tag = format!("\"{}\"", answer.number("version"));
                assert_eq!(answer.header("etag"), tag);
            }
            Err(problem) => assert_eq!(answer.problem(), (409, problem), "{change}"),
        }
    }
    let listed = app.get("/v1/accounts?status=frozen").await;
    assert_eq!(listed.of_items("owner"), ["Ada"]);
    assert_eq!(app.rename(&id, Some("*"), "Bob").await.status, 200);
    assert_eq!(app.close(&id, None).await.problem(), (409, "account-state"));
}

async fn a_frozen_account_takes_no_part_in_transfers(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 5).await, app.open("Bob", 5).await);
    app.change(&ada, "freeze", None).await;
    for (from, to) in [(&ada, &bob), (&bob, &ada)] {
        let refused = app.transfer(from, to, 1).await;
        assert_eq!(refused.problem(), (409, "account-state"));
        assert!(refused.text("detail").contains(&*ada), "{refused:?}");
    }
    app.change(&ada, "unfreeze", None).await;
    assert_eq!(app.transfer(&ada, &bob, 1).await.status, 201);
    assert_eq!((app.balance(&ada).await, app.balance(&bob).await), (4, 6));
}

async fn an_empty_account_is_closed_for_good(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 0).await, app.open("Bob", 5).await);
    let closed = app.close(&ada, None).await;
    assert_eq!((closed.status, &closed.body), (204, &json!(null)));

    let found = app.get(&format!("/v1/accounts/{ada}")).await;
    assert_eq!((found.status, found.text("status")), (200, "closed"));
    assert_eq!(found.header("etag"), "\"2\"");
    assert_eq!(app.get("/v1/accounts").await.of_items("owner"), ["Bob"]);
    let counted = app.get("/v1/accounts?page=1").await;
    assert_eq!(counted.number("total"), 1);
    let transfers = app.get(&format!("/v1/accounts/{ada}/transfers")).await;
    assert_eq!(transfers.status, 200);

    for refused in [
        app.close(&ada, None).await,
        app.change(&ada, "freeze", None).await,
        app.change(&ada, "unfreeze", None).await,
        app.rename(&ada, Some("*"), "Eve").await,
        app.transfer(&bob, &ada, 1).await,
    ] {
        assert_eq!(refused.problem(), (409, "account-state"));
        assert!(refused.text("detail").contains("closed"), "{refused:?}");
    }
    assert_eq!(app.balance(&bob).await, 5);
}

async fn an_account_with_money_stays_open(app: TestApp) {
    let id = app.open("Ada", 150).await;
    let refused = app.close(&id, None).await;
    assert_eq!(refused.problem(), (409, "balance-not-zero"));
    assert!(refused.text("detail").contains("1.50 EUR"), "{refused:?}");
    let found = app.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(
        (found.text("status"), found.number("version")),
        ("active", 1)
    );
}

async fn a_stale_version_comes_before_the_state(app: TestApp) {
    let id = app.open("Ada", 5).await;
    for (stale, malformed) in [
        (
            app.change(&id, "freeze", Some("\"9\"")).await,
            app.change(&id, "freeze", Some("9")).await,
        ),
        (
            app.change(&id, "unfreeze", Some("\"9\"")).await,
            app.change(&id, "unfreeze", Some("9")).await,
        ),
        (
            app.close(&id, Some("\"9\"")).await,
            app.close(&id, Some("9")).await,
        ),
    ] {
        assert_eq!(stale.problem(), (412, "stale-version"));
        assert_eq!(malformed.problem(), (400, "malformed-request"));
    }
    let found = app.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(
        (found.text("status"), found.number("version")),
        ("active", 1)
    );
}

async fn an_absent_account_can_not_be_changed(app: TestApp) {
    for absent in [
        app.rename(NOBODY, Some("*"), "Bob").await,
        app.change(NOBODY, "freeze", None).await,
        app.change(NOBODY, "unfreeze", Some("\"1\"")).await,
        app.close(NOBODY, None).await,
    ] {
        assert_eq!(absent.problem(), (404, "unknown-account"));
    }
}

async fn a_body_where_none_is_taken_is_refused(app: TestApp) {
    let id = app.open("Ada", 0).await;
    for body in [r#"{"reason":1}"#, "{}", " ", "no JSON"] {
        for answer in with_body(&app, &id, body).await {
            assert_eq!(answer.problem(), (400, "malformed-request"), "{body}");
            assert!(answer.text("detail").contains("takes no body"), "{body}");
        }
    }
    let found = app.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(found.number("version"), 1);
    for answer in with_body(&app, &id, "").await {
        assert!([200, 204].contains(&answer.status), "{answer:?}");
    }
}

async fn a_body_that_is_too_large_is_refused_where_none_is_taken(app: TestApp) {
    let id = app.open("Ada", 0).await;
    let body = "x".repeat(70_000);
    for answer in with_body(&app, &id, &body).await {
        assert_eq!(answer.problem(), (413, "too-large"));
    }
    let document = serde_json::to_value(document()).unwrap();
    for (path, method) in [
        ("/v1/accounts/{id}/freeze", "post"),
        ("/v1/accounts/{id}/unfreeze", "post"),
        ("/v1/accounts/{id}", "delete"),
    ] {
        let responses = &document["paths"][path][method]["responses"];
        for status in ["400", "413"] {
            assert!(responses[status].is_object(), "{method} {path} {status}");
        }
    }
}

/// What each of the routes that take no body answers to this one.
async fn with_body(app: &TestApp, id: &str, body: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (method, path) in [
        (Method::POST, format!("/v1/accounts/{id}/freeze")),
        (Method::POST, format!("/v1/accounts/{id}/unfreeze")),
        (Method::DELETE, format!("/v1/accounts/{id}")),
    ] {
        let mut request = app.request(method, &path);
        body.clone_into(request.body_mut());
        answers.push(app.send(request).await);
    }
    answers
}
