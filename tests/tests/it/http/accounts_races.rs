//! Requests at the same moment: one happens after the other, and the second is told the truth.

use std::time::Duration;

use tests::{TestApp, TestDatabase};

on_both!(
    of_two_changes_of_one_version_one_is_made,
    a_transfer_at_the_moment_of_freezing_is_whole_or_refused,
    an_account_is_never_closed_with_money_on_it,
    of_two_equal_changes_of_state_one_is_made,
);

const ROUNDS: usize = 15;

async fn of_two_changes_of_one_version_one_is_made(app: TestApp) {
    let id = app.open("Ada", 0).await;
    for version in 1..=ROUNDS {
        let tag = format!("\"{version}\"");
        let (one, other) = tokio::join!(
            app.rename(&id, Some(&tag), "One"),
            app.rename(&id, Some(&tag), "Other"),
        );
        let (made, stale) = if one.status == 200 {
            (one, other)
        } else {
            (other, one)
        };
        assert_eq!(made.status, 200, "{made:?} {stale:?}");
        assert_eq!(stale.problem(), (412, "stale-version"));
        let found = app.get(&format!("/v1/accounts/{id}")).await;
        assert_eq!(found.body, made.body);
    }
}

/// Both have read the condition before either can change anything.
#[tokio::test]
async fn of_two_changes_that_wait_for_the_same_row_one_is_made() {
    let database = TestDatabase::postgres().await;
    let app = TestApp::on(&database.url()).await;
    let id = app.open("Ada", 0).await;
    let mut blocker = database.connect().await;
    let lock = "BEGIN; SELECT id FROM accounts FOR UPDATE";
    sea_orm::sqlx::raw_sql(lock)
        .execute(&mut blocker)
        .await
        .unwrap();
    let release = async {
        loop {
            let states = database.backend_states().await;
            if states.iter().filter(|state| *state == "active").count() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(blocker);
    };
    let (one, other, ()) = tokio::join!(
        app.rename(&id, Some("\"1\""), "One"),
        app.rename(&id, Some("\"1\""), "Other"),
        release,
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{one:?} {other:?}");
}

async fn a_transfer_at_the_moment_of_freezing_is_whole_or_refused(app: TestApp) {
    for _ in 0..ROUNDS {
        let (ada, bob) = (app.open("Ada", 1).await, app.open("Bob", 0).await);
        let (frozen, transfer) = tokio::join!(
            app.change(&bob, "freeze", None),
            app.transfer(&ada, &bob, 1)
        );
        assert_eq!(frozen.status, 200, "{frozen:?}");
        let balances = (app.balance(&ada).await, app.balance(&bob).await);
        if transfer.status == 201 {
            assert_eq!(balances, (0, 1));
        } else {
            assert_eq!(transfer.problem(), (409, "account-state"));
            assert_eq!(balances, (1, 0));
        }
        let later = app.transfer(&bob, &ada, 1).await;
        assert_eq!(later.problem(), (409, "account-state"));
    }
}

async fn an_account_is_never_closed_with_money_on_it(app: TestApp) {
    for _ in 0..ROUNDS {
        let (ada, bob) = (app.open("Ada", 1).await, app.open("Bob", 0).await);
        let (closed, transfer) = tokio::join!(app.close(&bob, None), app.transfer(&ada, &bob, 1));
        if transfer.status == 201 {
            assert_eq!(closed.problem(), (409, "balance-not-zero"));
        } else {
            assert_eq!(transfer.problem(), (409, "account-state"));
            assert_eq!(closed.status, 204, "{closed:?}");
        }
        assert_eq!(app.balance(&ada).await + app.balance(&bob).await, 1);
    }
}

async fn of_two_equal_changes_of_state_one_is_made(app: TestApp) {
    for _ in 0..ROUNDS {
        let id = app.open("Ada", 0).await;
        for (change, expected) in [("freeze", 200), ("unfreeze", 200), ("close", 204)] {
            let make = async || match change {
                "close" => app.close(&id, None).await,
                other => app.change(&id, other, None).await,
            };
            let (one, other) = tokio::join!(make(), make());
            let mut statuses = [one.status, other.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [expected, 409], "{change}: {one:?} {other:?}");
        }
    }
}
