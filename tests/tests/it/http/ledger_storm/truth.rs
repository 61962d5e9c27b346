//! What has to be true after the storm.

use std::{collections::HashSet, sync::Arc, time::Duration};

use adapters::seaorm::PoolStatus;
use tests::{TestApp, TestDatabase};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{ACCOUNTS, EACH, Known};

/// Every connection is back, is good, and is one that the server has, too.
pub(super) async fn is_whole(app: &Arc<TestApp>, database: &TestDatabase) {
    // First, for it is use that finds out which were ended.
    every_place_can_be_taken(app, database).await;
    let mut sessions = 0;
    let settled = timeout(Duration::from_secs(20), async {
        loop {
            let pool = app.pool();
            sessions = database.backend_count().await;
            if pool.idle == pool.size && pool.waiting == 0 && sessions == pool.size {
                return pool;
            }
            sleep(Duration::from_millis(50)).await;
        }
    });
    let Ok(pool) = settled.await else {
        panic!("{sessions} sessions, {:?}", app.pool());
    };
    assert!(pool.size <= pool.max_size, "{pool:?}");
    assert_eq!(pool.opened - pool.closed, pool.size as u64, "{pool:?}");
}

/// As many connections at once as there may be: no place in the pool was lost.
///
/// A connection that was ended after the last client had gone is found out by the one whom it
/// fails. From then on each of those of that time is tried before it is handed out, so that at
/// the second attempt there is nothing left that may fail.
async fn every_place_can_be_taken(app: &Arc<TestApp>, database: &TestDatabase) {
    let first = take_every_place(app, database).await;
    let Err((pool, statuses)) = first else {
        return;
    };
    let is_known = |status: &u16| matches!(status, 200 | 503);
    assert!(statuses.iter().all(is_known), "{pool:?}, {statuses:?}");
    take_every_place(app, database).await.unwrap();
}

/// Has as many requests as there are places wait for a lock, each with its connection, and lets
/// them go on when all have one. Otherwise tells how full the pool was, and what was answered.
async fn take_every_place(
    app: &Arc<TestApp>,
    database: &TestDatabase,
) -> Result<(), (PoolStatus, Vec<u16>)> {
    let max_size = app.pool().max_size;
    let mut blocker = database.connect().await;
    let lock = "BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE";
    sea_orm::sqlx::raw_sql(lock)
        .execute(&mut blocker)
        .await
        .unwrap();
    let busy: Vec<_> = (0..max_size)
        .map(|_| {
            let app = Arc::clone(app);
            tokio::spawn(async move { app.get("/v1/accounts").await.status })
        })
        .collect();
    let all_busy = timeout(Duration::from_secs(5), async {
        while app.pool().size < max_size || app.pool().idle > 0 {
            if busy.iter().any(JoinHandle::is_finished) {
                return false;
            }
            sleep(Duration::from_millis(10)).await;
        }
        true
    });
    let all_busy = all_busy.await.unwrap_or(false);
    let pool = app.pool();
    drop(blocker);
    let mut statuses = Vec::new();
    for status in busy {
        statuses.push(status.await.unwrap());
    }
    if all_busy && statuses.iter().all(|status| *status == 200) {
        return Ok(());
    }
    Err((pool, statuses))
}

pub(super) async fn money_is_what_it_was(database: &TestDatabase) {
    let sum: i64 = database
        .scalar("SELECT sum(balance)::bigint FROM accounts")
        .await;
    assert_eq!(sum, EACH * i64::try_from(ACCOUNTS).unwrap());
    // Not only the sum: each account has what its transfers make of what it began with.
    let wrong: i64 = database
        .scalar(&format!(
            "SELECT count(*) FROM accounts a WHERE balance < 0 OR balance <> {EACH} \
             + coalesce((SELECT sum(amount) FROM transfers WHERE to_account_id = a.id), 0) \
             - coalesce((SELECT sum(amount) FROM transfers WHERE from_account_id = a.id), 0)"
        ))
        .await;
    assert_eq!(wrong, 0);
}

pub(super) async fn each_accepted_one_is_stored_once(database: &TestDatabase, all: &Known) {
    let distinct: HashSet<_> = all.accepted.iter().collect();
    assert_eq!(
        distinct.len(),
        all.accepted.len(),
        "one id was answered twice"
    );
    let accepted = i64::try_from(all.accepted.len()).unwrap();
    let ids = all.accepted.join("','");
    let found: i64 = database
        .scalar(&format!(
            "SELECT count(*) FROM transfers WHERE id IN ('{ids}')"
        ))
        .await;
    assert_eq!(found, accepted);
    // What was refused was not carried out after all.
    let stored: i64 = database.scalar("SELECT count(*) FROM transfers").await;
    assert!(
        stored <= accepted + all.unclear,
        "{stored} of {accepted} + {}",
        all.unclear
    );
}

/// Orders under a key are those of odd amounts: each of them was carried out once and has its
/// key, however often it was sent, and no key is kept for one that was not.
pub(super) async fn each_key_was_used_once(database: &TestDatabase) {
    let keys: i64 = database
        .scalar("SELECT count(*) FROM idempotency_keys")
        .await;
    let moved: i64 = database
        .scalar("SELECT count(*) FROM transfers WHERE amount % 2 = 1")
        .await;
    assert!(keys > 5, "hardly a key: {keys}");
    assert_eq!(moved, keys);
    let matched: i64 = database
        .scalar(
            "SELECT count(*) FROM transfers t JOIN idempotency_keys k ON k.result = t.id \
             WHERE t.amount % 2 = 1",
        )
        .await;
    assert_eq!(matched, keys);
}
