use app::services::{AccountServiceError, ExpectedVersion, Reach::Everything};
use chrono::TimeDelta;
use domain::{AccountError, AccountStatus, Owner, Version};
use ports::{AccountField, Clock as _, DatabaseError, Filter, PageRequest, Sort};

use super::book::{Book, nobody};

#[tokio::test]
async fn an_opened_account_is_found_as_it_was_opened() {
    let book = Book::new();
    let ada = book.open("Ada", 500).await;

    assert_eq!(
        book.accounts.find(&Everything, ada.id()).await.unwrap(),
        ada
    );
    assert_eq!(
        (ada.version(), ada.created_at()),
        (Version::FIRST, book.clock.now())
    );
}

#[tokio::test]
async fn an_account_is_not_opened_in_debt() {
    let refused = Book::new().try_open("Ada", -1, "EUR").await;
    assert!(matches!(
        refused,
        Err(AccountServiceError::Account(
            AccountError::NegativeOpeningBalance
        ))
    ));
}

#[tokio::test]
async fn an_absent_account_is_named() {
    let account = nobody();
    let absent = Book::new().accounts.find(&Everything, account).await;
    assert!(matches!(
        absent,
        Err(AccountServiceError::Account(AccountError::UnknownAccount { account: named }))
            if named == account
    ));
}

#[tokio::test]
async fn a_rename_needs_the_version_that_is_stored() {
    let book = Book::new();
    let ada = book.open("Ada", 0).await;
    let lovelace = Owner::new("Ada Lovelace").unwrap();
    book.clock.advance(TimeDelta::seconds(1));

    let read = ExpectedVersion::OneOf(vec![ada.version()]);
    let renamed = book
        .accounts
        .rename(&Everything, ada.id(), &read, &lovelace)
        .await
        .unwrap();
    assert_eq!((renamed.owner(), renamed.version().get()), (&lovelace, 2));
    assert_eq!(renamed.updated_at(), book.clock.now());

    let none = ExpectedVersion::OneOf(vec![]);
    for other in [&read, &none] {
        let stale = book
            .accounts
            .rename(&Everything, ada.id(), other, &lovelace)
            .await;
        assert!(
            matches!(stale, Err(AccountServiceError::Stale { current, .. }) if current.get() == 2)
        );
    }
}

#[tokio::test]
async fn a_stale_change_is_told_before_a_state_that_forbids_it() {
    let book = Book::new();
    let id = book.open("Ada", 1).await.id();
    let other = ExpectedVersion::OneOf(vec![Version::new(7).unwrap()]);
    for stale in [
        book.accounts.freeze(&Everything, id, &other).await,
        book.accounts.unfreeze(&Everything, id, &other).await,
        book.accounts.close(&Everything, id, &other).await,
    ] {
        assert!(matches!(stale, Err(AccountServiceError::Stale { .. })));
    }
}

#[tokio::test]
async fn an_account_is_frozen_unfrozen_and_closed() {
    let book = Book::new();
    let id = book.open("Ada", 0).await.id();

    assert_eq!(
        book.accounts
            .freeze(&Everything, id, &ExpectedVersion::Any)
            .await
            .unwrap()
            .status(),
        AccountStatus::Frozen
    );
    let again = book
        .accounts
        .freeze(&Everything, id, &ExpectedVersion::Any)
        .await;
    assert!(matches!(
        again,
        Err(AccountServiceError::Account(AccountError::AlreadyFrozen))
    ));
    assert_eq!(
        book.accounts
            .unfreeze(&Everything, id, &ExpectedVersion::Any)
            .await
            .unwrap()
            .status(),
        AccountStatus::Active
    );
    assert_eq!(
        book.accounts
            .close(&Everything, id, &ExpectedVersion::Any)
            .await
            .unwrap()
            .status(),
        AccountStatus::Closed
    );
    let found = book.accounts.find(&Everything, id).await.unwrap();
    assert_eq!(
        (found.status(), found.version().get()),
        (AccountStatus::Closed, 4)
    );
}

#[tokio::test]
async fn an_account_with_money_on_it_stays_open() {
    let book = Book::new();
    let id = book.open("Ada", 1).await.id();
    let refused = book
        .accounts
        .close(&Everything, id, &ExpectedVersion::Any)
        .await;
    assert!(matches!(
        refused,
        Err(AccountServiceError::Account(
            AccountError::BalanceNotZero { .. }
        ))
    ));
}

#[tokio::test]
async fn a_list_is_filtered_sorted_and_read_page_by_page() {
    let book = Book::new();
    for (owner, minor) in [("Ada", 3), ("Bob", 2), ("Cleo", 1), ("Dan", 0)] {
        book.open(owner, minor).await;
        book.clock.advance(TimeDelta::seconds(1));
    }
    let closed = book.open("Eve", 0).await;
    book.accounts
        .close(&Everything, closed.id(), &ExpectedVersion::Any)
        .await
        .unwrap();

    let page = PageRequest::first(3).unwrap();
    let first = book
        .accounts
        .list(&Everything, &[], &[], &page)
        .await
        .unwrap();
    assert_eq!(owners(&first.items), ["Dan", "Cleo", "Bob"]);
    let page = PageRequest::after(first.next.clone().unwrap(), 3).unwrap();
    let last = book
        .accounts
        .list(&Everything, &[], &[], &page)
        .await
        .unwrap();
    assert_eq!((owners(&last.items), last.next), (vec!["Ada"], None));

    let other_order = [Sort::ascending(AccountField::Balance)];
    let refused = book
        .accounts
        .list(&Everything, &[], &other_order, &page)
        .await;
    assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));

    let rich = [Filter::greater_than(AccountField::Balance, 0)];
    let second_page = PageRequest::number(2, 2).unwrap();
    let found = book
        .accounts
        .list(&Everything, &rich, &other_order, &second_page)
        .await
        .unwrap();
    assert_eq!((owners(&found.items), found.total), (vec!["Ada"], Some(3)));
}

#[tokio::test]
async fn totals_are_by_currency_without_closed_accounts() {
    let book = Book::new();
    for _ in 0..150 {
        book.open("Ada", 2).await;
    }
    let frozen = book.try_open("Bob", 7, "USD").await.unwrap();
    book.accounts
        .freeze(&Everything, frozen.id(), &ExpectedVersion::Any)
        .await
        .unwrap();
    let closed = book.open("Cleo", 0).await;
    book.accounts
        .close(&Everything, closed.id(), &ExpectedVersion::Any)
        .await
        .unwrap();

    let totals = book.accounts.totals(&Everything, |_| {}).await.unwrap();
    let lines: Vec<_> = totals
        .values()
        .map(|total| (total.active, total.frozen, total.sum))
        .collect();
    assert_eq!(lines, [(150, 0, 300), (0, 1, 7)]);
    assert_eq!(book.accounts.count(&Everything).await.unwrap(), 151);
}

#[tokio::test]
async fn totals_may_be_more_than_one_account_could_hold() {
    let book = Book::new();
    for owner in ["Ada", "Bob"] {
        book.open(owner, i64::MAX).await;
    }
    let totals = book.accounts.totals(&Everything, |_| {}).await.unwrap();
    let sums: Vec<_> = totals.values().map(|total| total.sum).collect();
    assert_eq!(sums, [2 * i128::from(i64::MAX)]);
}

fn owners(accounts: &[domain::Account]) -> Vec<&str> {
    accounts
        .iter()
        .map(|account| account.owner().as_str())
        .collect()
}
