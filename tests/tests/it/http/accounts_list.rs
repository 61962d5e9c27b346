use serde_json::json;
use tests::{Answer, TestApp};

on_both!(
    a_list_is_filtered,
    a_list_is_sorted,
    a_list_is_read_by_cursor,
    a_list_is_read_by_number,
    what_a_list_does_not_know_is_refused_by_name,
    what_a_list_can_not_make_sense_of_is_refused,
    a_text_that_no_owner_can_have_is_refused,
    all_that_is_wrong_with_a_query_is_told_at_once,
    every_allowed_limit_is_kept,
    a_cursor_is_good_for_the_order_it_came_with,
    a_cursor_that_was_changed_anywhere_is_refused,
    a_cursor_of_another_list_is_refused,
    a_cursor_of_another_service_is_refused,
);

async fn a_list_is_filtered(app: TestApp) {
    some_accounts(&app).await;
    for (query, expected) in [
        ("", vec!["Eve_50%", "Cleo", "Bob", "Ada"]),
        ("?owner=Ada", vec!["Ada"]),
        ("?owner=ada", vec![]),
        ("?currency=USD", vec!["Cleo"]),
        ("?status=active&currency=EUR", vec!["Eve_50%", "Bob", "Ada"]),
        ("?status=frozen", vec![]),
        ("?status=closed", vec![]),
        ("?balance_gte=20&balance_lte=30", vec!["Cleo", "Bob"]),
        ("?q=EO", vec!["Cleo"]),
        ("?q=_50%25", vec!["Eve_50%"]),
        ("?q=%25", vec!["Eve_50%"]),
        ("?q=", vec!["Eve_50%", "Cleo", "Bob", "Ada"]),
    ] {
        let found = app.get(&format!("/v1/accounts{query}")).await;
        assert_eq!(found.of_items("owner"), expected, "{query}");
    }
}

async fn a_list_is_sorted(app: TestApp) {
    some_accounts(&app).await;
    for (sort, expected) in [
        ("created_at", ["Ada", "Bob", "Cleo", "Eve_50%"]),
        ("-created_at", ["Eve_50%", "Cleo", "Bob", "Ada"]),
        ("-balance", ["Eve_50%", "Cleo", "Bob", "Ada"]),
        ("currency,-balance", ["Eve_50%", "Bob", "Ada", "Cleo"]),
        ("-currency,owner", ["Cleo", "Ada", "Bob", "Eve_50%"]),
    ] {
        let found = app.get(&format!("/v1/accounts?sort={sort}")).await;
        assert_eq!(found.of_items("owner"), expected, "{sort}");
    }
}

async fn a_list_is_read_by_cursor(app: TestApp) {
    some_accounts(&app).await;
    let (mut owners, mut query) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/v1/accounts?limit=3{query}")).await;
        owners.extend(page.of_items("owner").into_iter().cloned());
        assert_eq!(page.body.as_object().unwrap().len(), 2, "{page:?}");
        match page.body["next_cursor"].as_str() {
            Some(cursor) => query = format!("&cursor={cursor}"),
            None => break,
        }
        // What is opened meanwhile is newer than the place where the page ended.
        app.open("Fay", 0).await;
    }
    assert_eq!(owners, ["Eve_50%", "Cleo", "Bob", "Ada"]);
}

async fn a_list_is_read_by_number(app: TestApp) {
    some_accounts(&app).await;
    let page = app.get("/v1/accounts?page=2&page_size=3").await;
    assert_eq!(page.of_items("owner"), ["Ada"]);
    let numbers = ["page", "page_size", "total"].map(|member| page.number(member));
    assert_eq!(numbers, [2, 3, 4]);
    let page = app.get("/v1/accounts?page=3&page_size=3").await;
    assert_eq!(
        page.body,
        json!({"items": [], "page": 3, "page_size": 3, "total": 4})
    );
}

async fn what_a_list_does_not_know_is_refused_by_name(app: TestApp) {
    let refused = app.get("/v1/accounts?ownr=Ada").await;
    assert_eq!(refused.problem(), (400, "unknown-parameter"));
    assert!(refused.text("detail").contains("\"ownr\""), "{refused:?}");
    for query in [
        "owner=Ada&owner=Bob",
        "page=1&limit=2",
        "page_size=1&cursor=x",
        "owner=%ff",
        "%ff=1",
    ] {
        let refused = app.get(&format!("/v1/accounts?{query}")).await;
        assert_eq!(refused.problem(), (400, "malformed-request"), "{query}");
    }
}

async fn what_a_list_can_not_make_sense_of_is_refused(app: TestApp) {
    for query in [
        "limit=0",
        "limit=101",
        "limit=ten",
        "page=0",
        "page=101&page_size=100",
        "page_size=101",
        "balance_gte=1.5",
        "balance_lte=99999999999999999999",
        "status=gone",
        "currency=euro",
        "owner=",
        "q=%00",
        "sort=",
        "sort=colour",
        "sort=owner,-owner",
        "cursor=",
        "cursor=bm90LW91cnM",
        "cursor=%27%20OR%201",
    ] {
        let refused = app.get(&format!("/v1/accounts?{query}")).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{query}");
        let (name, _) = query.split_once('=').unwrap();
        assert_eq!(refused.places(), [name], "{query}");
    }
}

async fn a_text_that_no_owner_can_have_is_refused(app: TestApp) {
    app.open("Ada", 0).await;
    for (name, char, chars, status) in [
        ("q", "%C3%A9", 200, 200),
        ("q", "%C3%A9", 201, 422),
        ("q", "x", 30_000, 422),
        ("owner", "x", 30_000, 422),
    ] {
        let text = char.repeat(chars);
        let answer = app.get(&format!("/v1/accounts?{name}={text}")).await;
        assert_eq!(answer.status, status, "{name} {chars}");
    }
}

async fn a_cursor_is_good_for_the_order_it_came_with(app: TestApp) {
    some_accounts(&app).await;
    let page = app.get("/v1/accounts?limit=1&sort=owner").await;
    let cursor = page.text("next_cursor");
    let with = async |cursor: &str, sort: &str| -> Answer {
        app.get(&format!("/v1/accounts?cursor={cursor}&sort={sort}"))
            .await
    };

    assert_eq!(
        with(cursor, "owner").await.of_items("owner"),
        ["Bob", "Cleo", "Eve_50%"]
    );
    assert_eq!(
        with(cursor, "-owner").await.problem(),
        (422, "invalid-value")
    );
    assert_eq!(
        with(cursor, "balance").await.problem(),
        (422, "invalid-value")
    );
    let changed = format!("{cursor}A");
    assert_eq!(
        with(&changed, "owner").await.problem(),
        (422, "invalid-value")
    );
}

async fn all_that_is_wrong_with_a_query_is_told_at_once(app: TestApp) {
    let query = "limit=0&status=gone&currency=euro&balance_gte=x&sort=colour&q=%00";
    let refused = app.get(&format!("/v1/accounts?{query}")).await;
    assert_eq!(refused.problem(), (422, "invalid-value"));
    let expected = ["currency", "status", "balance_gte", "q", "sort", "limit"];
    assert_eq!(refused.places(), expected);

    let refused = app
        .get("/v1/accounts?colour=red&limit=0&owner=a&owner=b&owner=c&page=0")
        .await;
    assert_eq!(refused.problem(), (400, "malformed-request"));
    let expected = ["owner", "colour", "limit", "page"];
    assert_eq!(refused.places(), expected);

    let many: Vec<_> = (0..30).map(|n| format!("x{n}=1")).collect();
    let refused = app.get(&format!("/v1/accounts?{}", many.join("&"))).await;
    assert_eq!(refused.problem(), (400, "unknown-parameter"));
    assert_eq!(refused.places().len(), 20);
    let detail = refused.text("detail");
    assert!(
        detail.contains("\"x19\"") && detail.ends_with("and 10 more"),
        "{detail}"
    );
}

async fn every_allowed_limit_is_kept(app: TestApp) {
    for owner in 0..101 {
        app.open(&owner.to_string(), 0).await;
    }
    for (query, expected) in [
        ("", 20),
        ("?limit=1", 1),
        ("?limit=100", 100),
        ("?page=1", 20),
        ("?page_size=100", 100),
        ("?page=6", 1),
        ("?page=100&page_size=100", 0),
        ("?page=10000&page_size=1", 0),
    ] {
        let page = app.get(&format!("/v1/accounts{query}")).await;
        assert_eq!(page.of_items("id").len(), expected, "{query}");
    }
}

async fn a_cursor_that_was_changed_anywhere_is_refused(app: TestApp) {
    some_accounts(&app).await;
    let page = app.get("/v1/accounts?limit=1").await;
    let cursor = page.text("next_cursor");
    let at = async |cursor: &str| app.get(&format!("/v1/accounts?cursor={cursor}")).await;
    assert_eq!(at(cursor).await.of_items("id").len(), 3);

    for place in 0..cursor.len() {
        let mut changed: Vec<_> = cursor.chars().collect();
        changed[place] = if changed[place] == 'A' { 'Q' } else { 'A' };
        let changed: String = changed.into_iter().collect();
        let refused = at(&changed).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{changed}");
        assert_eq!(refused.places(), ["cursor"]);
    }
    for changed in [&cursor[1..], &cursor[..cursor.len() - 1], &cursor.repeat(2)] {
        let refused = at(changed).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{changed}");
    }
}

/// Both lists are sorted by the same columns.
async fn a_cursor_of_another_list_is_refused(app: TestApp) {
    let (ada, bob) = (app.open("Ada", 9).await, app.open("Bob", 9).await);
    for _ in 0..2 {
        app.transfer(&ada, &bob, 1).await;
    }
    let transfers = format!("/v1/accounts/{ada}/transfers");
    for (from, to) in [("/v1/accounts", &*transfers), (&*transfers, "/v1/accounts")] {
        let page = app.get(&format!("{from}?limit=1")).await;
        let cursor = page.text("next_cursor");
        let refused = app.get(&format!("{to}?cursor={cursor}")).await;
        assert_eq!(refused.problem(), (422, "invalid-value"), "{to}");
        assert_eq!(refused.places(), ["cursor"]);
        assert!(
            refused.text("detail").contains("begin again"),
            "{refused:?}"
        );
    }
}

/// Each service of the tests has a key of its own.
async fn a_cursor_of_another_service_is_refused(app: TestApp) {
    let other = TestApp::sqlite().await;
    some_accounts(&app).await;
    some_accounts(&other).await;
    let page = other.get("/v1/accounts?limit=1").await;
    let cursor = page.text("next_cursor");
    let refused = app.get(&format!("/v1/accounts?cursor={cursor}")).await;
    assert_eq!(refused.problem(), (422, "invalid-value"));
}

async fn some_accounts(app: &TestApp) {
    for (owner, currency, minor) in [
        ("Ada", "EUR", 10),
        ("Bob", "EUR", 20),
        ("Cleo", "USD", 30),
        ("Eve_50%", "EUR", 40),
    ] {
        app.open_in(currency, owner, minor).await;
    }
}
