//! The contract of idempotency keys, for every implementation of them.

/// Makes a test of each body for each implementation.
macro_rules! on_every_table {
    ($($body:ident),+ $(,)?) => {
        mod postgres {
            $(#[tokio::test]
            async fn $body() {
                super::$body(super::TestKeys::postgres("read-committed").await).await;
            })+
        }
        /// A claim that waited fails there, and its unit of work is run again.
        mod postgres_serializable {
            $(#[tokio::test]
            async fn $body() {
                super::$body(super::TestKeys::postgres("serializable").await).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $body() {
                super::$body(super::TestKeys::sqlite().await).await;
            })+
        }
        mod memory {
            $(#[tokio::test]
            async fn $body() {
                super::$body(super::TestKeys::memory()).await;
            })+
        }
    };
}

mod clock;
mod keys;
mod purge;

use futures_util::future::join_all;
use ports::{Atomic as _, Claimed, DatabaseError};

use keys::{TTL, TestKeys, claim, id, key};

on_every_table!(
    a_key_is_taken_once,
    another_request_may_not_have_the_key,
    callers_do_not_meet_each_others_keys,
    what_was_not_committed_leaves_the_key_free,
    a_key_can_be_taken_again_when_it_has_expired,
    of_many_claims_at_once_one_is_first,
    a_claim_outside_of_a_unit_of_work_is_refused,
    the_oldest_of_what_has_expired_are_removed_first,
    the_longest_key_and_the_longest_request_fit,
);

async fn a_key_is_taken_once(keys: TestKeys) {
    assert_eq!(keys.claim("k", "pay 5", 1).await, Ok(Claimed::First));
    for minute in [1, 2, 59] {
        let again = keys.claim_at(minute, "k", "pay 5", 2).await;
        assert_eq!(again, Ok(Claimed::Repeated { result: id(1) }));
    }
    assert_eq!(keys.claim("K", "pay 5", 3).await, Ok(Claimed::First));
}

async fn another_request_may_not_have_the_key(keys: TestKeys) {
    assert_eq!(keys.claim("k", "pay 5", 1).await, Ok(Claimed::First));
    assert_eq!(keys.claim("k", "pay 6", 2).await, Ok(Claimed::Reused));
    let again = keys.claim("k", "pay 5", 3).await;
    assert_eq!(again, Ok(Claimed::Repeated { result: id(1) }));
}

async fn callers_do_not_meet_each_others_keys(keys: TestKeys) {
    for (caller, result) in [("", 1), ("ada", 2), ("Ada", 3), ("bob", 4)] {
        let first = keys.claim_of(caller, 0, "k", "pay 5", result).await;
        assert_eq!(first, Ok(Claimed::First), "{caller}");
    }
    let again = keys.claim_of("ada", 0, "k", "pay 5", 9).await;
    assert_eq!(again, Ok(Claimed::Repeated { result: id(2) }));
}

async fn what_was_not_committed_leaves_the_key_free(keys: TestKeys) {
    let undone: Result<(), DatabaseError> = keys
        .unit_of_work
        .atomic(|| async {
            let first = keys.run(&claim("", &key("k"), "pay 5", 1, 0)).await?;
            assert_eq!(first, Claimed::First);
            // The unit of work sees its own.
            let again = keys.run(&claim("", &key("k"), "pay 5", 2, 0)).await?;
            assert_eq!(again, Claimed::Repeated { result: id(1) });
            Err(DatabaseError::invalid_query("changed my mind"))
        })
        .await;
    assert!(undone.is_err());
    assert_eq!(keys.claim("k", "pay 6", 3).await, Ok(Claimed::First));
}

async fn a_key_can_be_taken_again_when_it_has_expired(keys: TestKeys) {
    assert_eq!(keys.claim("k", "pay 5", 1).await, Ok(Claimed::First));
    let before = keys.claim_at(TTL - 1, "k", "pay 6", 2).await;
    assert_eq!(before, Ok(Claimed::Reused));
    let after = keys.claim_at(TTL, "k", "pay 6", 3).await;
    assert_eq!(after, Ok(Claimed::First));
    // It begins anew, with the other request.
    for (request, expected) in [
        ("pay 6", Claimed::Repeated { result: id(3) }),
        ("pay 5", Claimed::Reused),
    ] {
        let again = keys.claim_at(2 * TTL - 1, "k", request, 4).await;
        assert_eq!(again, Ok(expected));
    }
}

async fn of_many_claims_at_once_one_is_first(keys: TestKeys) {
    // Of an absent key, then of one that has expired.
    for minute in [0, TTL] {
        let claims = (0..16).map(|result| keys.claim_at(minute, "k", "pay 5", result));
        let claimed = join_all(claims).await;
        let all: Vec<_> = claimed.into_iter().map(Result::unwrap).collect();
        let is_first = |claimed: &Claimed| *claimed == Claimed::First;
        let winner = all.iter().position(is_first).unwrap() as u128;
        let result = id(winner);
        let others = all.iter().filter(|claimed| !is_first(claimed));
        let told: Vec<_> = others.copied().collect();
        assert_eq!(told, vec![Claimed::Repeated { result }; 15]);
    }
}

async fn a_claim_outside_of_a_unit_of_work_is_refused(keys: TestKeys) {
    let refused = keys.run(&claim("", &key("k"), "pay 5", 1, 0)).await;
    assert!(
        matches!(refused, Err(DatabaseError::OutsideUnitOfWork(_))),
        "{refused:?}"
    );
    assert_eq!(keys.claim("k", "pay 5", 2).await, Ok(Claimed::First));
}

async fn the_oldest_of_what_has_expired_are_removed_first(keys: TestKeys) {
    for minute in [3, 1, 4, 2, 5] {
        let name = minute.to_string();
        let first = keys.claim_at(minute, &name, "pay 5", 1).await;
        assert_eq!(first, Ok(Claimed::First));
    }
    assert_eq!(keys.remove_expired(TTL, 10).await, 0);
    assert_eq!(keys.remove_expired(TTL + 4, 2).await, 2);
    // Who was removed is told by asking at a time when all of them counted.
    for (name, expected) in [
        ("3", Claimed::Repeated { result: id(1) }),
        ("5", Claimed::Repeated { result: id(1) }),
        ("1", Claimed::First),
        ("2", Claimed::First),
    ] {
        let claimed = keys.claim_at(6, name, "pay 5", 2).await;
        assert_eq!(claimed, Ok(expected), "{name}");
    }
    assert_eq!(keys.remove_expired(TTL + 4, 10).await, 2);
    assert_eq!(keys.remove_expired(TTL + 9, 10).await, 3);
    assert_eq!(keys.remove_expired(TTL + 9, 10).await, 0);
}

async fn the_longest_key_and_the_longest_request_fit(keys: TestKeys) {
    let (name, caller) = ("~".repeat(255), "é".repeat(200));
    let request = "pay ".repeat(10_000);
    for expected in [Claimed::First, Claimed::Repeated { result: id(1) }] {
        let claimed = keys.claim_of(&caller, 0, &name, &request, 1).await;
        assert_eq!(claimed, Ok(expected));
    }
}
