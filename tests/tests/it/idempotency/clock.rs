//! A service whose clock is wrong, among others that share the keys with it.

use std::time::Duration;

use ports::{Atomic as _, Claim, Claimed, DatabaseError};
use sea_orm::entity::prelude::Uuid;

use super::keys::{TTL, TestKeys, at, claim, id, key};

const YEAR: Duration = Duration::from_hours(365 * 24);

#[tokio::test]
async fn a_clock_that_is_ahead_forgets_no_key() {
    let keys = TestKeys::postgres("read-committed").await;
    assert_eq!(keys.claim("k", "pay 5", 1).await, Ok(Claimed::First));

    let name = key("k");
    let ahead = Claim {
        now: at(0) + YEAR,
        expires_at: at(TTL) + YEAR,
        ..claim("", &name, "pay 5", 2, 0)
    };
    let again = keys.unit_of_work.atomic(|| keys.run(&ahead)).await;
    assert_eq!(repeated(again), Some(id(1)));
    let removed = keys.keys.remove_expired(at(0) + YEAR, 10).await;
    assert_eq!(removed.unwrap(), 0);
}

#[tokio::test]
async fn a_key_that_was_taken_by_a_clock_that_is_behind_counts_for_as_long() {
    let keys = TestKeys::postgres("read-committed").await;
    let name = key("k");
    let behind = Claim {
        now: at(0) - YEAR,
        expires_at: at(TTL) - YEAR,
        ..claim("", &name, "pay 5", 1, 0)
    };
    let first = keys.unit_of_work.atomic(|| keys.run(&behind)).await;
    assert!(matches!(first, Ok(Claimed::First)), "{first:?}");

    let again = keys.claim_at(TTL - 1, "k", "pay 5", 2).await;
    assert_eq!(again, Ok(Claimed::Repeated { result: id(1) }));
    let again = keys.claim_at(TTL, "k", "pay 5", 2).await;
    assert_eq!(again, Ok(Claimed::First));
}

fn repeated(claimed: Result<Claimed, DatabaseError>) -> Option<Uuid> {
    match claimed {
        Ok(Claimed::Repeated { result }) => Some(result),
        _ => None,
    }
}
