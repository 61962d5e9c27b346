use app::services::{IdempotencyError, Made, TransferServiceError};
use chrono::TimeDelta;
use domain::TransferError;
use futures_util::future::join_all;
use ports::{Atomic as _, DatabaseError};

use super::book::{Book, KEY_TTL};

#[tokio::test]
async fn the_same_order_under_one_key_is_carried_out_once() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 500).await, book.open("Bob", 0).await);

    let first = book.pay_once(("", "k"), &ada, &bob, 120).await.unwrap();
    let again = book.pay_once(("", "k"), &ada, &bob, 120).await.unwrap();

    assert!(!first.replayed);
    let value = first.value;
    assert_eq!(
        again,
        Made {
            value,
            replayed: true
        }
    );
    assert_eq!(book.balance(bob.id()).await, 120);
}

#[tokio::test]
async fn another_order_may_not_have_the_key() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 500).await, book.open("Bob", 500).await);
    book.pay_once(("", "k"), &ada, &bob, 120).await.unwrap();
    for (from, to, minor) in [(&ada, &bob, 121), (&bob, &ada, 120)] {
        let refused = book.pay_once(("", "k"), from, to, minor).await;
        assert!(matches!(
            refused,
            Err(TransferServiceError::Idempotency(IdempotencyError::Reused))
        ));
    }
    assert_eq!(book.balance(bob.id()).await, 620);
}

#[tokio::test]
async fn callers_do_not_meet_each_others_keys() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 500).await, book.open("Bob", 500).await);
    let of_ada = book.pay_once(("ada", "k"), &ada, &bob, 1).await.unwrap();
    let of_bob = book.pay_once(("bob", "k"), &bob, &ada, 2).await.unwrap();
    assert!(!of_bob.replayed);
    assert_ne!(of_ada.value.id(), of_bob.value.id());
}

#[tokio::test]
async fn a_refused_order_leaves_its_key_free() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 5).await, book.open("Bob", 100).await);
    let refused = book.pay_once(("", "k"), &ada, &bob, 6).await;
    assert!(matches!(
        refused,
        Err(TransferServiceError::Transfer(
            TransferError::InsufficientFunds { .. }
        ))
    ));
    let other = book.pay_once(("", "k"), &bob, &ada, 7).await.unwrap();
    assert!(!other.replayed);
}

#[tokio::test]
async fn what_is_undone_around_it_leaves_the_key_free() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 10).await, book.open("Bob", 0).await);
    let undone: Result<(), DatabaseError> = book
        .unit_of_work
        .atomic(|| async {
            book.pay_once(("", "k"), &ada, &bob, 4).await.unwrap();
            Err(DatabaseError::invalid_query("changed my mind"))
        })
        .await;
    assert!(undone.is_err());
    let paid = book.pay_once(("", "k"), &ada, &bob, 5).await.unwrap();
    assert!(!paid.replayed);
    assert_eq!(book.balance(bob.id()).await, 5);
}

#[tokio::test]
async fn of_many_orders_at_once_one_is_carried_out() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 500).await, book.open("Bob", 0).await);
    let all = join_all((0..32).map(|_| book.pay_once(("", "k"), &ada, &bob, 7))).await;
    let made: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(made.iter().filter(|made| !made.replayed).count(), 1);
    let first = made.first().map(|made| made.value);
    assert!(made.iter().all(|made| Some(made.value) == first));
    assert_eq!(book.balance(bob.id()).await, 7);
}

#[tokio::test]
async fn a_key_that_has_expired_is_new() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 500).await, book.open("Bob", 0).await);
    book.pay_once(("", "k"), &ada, &bob, 1).await.unwrap();
    let ttl = TimeDelta::from_std(KEY_TTL).unwrap();
    book.clock.advance(ttl - TimeDelta::microseconds(1));
    assert!(
        book.pay_once(("", "k"), &ada, &bob, 1)
            .await
            .unwrap()
            .replayed
    );
    book.clock.advance(TimeDelta::microseconds(1));
    assert!(
        !book
            .pay_once(("", "k"), &ada, &bob, 1)
            .await
            .unwrap()
            .replayed
    );
    assert_eq!(book.balance(bob.id()).await, 2);
}
