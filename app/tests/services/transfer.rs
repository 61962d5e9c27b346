use app::services::{Reach::Everything, TransferOrder, TransferServiceError};
use domain::{TransferError, TransferId};
use ports::{Atomic as _, DatabaseError, PageRequest};

use super::book::{Book, money, nobody};

#[tokio::test]
async fn a_transfer_moves_money_and_is_recorded() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 500).await, book.open("Bob", 0).await);

    let transfer = book.pay(&ada, &bob, 120).await.unwrap();

    assert_eq!(book.balance(ada.id()).await, 380);
    assert_eq!(book.balance(bob.id()).await, 120);
    assert_eq!(
        book.transfers
            .find(&Everything, transfer.id())
            .await
            .unwrap(),
        Some(transfer)
    );
    for account in [&ada, &bob] {
        let page = PageRequest::first(10).unwrap();
        let listed = book
            .transfers
            .list_by_account(&Everything, account.id(), &page)
            .await
            .unwrap();
        assert_eq!(listed.items, [transfer]);
    }
}

#[tokio::test]
async fn a_refused_transfer_changes_nothing() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 100).await, book.open("Bob", 0).await);

    let refused = book.pay(&ada, &bob, 101).await;

    assert!(matches!(
        refused,
        Err(TransferServiceError::Transfer(
            TransferError::InsufficientFunds { .. }
        ))
    ));
    assert_eq!(
        (book.balance(ada.id()).await, book.balance(bob.id()).await),
        (100, 0)
    );
    assert_eq!(
        book.accounts.find(&Everything, ada.id()).await.unwrap(),
        ada
    );
}

#[tokio::test]
async fn what_can_not_be_right_is_refused_before_accounts_are_looked_at() {
    let book = Book::new();
    let order = TransferOrder {
        from: nobody(),
        to: nobody(),
        amount: money(1, "EUR"),
    };
    assert!(matches!(
        book.transfers.transfer(&Everything, order).await,
        Err(TransferServiceError::Transfer(TransferError::SameAccount))
    ));
}

#[tokio::test]
async fn an_absent_account_is_named() {
    let book = Book::new();
    let ada = book.open("Ada", 100).await;
    let amount = money(1, "EUR");
    for (from, to) in [(ada.id(), nobody()), (nobody(), ada.id())] {
        let refused = book
            .transfers
            .transfer(&Everything, TransferOrder { from, to, amount })
            .await;
        assert!(matches!(
            refused,
            Err(TransferServiceError::Transfer(TransferError::UnknownAccount { account }))
                if account == nobody()
        ));
    }
    let page = PageRequest::first(10).unwrap();
    assert!(
        book.transfers
            .list_by_account(&Everything, nobody(), &page)
            .await
            .is_err()
    );
    let id = TransferId::new(nobody().as_uuid());
    assert_eq!(book.transfers.find(&Everything, id).await.unwrap(), None);
}

#[tokio::test]
async fn opposite_transfers_at_once_all_happen() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 1000).await, book.open("Bob", 1000).await);

    let there = futures_util::future::join_all((0..50).map(|_| book.pay(&ada, &bob, 7)));
    let back = futures_util::future::join_all((0..50).map(|_| book.pay(&bob, &ada, 5)));
    let (there, back) = tokio::join!(there, back);

    assert!(there.iter().chain(&back).all(Result::is_ok));
    assert_eq!(
        (book.balance(ada.id()).await, book.balance(bob.id()).await),
        (900, 1100)
    );
}

#[tokio::test]
async fn a_transfer_takes_part_in_the_unit_of_work_around_it() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 10).await, book.open("Bob", 0).await);

    let undone: Result<(), DatabaseError> = book
        .unit_of_work
        .atomic(|| async {
            book.pay(&ada, &bob, 4).await.unwrap();
            assert!(book.pay(&ada, &bob, 7).await.is_err());
            assert_eq!(book.balance(bob.id()).await, 4);
            Err(DatabaseError::invalid_query("changed my mind"))
        })
        .await;

    assert!(undone.is_err());
    assert_eq!(
        (book.balance(ada.id()).await, book.balance(bob.id()).await),
        (10, 0)
    );
}
