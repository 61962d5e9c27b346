//! Transfers under an idempotency key.

use std::time::Duration;

use app::config::{Config, IdempotencyConfig};
use futures_util::future::join_all;
use http::{HeaderValue, Method};
use serde_json::json;
use tests::{Answer, TestApp, TestDatabase};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

on_both!(
    the_same_key_and_body_have_the_same_answer,
    the_body_counts_and_not_how_it_is_written,
    the_same_key_with_another_body_is_refused,
    without_a_key_each_request_is_a_transfer,
    of_many_requests_at_once_one_is_carried_out,
    a_request_that_was_refused_leaves_its_key_free,
    a_key_that_is_none_is_refused,
    clients_that_hang_up_send_again_and_pay_once,
);

async fn the_same_key_and_body_have_the_same_answer(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);

    let first = app.transfer_once("key-1", &ada, &bob, 120).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert!(!is_replayed(&first));
    // What has happened since makes no difference: Ada could not pay that much again.
    app.transfer(&ada, &bob, 380).await;
    for _ in 0..3 {
        let again = app.transfer_once("key-1", &ada, &bob, 120).await;
        assert!(is_replayed(&again));
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(again.header("location"), first.header("location"));
    }
    let other = app.transfer_once("key-2", &bob, &ada, 120).await;
    assert!(!is_replayed(&other));
    assert_ne!(other.text("id"), first.text("id"));
    assert_eq!(
        (app.balance(&ada).await, app.balance(&bob).await),
        (120, 380)
    );
}

async fn the_body_counts_and_not_how_it_is_written(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);
    let first = app.transfer_once("key", &ada, &bob, 5).await;
    let upper = bob.to_uppercase();
    let text = format!(
        "{{ \"currency\":\"EUR\",\n\"amount\": 5 , \"to\":\"{upper}\", \"from\":\"{ada}\" }}"
    );

    let again = post(&app, &["key"], &text).await;

    assert!(is_replayed(&again), "{again:?}");
    assert_eq!(again.body, first.body);
    assert_eq!(app.balance(&ada).await, 495);
}

async fn the_same_key_with_another_body_is_refused(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 500).await);
    let dollars = [
        app.open_in("USD", "Ada", 500).await,
        app.open_in("USD", "Bob", 500).await,
    ];
    let cleo = app.open("Cleo", 500).await;
    let first = app.transfer_once("key", &ada, &bob, 5).await;
    for (from, to, amount, currency) in [
        (&*ada, &*bob, 6, "EUR"),
        (&bob, &ada, 5, "EUR"),
        (&ada, &cleo, 5, "EUR"),
        (&cleo, &bob, 5, "EUR"),
        (dollars[0].text("id"), dollars[1].text("id"), 5, "USD"),
    ] {
        let body = json!({"from": from, "to": to, "amount": amount, "currency": currency});
        let refused = post(&app, &["key"], &body.to_string()).await;
        assert_eq!(refused.problem(), (422, "idempotency-key-reused"), "{body}");
        assert!(!is_replayed(&refused));
    }
    assert_eq!(app.transfers_of(&ada).await, 1);
    let again = app.transfer_once("key", &ada, &bob, 5).await;
    assert_eq!(again.body, first.body);
}

async fn without_a_key_each_request_is_a_transfer(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);
    for _ in 0..2 {
        let paid = app.transfer(&ada, &bob, 5).await;
        assert!(!is_replayed(&paid));
    }
    assert_eq!(app.balance(&bob).await, 10);
}

async fn of_many_requests_at_once_one_is_carried_out(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);

    let all = (0..32).map(|_| app.transfer_once("key", &ada, &bob, 120));
    check_one_of_many(&app, &join_all(all).await, &ada, &bob).await;
}

async fn check_one_of_many(app: &TestApp, answers: &[Answer], ada: &str, bob: &str) {
    let first: Vec<_> = answers
        .iter()
        .filter(|answer| !is_replayed(answer))
        .collect();
    assert_eq!(first.len(), 1, "{first:?}");
    for answer in answers {
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.body, first[0].body);
    }
    assert_eq!((app.balance(ada).await, app.balance(bob).await), (380, 120));
    assert_eq!(app.transfers_of(ada).await, 1);
}

async fn a_request_that_was_refused_leaves_its_key_free(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 5).await, app.open("Bob", 100).await);
    let refused = app.transfer_once("key", &ada, &bob, 50).await;
    assert_eq!(refused.problem(), (409, "insufficient-funds"));
    let refused = app.transfer_once("key", &ada, &bob, 0).await;
    assert_eq!(refused.problem(), (422, "invalid-value"));

    app.transfer(&bob, &ada, 60).await;
    let paid = app.transfer_once("key", &ada, &bob, 50).await;

    assert_eq!(paid.status, 201, "{paid:?}");
    assert!(!is_replayed(&paid));
}

async fn a_key_that_is_none_is_refused(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);
    let body = json!({"from": ada, "to": bob, "amount": 5, "currency": "EUR"}).to_string();
    let long = "x".repeat(256);
    for keys in [
        &["a b"][..],
        &[""],
        &["clé"],
        &[&long],
        &["a", "b"],
        &["a", "a"],
    ] {
        let refused = post(&app, keys, &body).await;
        assert_eq!(refused.problem(), (400, "malformed-request"), "{keys:?}");
        let errors = &refused.body["errors"];
        assert_eq!(errors[0]["header"], "Idempotency-Key", "{refused:?}");
        assert_eq!(errors.as_array().map(Vec::len), Some(1));
    }
    assert_eq!(app.balance(&ada).await, 500);
    let longest = "~".repeat(255);
    for _ in 0..2 {
        assert_eq!(post(&app, &[&longest], &body).await.status, 201);
    }
    assert_eq!(app.balance(&ada).await, 495);
}

/// They hang up at every moment of a request, one a little later than the other.
async fn clients_that_hang_up_send_again_and_pay_once(app: TestApp) {
    const CLIENTS: u32 = 40;
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);
    let body = json!({"from": ada, "to": bob, "amount": 1, "currency": "EUR"}).to_string();
    for client in 0..CLIENTS {
        let key = format!("client-{client}");
        let mut stream = TcpStream::connect(app.addr()).await.unwrap();
        let length = body.len();
        let request = format!(
            "POST /v1/transfers HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
             Idempotency-Key: {key}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        tokio::time::sleep(client * Duration::from_micros(250)).await;
        drop(stream);

        let paid = app.transfer_once(&key, &ada, &bob, 1).await;
        assert_eq!(paid.status, 201, "{paid:?}");
    }
    assert_eq!(app.transfers_of(&bob).await, CLIENTS as usize);
    assert_eq!(
        (app.balance(&ada).await, app.balance(&bob).await),
        (460, 40)
    );
}

#[tokio::test]
async fn callers_do_not_meet_each_others_keys() {
    for app in [
        TestApp::secured_postgres().await,
        TestApp::secured_sqlite().await,
    ] {
        let scopes = ["ledger:read", "ledger:write"];
        let (ada, bob) = (app.caller("Ada", &scopes), app.caller("Bob", &scopes));
        let mut paid = Vec::new();
        for (caller, owner) in [(&ada, "Ada"), (&bob, "Bob")] {
            let (from, to) = (caller.open(owner, 9).await, caller.open(owner, 0).await);
            let first = caller.transfer_once("key", &from, &to, 5).await;
            assert_eq!(first.status, 201, "{first:?}");
            assert!(!is_replayed(&first));
            paid.push((from, to, first));
        }
        let (from, to, first) = &paid[0];
        let again = ada.transfer_once("key", from, to, 5).await;
        assert!(is_replayed(&again));
        assert_eq!(again.body, first.body);
        // The very request of another caller is a request of one's own, and out of reach.
        let stolen = bob.transfer_once("other", from, to, 5).await;
        assert_eq!(stolen.problem(), (404, "unknown-account"));
        let stolen = bob.transfer_once("key", from, to, 5).await;
        assert_eq!(stolen.problem(), (422, "idempotency-key-reused"));
        assert_eq!(ada.balance(from).await, 4);
    }
}

#[tokio::test]
async fn a_replay_tells_nothing_of_accounts_that_were_given_away() {
    for app in [
        TestApp::secured_postgres().await,
        TestApp::secured_sqlite().await,
    ] {
        let ada = app.caller("Ada", &["ledger:read", "ledger:write"]);
        let root = app.caller("root", &["ledger:admin"]);
        let (from, to) = (ada.open("Ada", 9).await, ada.open("Ada", 0).await);
        let first = ada.transfer_once("key", &from, &to, 5).await;
        let path = format!("/v1/transfers/{}", first.text("id"));

        // As long as one of the two is hers, the transfer is.
        assert_eq!(root.rename(&from, Some("*"), "Bob").await.status, 200);
        let again = ada.transfer_once("key", &from, &to, 5).await;
        assert!(is_replayed(&again));
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(ada.get(&path).await.status, 200);

        assert_eq!(root.rename(&to, Some("*"), "Bob").await.status, 200);
        let refused = ada.transfer_once("key", &from, &to, 5).await;
        assert_eq!(refused.problem(), (404, "unknown-account"));
        assert!(!is_replayed(&refused));
        let fresh = ada.transfer_once("another", &from, &to, 5).await;
        assert_eq!(fresh.problem(), (404, "unknown-account"));
        assert_eq!(ada.get(&path).await.status, 404);
        assert_eq!(root.balance(&to).await, 5);
    }
}

#[tokio::test]
async fn of_many_requests_at_once_one_is_carried_out_under_strict_isolation_too() {
    for level in ["repeatable read", "serializable"] {
        let database = TestDatabase::postgres().await;
        let name = database.name();
        let setting = format!("default_transaction_isolation = '{level}'");
        database
            .execute(&format!("ALTER DATABASE \"{name}\" SET {setting}"))
            .await;
        let app = TestApp::on(&database.url()).await;
        let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);

        let all = (0..32).map(|_| app.transfer_once("key", &ada, &bob, 120));
        check_one_of_many(&app, &join_all(all).await, &ada, &bob).await;
    }
}

#[tokio::test]
async fn a_key_that_has_expired_counts_for_nothing_before_it_is_removed() {
    let (postgres, sqlite) = (TestDatabase::postgres().await, TestDatabase::sqlite().await);
    for url in [postgres.url(), sqlite.url()] {
        let config = Config {
            idempotency: IdempotencyConfig {
                key_ttl: Duration::from_millis(1500),
                ..IdempotencyConfig::default()
            },
            ..Config::default()
        };
        let app = TestApp::configured(&url, &config, None).await;
        let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);
        let first = app.transfer_once("key", &ada, &bob, 5).await;
        tokio::time::sleep(Duration::from_millis(1600)).await;

        // Neither the answer nor the body of then binds anybody.
        let other = app.transfer_once("key", &ada, &bob, 6).await;

        assert_eq!(other.status, 201, "{other:?}");
        assert!(!is_replayed(&other));
        assert_ne!(other.text("id"), first.text("id"));
        assert_eq!(app.balance(&bob).await, 11);
    }
}

fn is_replayed(answer: &Answer) -> bool {
    let header = answer.headers.get("idempotency-replayed");
    assert!(header.is_none_or(|value| value == "true"), "{answer:?}");
    header.is_some()
}

async fn post(app: &TestApp, keys: &[&str], body: &str) -> Answer {
    let mut request = app.request(Method::POST, "/v1/transfers");
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert("content-type", json);
    for key in keys {
        let key = HeaderValue::from_bytes(key.as_bytes()).unwrap();
        request.headers_mut().append("idempotency-key", key);
    }
    body.clone_into(request.body_mut());
    app.send(request).await
}
