use domain::TransferId;
use ports::{AddTransferError, DatabaseError, Filter, PageRequest, Sort, TransferField};
use sea_orm::entity::prelude::Uuid;

use super::{TestLedger, account_id, transfer};

async fn three_accounts(ledger: &TestLedger) {
    for number in 1..=3 {
        ledger.open(number, "Ada", 100).await;
    }
}

async fn what_was_added_is_found(ledger: TestLedger) {
    three_accounts(&ledger).await;
    let added = transfer(10, 1, 2, 5);
    ledger.transfers.add(&added).await.unwrap();
    assert_eq!(
        ledger.transfers.find(added.id()).await.unwrap(),
        Some(added)
    );
    let other = TransferId::new(Uuid::from_u128(11));
    assert_eq!(ledger.transfers.find(other).await.unwrap(), None);
}

async fn an_id_is_used_once(ledger: TestLedger) {
    three_accounts(&ledger).await;
    let added = transfer(10, 1, 2, 5);
    ledger.transfers.add(&added).await.unwrap();
    let twice = ledger.transfers.add(&transfer(10, 2, 3, 6)).await;
    let refused = matches!(
        twice,
        Err(AddTransferError::Database(DatabaseError::UniqueViolation(
            _
        )))
    );
    assert!(refused, "{twice:?}");
    assert_eq!(
        ledger.transfers.find(added.id()).await.unwrap(),
        Some(added)
    );
}

async fn the_account_that_is_unknown_is_named(ledger: TestLedger) {
    three_accounts(&ledger).await;
    for (from, to, unknown) in [(1, 8, 8), (9, 2, 9), (9, 8, 9)] {
        let refused = ledger.transfers.add(&transfer(10, from, to, 5)).await;
        match refused {
            Err(AddTransferError::UnknownAccount { account }) => {
                assert_eq!(account, account_id(unknown), "from {from} to {to}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ledger.transfers.count(&[]).await.unwrap(), 0);
}

async fn many_are_added_or_none(ledger: TestLedger) {
    three_accounts(&ledger).await;
    let good: Vec<_> = (10..1_500)
        .map(|number| transfer(number, 1, 2, 5))
        .collect();
    let dangling = [good.clone(), vec![transfer(5_000, 1, 9, 5)]].concat();
    let refused = ledger.transfers.add_many(&dangling).await;
    let is_named = matches!(refused, Err(DatabaseError::ForeignKeyViolation(_)));
    assert!(is_named, "{refused:?}");
    assert_eq!(ledger.transfers.count(&[]).await.unwrap(), 0);

    ledger.transfers.add_many(&good).await.unwrap();
    assert_eq!(ledger.transfers.count(&[]).await.unwrap(), 1_490);
    let found = ledger.transfers.find(good[7].id()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&good[7]));
}

async fn lists_show_the_newest_first(ledger: TestLedger) {
    three_accounts(&ledger).await;
    let all = [(1, 2, 5), (2, 3, 6), (3, 1, 7), (1, 3, 8)];
    for (number, (from, to, minor)) in (10..).zip(all) {
        ledger
            .transfers
            .add(&transfer(number, from, to, minor))
            .await
            .unwrap();
    }
    let page = PageRequest::number(1, 10).unwrap();
    let amounts = |page: ports::Page<domain::Transfer>| {
        let amounts = page.items.iter().map(|transfer| transfer.amount().minor());
        amounts.collect::<Vec<_>>()
    };
    let listed = ledger.transfers.list(&[], &[], &page).await.unwrap();
    assert_eq!(listed.total, Some(4));
    assert_eq!(amounts(listed), [8, 7, 6, 5]);

    let from = [Filter::equal(TransferField::From, account_id(1).as_uuid())];
    let sort = [Sort::ascending(TransferField::Amount)];
    assert_eq!(
        amounts(ledger.transfers.list(&from, &sort, &page).await.unwrap()),
        [5, 8]
    );
    assert_eq!(ledger.transfers.count(&from).await.unwrap(), 2);
}

async fn an_account_has_its_own_list(ledger: TestLedger) {
    three_accounts(&ledger).await;
    for number in 10..17 {
        let (from, to) = [(1, 2), (2, 1), (2, 3)][number as usize % 3];
        ledger
            .transfers
            .add(&transfer(number, from, to, i64::from(number)))
            .await
            .unwrap();
    }
    let mut page = PageRequest::first(2).unwrap();
    let mut walked = Vec::new();
    loop {
        let found = ledger
            .transfers
            .list_by_account(account_id(1), &page)
            .await
            .unwrap();
        walked.extend(found.items.iter().map(|transfer| transfer.amount().minor()));
        let Some(next) = found.next else { break };
        page = PageRequest::after(next, 2).unwrap();
    }
    assert_eq!(walked, [16, 15, 13, 12, 10]);
    let by_number = PageRequest::number(1, 2).unwrap();
    let found = ledger
        .transfers
        .list_by_account(account_id(1), &by_number)
        .await
        .unwrap();
    assert_eq!((found.items.len(), found.total), (2, Some(5)));
    let nobody = ledger
        .transfers
        .list_by_account(account_id(9), &by_number)
        .await
        .unwrap();
    assert_eq!(nobody.total, Some(0));
}

on_every_ledger!(
    what_was_added_is_found,
    an_id_is_used_once,
    many_are_added_or_none,
    the_account_that_is_unknown_is_named,
    lists_show_the_newest_first,
    an_account_has_its_own_list,
);
