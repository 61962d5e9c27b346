// sample: file

//! What belongs to others: no route lets a caller read, list, move, count or infer it.

mod routes;
mod town;

use std::time::Duration;

use http::Method;
use sea_orm::sqlx::Executor as _;
use serde_json::json;
use tests::{TestApp, TestDatabase};

use self::town::{Town, ask, told};

secured_on_both!(
    money_moves_between_accounts_of_ones_own_alone,
    lists_and_totals_leave_out_what_belongs_to_others,
    nobody_opens_an_account_for_others_or_gives_one_away,
    a_transfer_is_seen_by_the_owners_of_both_accounts_and_nobody_else,
    an_administrator_reaches_everything,
);

const NOBODY: &str = "01a20270-3325-7164-baf1-be95a42a1aa2";
const BOTH: [&str; 2] = ["ledger:read", "ledger:write"];
const ANY_VERSION: &[(&str, &str)] = &[("if-match", "*")];

async fn money_moves_between_accounts_of_ones_own_alone(app: TestApp) {
    let town = Town::new(app).await;
    let before = town.of_ada().await;
    let bobs = &town.bobs;
    // More than there is, too little, another currency, or fine.
    for (amount, currency) in [(1_000_000, "EUR"), (0, "EUR"), (1, "USD"), (1, "EUR")] {
        let order = async |from: &str, to: &str, theirs: &str| {
            let body = json!({"from": from, "to": to, "amount": amount, "currency": currency});
            let answer = town.bob.post("/v1/transfers", body).await;
            told(&answer, theirs)
        };
        let (out, into) = (
            order(bobs, NOBODY, NOBODY).await,
            order(NOBODY, bobs, NOBODY).await,
        );
        for id in &town.accounts {
            assert_eq!(order(bobs, id, id).await, out, "{amount} {currency}");
            assert_eq!(order(id, bobs, id).await, into, "{amount} {currency}");
        }
        let expected = if amount == 0 { 422 } else { 404 };
        assert_eq!((out.0, into.0), (expected, expected));
    }
    let among = town
        .bob
        .transfer(&town.accounts[0], &town.accounts[1], 1)
        .await;
    assert_eq!(among.problem(), (404, "unknown-account"));
    let again = town
        .bob
        .transfer(&town.accounts[0], &town.accounts[0], 1)
        .await;
    assert_eq!(again.problem(), (422, "invalid-value"));
    assert_eq!(town.of_ada().await, before);
    assert_eq!(town.bob.balance(bobs).await, 100);

    let second = town.bob.open("Bob", 0).await;
    assert_eq!(town.bob.transfer(bobs, &second, 100).await.status, 201);
}

async fn lists_and_totals_leave_out_what_belongs_to_others(app: TestApp) {
    let town = Town::new(app).await;
    for query in [
        "",
        "?owner=Ada",
        "?q=d",
        "?currency=EUR",
        "?status=frozen",
        "?balance_gte=0",
        "?sort=-balance",
        "?sort=owner&limit=1",
    ] {
        let listed = town.bob.get(&format!("/v1/accounts{query}")).await;
        let ids = listed.of_items("id");
        assert!(
            ids.iter().all(|id| **id == json!(town.bobs)),
            "{query}: {listed:?}"
        );
        assert!(listed.body["next_cursor"].is_null(), "{query}: {listed:?}");
        let and = if query.is_empty() { "?" } else { "&" };
        let query = query.replace("&limit=1", "");
        let page = town
            .bob
            .get(&format!("/v1/accounts{query}{and}page=1&page_size=1"))
            .await;
        assert_eq!(
            page.number("total"),
            i64::try_from(ids.len()).unwrap(),
            "{query}"
        );
    }
    let of_bob = town.ada.get("/v1/accounts?q=Bob&page=1").await;
    assert_eq!(of_bob.number("total"), 0);

    // A place in another's list is a place in one's own.
    let first = town.ada.get("/v1/accounts?limit=1").await;
    let cursor = first.text("next_cursor");
    let rest = town
        .bob
        .get(&format!("/v1/accounts?limit=10&cursor={cursor}"))
        .await;
    let others = rest.of_items("owner");
    assert!(
        others.iter().all(|owner| **owner == json!("Bob")),
        "{rest:?}"
    );
}

async fn nobody_opens_an_account_for_others_or_gives_one_away(app: TestApp) {
    let town = Town::new(app).await;
    let bobs = format!("/v1/accounts/{}", town.bobs);
    let adas = format!("/v1/accounts/{}", town.accounts[0]);
    let nobodys = format!("/v1/accounts/{NOBODY}");
    for name in ["Ada", "Zoe", "bob", "Bob\u{301}"] {
        let opened = town.bob.open_in("EUR", name, 0).await;
        let body = json!({ "owner": name }).to_string();
        let mut refusals = vec![opened];
        for path in [&bobs, &adas, &nobodys] {
            let given = ask(&town.bob, &Method::PATCH, path, ANY_VERSION, Some(&body)).await;
            refusals.push(given);
        }
        for refused in refusals {
            assert_eq!(
                refused.problem(),
                (403, "insufficient-scope"),
                "{refused:?}"
            );
            let challenge = refused.header("www-authenticate");
            assert!(
                challenge.ends_with(r#"scope="ledger:admin""#),
                "{challenge}"
            );
        }
    }
    let page = town
        .app
        .caller("root", &["ledger:admin"])
        .get("/v1/accounts?page=1")
        .await;
    assert_eq!(page.number("total"), 4);
}

async fn a_transfer_is_seen_by_the_owners_of_both_accounts_and_nobody_else(app: TestApp) {
    let town = Town::new(app).await;
    let root = town.app.caller("root", &["ledger:admin"]);
    let moved = root.transfer(&town.accounts[0], &town.bobs, 5).await;
    let path = format!("/v1/transfers/{}", moved.text("id"));
    for owner in [&town.ada, &town.bob] {
        let found = owner.get(&path).await;
        assert_eq!((found.status, found.body), (200, moved.body.clone()));
    }
    let of_bob = town
        .bob
        .get(&format!("/v1/accounts/{}/transfers", town.bobs))
        .await;
    assert_eq!(of_bob.of_items("id"), [&moved.body["id"]]);
    let cleo = town.app.caller("Cleo", &BOTH);
    assert_eq!(cleo.get(&path).await.problem(), (404, "unknown-transfer"));
}

async fn an_administrator_reaches_everything(app: TestApp) {
    let town = Town::new(app).await;
    let root = town.app.caller("root", &["ledger:admin"]);
    let page = root.get("/v1/accounts?page=1").await;
    assert_eq!(page.number("total"), 4);
    assert_eq!(
        root.transfer(&town.accounts[0], &town.bobs, 5).await.status,
        201
    );
    let account = format!("/v1/accounts/{}", town.bobs);
    let given = ask(
        &root,
        &Method::PATCH,
        &account,
        ANY_VERSION,
        Some(r#"{"owner": "Ada"}"#),
    )
    .await;
    assert_eq!((given.status, given.text("owner")), (200, "Ada"));
    assert_eq!(town.ada.get(&account).await.status, 200);
    assert_eq!(town.bob.get(&account).await.status, 404);
    assert_eq!(root.open_in("EUR", "Zoe", 1).await.status, 201);
}

#[tokio::test]
async fn what_is_done_bears_the_name_of_who_did_it() {
    let database = TestDatabase::postgres().await;
    let app = TestApp::secured(&database.url()).await;
    let (ada, root) = (
        app.caller("Ada", &BOTH),
        app.caller("root", &["ledger:admin"]),
    );
    let (one, other) = (ada.open("Ada", 10).await, ada.open("Ada", 0).await);
    assert_eq!(ada.transfer(&one, &other, 1).await.status, 201);
    let frozen = ask(
        &root,
        &Method::POST,
        &format!("/v1/accounts/{one}/freeze"),
        &[],
        None,
    )
    .await;
    assert_eq!(frozen.status, 200);

    let by = async |columns: &str, id: &str| -> String {
        let sql = format!("SELECT {columns} FROM accounts WHERE id = '{id}'");
        database.scalar(&sql).await
    };
    let columns = "created_by || ' ' || updated_by";
    assert_eq!(by(columns, &one).await, "Ada root");
    assert_eq!(by(columns, &other).await, "Ada Ada");
    let moved: String = database.scalar("SELECT created_by FROM transfers").await;
    assert_eq!(moved, "Ada");
}

#[tokio::test]
async fn nobody_waits_for_the_lock_of_an_account_that_is_not_theirs() {
    let database = TestDatabase::postgres().await;
    let town = Town::new(TestApp::secured(&database.url()).await).await;
    let mut session = database.connect().await;
    session
        .execute("BEGIN; SELECT * FROM accounts FOR UPDATE")
        .await
        .unwrap();

    let theirs = &town.accounts[0];
    let asked = async {
        let freeze = format!("/v1/accounts/{theirs}/freeze");
        let frozen = ask(&town.bob, &Method::POST, &freeze, &[], None).await;
        assert_eq!(frozen.status, 404);
        let other = town.accounts[1].as_str();
        assert_eq!(town.bob.transfer(theirs, other, 1).await.status, 404);
    };
    let in_time = tokio::time::timeout(Duration::from_secs(8), asked).await;
    assert!(
        in_time.is_ok(),
        "the lock is granted after ten seconds, or not at all"
    );
}
