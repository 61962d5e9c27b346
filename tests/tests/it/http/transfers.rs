use serde_json::json;
use tests::TestApp;

on_both!(
    a_transfer_moves_money_and_is_found,
    a_refused_transfer_says_why_and_moves_nothing,
    an_absent_account_is_named,
    an_absent_transfer_is_named,
    the_transfers_of_an_account_are_listed_newest_first,
    no_money_is_made_or_lost_by_many_transfers_at_once,
);

const NOBODY: &str = "01a20270-3325-7164-baf1-be95a42a1aa2";

async fn a_transfer_moves_money_and_is_found(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);

    let transfer = app.transfer(&ada, &bob, 120).await;

    let (id, now) = (transfer.text("id"), transfer.text("created_at"));
    assert_eq!(transfer.status, 201);
    assert_eq!(
        transfer.body,
        json!({
            "id": id, "from": ada, "to": bob, "amount": 120, "currency": "EUR", "created_at": now,
        })
    );
    assert_eq!(
        (app.balance(&ada).await, app.balance(&bob).await),
        (380, 120)
    );
    let found = app.get(&format!("/v1/transfers/{id}")).await;
    assert_eq!((found.status, &found.body), (200, &transfer.body));
    let account = app.get(&format!("/v1/accounts/{ada}")).await;
    assert_eq!(account.header("etag"), "\"2\"");
}

async fn a_refused_transfer_says_why_and_moves_nothing(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 100).await, app.open("Bob", 0).await);
    let dollars = app.open_in("USD", "Cleo", 0).await.text("id").to_owned();
    for (from, to, amount, expected) in [
        (&ada, &bob, 101, (409, "insufficient-funds")),
        (&ada, &bob, 0, (422, "invalid-value")),
        (&ada, &bob, -5, (422, "invalid-value")),
        (&ada, &ada, 1, (422, "invalid-value")),
        (&ada, &dollars, 1, (422, "invalid-value")),
    ] {
        let refused = app.transfer(from, to, amount).await;
        assert_eq!(refused.problem(), expected, "{amount}");
    }
    assert_eq!((app.balance(&ada).await, app.balance(&bob).await), (100, 0));
    let listed = app.get(&format!("/v1/accounts/{ada}/transfers")).await;
    assert_eq!(listed.body, json!({"items": [], "next_cursor": null}));
}

async fn an_absent_account_is_named(app: TestApp) {
    let ada = app.open("Ada", 100).await;
    for (from, to) in [(&*ada, NOBODY), (NOBODY, &*ada)] {
        let refused = app.transfer(from, to, 1).await;
        assert_eq!(refused.problem(), (404, "unknown-account"));
        assert!(refused.text("detail").contains(NOBODY));
    }
}

async fn an_absent_transfer_is_named(app: TestApp) {
    let absent = app.get(&format!("/v1/transfers/{NOBODY}")).await;
    assert_eq!(absent.problem(), (404, "unknown-transfer"));
}

async fn the_transfers_of_an_account_are_listed_newest_first(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 100).await, app.open("Bob", 100).await);
    let cleo = app.open("Cleo", 100).await;
    for (from, to, amount) in [
        (&ada, &bob, 1),
        (&bob, &ada, 2),
        (&bob, &cleo, 3),
        (&cleo, &ada, 4),
    ] {
        app.transfer(from, to, amount).await;
    }

    let first = app
        .get(&format!("/v1/accounts/{ada}/transfers?limit=2"))
        .await;
    assert_eq!(first.of_items("amount"), [4, 2]);
    let cursor = first.text("next_cursor");
    let path = format!("/v1/accounts/{ada}/transfers?limit=2&cursor={cursor}");
    let last = app.get(&path).await;
    assert_eq!(last.of_items("amount"), [1]);
    assert!(last.body["next_cursor"].is_null());

    let refused = app
        .get(&format!("/v1/accounts/{ada}/transfers?page=1"))
        .await;
    assert_eq!(refused.problem(), (400, "unknown-parameter"));
}

async fn no_money_is_made_or_lost_by_many_transfers_at_once(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 1000).await, app.open("Bob", 1000).await);
    let pay = async |from: &str, to: &str| {
        for amount in 1..=10 {
            let answer = app.transfer(from, to, amount).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
    };
    tokio::join!(
        pay(&ada, &bob),
        pay(&bob, &ada),
        pay(&ada, &bob),
        pay(&bob, &ada),
        pay(&ada, &bob)
    );
    assert_eq!(
        (app.balance(&ada).await, app.balance(&bob).await),
        (945, 1055)
    );
}
