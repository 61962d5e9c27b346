// sample: file

//! What is out of reach is not there.

use app::services::{
    AccountService, AccountServiceError, ExpectedVersion, NewAccount,
    Reach::{self, Everything},
    TransferOrder, TransferServiceError,
};
use domain::{Account, AccountError, AccountId, Owner, TransferError};
use ports::{AccountField, Filter, PageRequest};

use super::book::{Book, money, nobody};

fn own(name: &str) -> Reach {
    Reach::OwnedBy(Owner::new(name).unwrap())
}

/// The failure of each use case that is given an account.
async fn refusals(accounts: &AccountService, reach: &Reach, id: AccountId) -> Vec<String> {
    let (any, none) = (ExpectedVersion::Any, ExpectedVersion::OneOf(vec![]));
    let me = Owner::new("Bob").unwrap();
    let tried = [
        accounts.find(reach, id).await,
        accounts.rename(reach, id, &any, &me).await,
        accounts.rename(reach, id, &none, &me).await,
        accounts.freeze(reach, id, &none).await,
        accounts.unfreeze(reach, id, &any).await,
        accounts.close(reach, id, &any).await,
    ];
    let text = |tried: Result<Account, AccountServiceError>| match tried {
        Err(error @ AccountServiceError::Account(AccountError::UnknownAccount { .. })) => {
            error.to_string().replace(&id.to_string(), "ID")
        }
        other => format!("{other:?}"),
    };
    tried.into_iter().map(text).collect()
}

#[tokio::test]
async fn an_account_of_another_is_as_one_that_is_not_there() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 5).await, own("Bob"));
    book.accounts
        .freeze(&Everything, ada.id(), &ExpectedVersion::Any)
        .await
        .unwrap();

    let others = refusals(&book.accounts, &bob, ada.id()).await;
    let absent = refusals(&book.accounts, &bob, nobody()).await;

    assert_eq!(others, absent);
    assert_eq!(others, vec!["account ID does not exist"; 6]);
    assert_eq!(
        book.accounts
            .find(&own("Ada"), ada.id())
            .await
            .unwrap()
            .version()
            .get(),
        2
    );
}

#[tokio::test]
async fn nobody_opens_an_account_for_others_or_gives_them_one() {
    let book = Book::new();
    let bob = own("Bob");
    let bobs = book.open("Bob", 0).await;
    let new = || NewAccount {
        owner: Owner::new("Ada").unwrap(),
        opening_balance: money(0, "EUR"),
    };
    let ada = Owner::new("Ada").unwrap();

    let opened = book.accounts.open(&bob, new()).await;
    let all = book.accounts.open_all(&bob, [new()], |_| {}).await;
    let given = book
        .accounts
        .rename(&bob, bobs.id(), &ExpectedVersion::Any, &ada)
        .await;
    let given_by_all = book
        .accounts
        .rename(&bob, nobody(), &ExpectedVersion::Any, &ada)
        .await;

    assert!(matches!(opened, Err(AccountServiceError::OtherOwner)));
    assert!(matches!(all, Err(AccountServiceError::OtherOwner)));
    assert!(matches!(given, Err(AccountServiceError::OtherOwner)));
    assert!(matches!(given_by_all, Err(AccountServiceError::OtherOwner)));
    assert_eq!(book.accounts.count(&Everything).await.unwrap(), 1);
}

#[tokio::test]
async fn lists_counts_and_totals_have_what_is_within_reach() {
    let book = Book::new();
    book.open("Ada", 5).await;
    let bobs = book.open("Bob", 7).await;
    let (ada, bob) = (own("Ada"), own("Bob"));
    let page = PageRequest::number(1, 10).unwrap();

    let found = book.accounts.list(&bob, &[], &[], &page).await.unwrap();
    assert_eq!((found.items, found.total), (vec![bobs], Some(1)));
    let of_ada = [Filter::equal(AccountField::Owner, "Ada")];
    let found = book.accounts.list(&bob, &of_ada, &[], &page).await.unwrap();
    assert_eq!((found.items, found.total), (vec![], Some(0)));
    assert_eq!(book.accounts.count(&ada).await.unwrap(), 1);
    let totals = book.accounts.totals(&bob, |_| {}).await.unwrap();
    assert_eq!(
        totals.values().map(|total| total.sum).collect::<Vec<_>>(),
        [7]
    );
}

#[tokio::test]
async fn money_moves_between_accounts_within_reach_alone() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 10).await, book.open("Bob", 10).await);
    let amount = money(1, "EUR");
    let transfer = async |from: &Account, to: &Account| {
        let (from, to) = (from.id(), to.id());
        let order = TransferOrder { from, to, amount };
        book.transfers.transfer(&own("Bob"), order).await
    };

    for (from, to) in [(&ada, &bob), (&bob, &ada)] {
        let refused = transfer(from, to).await;
        assert!(matches!(
            refused,
            Err(TransferServiceError::Transfer(TransferError::UnknownAccount { account }))
                if account == ada.id()
        ));
    }
    let second = book.open("Bob", 0).await;
    assert!(transfer(&bob, &second).await.is_ok());
}

#[tokio::test]
async fn a_transfer_is_seen_by_the_owners_of_its_accounts() {
    let book = Book::new();
    let (ada, bob) = (book.open("Ada", 10).await, book.open("Bob", 0).await);
    let transfer = book.pay(&ada, &bob, 3).await.unwrap();
    let page = PageRequest::first(10).unwrap();
    for (name, account) in [("Ada", &ada), ("Bob", &bob)] {
        let reach = own(name);
        let found = book.transfers.find(&reach, transfer.id()).await.unwrap();
        assert_eq!(found, Some(transfer), "{name}");
        let listed = book
            .transfers
            .list_by_account(&reach, account.id(), &page)
            .await;
        assert_eq!(listed.unwrap().items, [transfer], "{name}");
    }
    let cleo = own("Cleo");
    assert_eq!(
        book.transfers.find(&cleo, transfer.id()).await.unwrap(),
        None
    );
    let listed = book.transfers.list_by_account(&cleo, ada.id(), &page).await;
    assert!(matches!(
        listed,
        Err(TransferServiceError::Account(
            AccountError::UnknownAccount { .. }
        ))
    ));
}
