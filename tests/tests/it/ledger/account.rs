use domain::{Account, AccountSnapshot, AccountStatus, Owner, Version};
use ports::{AccountField, Atomic as _, DatabaseError, Filter, PageRequest, Sort};

use super::{TestLedger, account, account_id, second};

async fn what_was_added_is_found(ledger: TestLedger) {
    let added = ledger.open(1, "Ada", 500).await;
    assert_eq!(ledger.accounts.find(added.id()).await.unwrap(), Some(added));
    assert_eq!(ledger.accounts.find(account_id(2)).await.unwrap(), None);
}

async fn an_id_is_used_once(ledger: TestLedger) {
    let added = ledger.open(1, "Ada", 500).await;
    let twice = ledger.accounts.add(&account(1, "Bob", 1)).await;
    assert!(
        matches!(twice, Err(DatabaseError::UniqueViolation(_))),
        "{twice:?}"
    );
    assert_eq!(ledger.accounts.find(added.id()).await.unwrap(), Some(added));
}

async fn a_save_stores_the_account_and_its_next_version(ledger: TestLedger) {
    let added = ledger.open(1, "Ada", 500).await;
    let frozen = added.clone().freeze(second(60)).unwrap();
    let frozen = frozen
        .rename(Owner::new("Eve").unwrap(), second(61))
        .unwrap();
    let saved = ledger.accounts.save(&frozen).await.unwrap();
    let expected = Account::restore(AccountSnapshot {
        id: added.id(),
        owner: Owner::new("Eve").unwrap(),
        balance: added.balance(),
        status: AccountStatus::Frozen,
        version: Version::new(2).unwrap(),
        created_at: added.created_at(),
        updated_at: second(61),
    });
    assert_eq!(saved, expected.unwrap());
    assert_eq!(ledger.accounts.find(added.id()).await.unwrap(), Some(saved));
}

async fn a_save_of_what_somebody_else_changed_is_a_conflict(ledger: TestLedger) {
    let read = ledger.open(1, "Ada", 500).await;
    let changed = ledger
        .accounts
        .save(&read.clone().freeze(second(2)).unwrap())
        .await
        .unwrap();
    let late = ledger.accounts.save(&read).await;
    match late {
        Err(DatabaseError::Conflict { id, .. }) => assert_eq!(id, read.id().to_string()),
        other => panic!("{other:?}"),
    }
    let nobody = ledger.accounts.save(&account(9, "Nobody", 0)).await;
    assert!(
        matches!(nobody, Err(DatabaseError::Conflict { .. })),
        "{nobody:?}"
    );
    assert_eq!(
        ledger.accounts.find(read.id()).await.unwrap(),
        Some(changed)
    );
}

async fn an_account_is_locked_only_inside_of_a_unit_of_work(ledger: TestLedger) {
    let added = ledger.open(1, "Ada", 500).await;
    let outside = ledger.accounts.lock(added.id()).await;
    assert!(
        matches!(outside, Err(DatabaseError::OutsideUnitOfWork(_))),
        "{outside:?}"
    );
    let locked = ledger.unit_of_work.atomic(|| async {
        assert_eq!(ledger.accounts.lock(account_id(2)).await?, None);
        ledger.accounts.lock(added.id()).await
    });
    assert_eq!(locked.await.unwrap(), Some(added.clone()));
}

async fn many_are_locked_in_the_order_of_their_ids(ledger: TestLedger) {
    let mut open = Vec::new();
    for number in [3, 1, 2] {
        open.push(ledger.open(number, "Ada", 500).await);
    }
    let ids = [3, 9, 1, 3].map(account_id);
    let outside = ledger.accounts.lock_many(&ids).await;
    assert!(
        matches!(outside, Err(DatabaseError::OutsideUnitOfWork(_))),
        "{outside:?}"
    );
    let locked = ledger.unit_of_work.atomic(|| async {
        assert_eq!(ledger.accounts.lock_many(&[]).await?, []);
        assert_eq!(ledger.accounts.lock_many(&[account_id(9)]).await?, []);
        ledger.accounts.lock_many(&ids).await
    });
    assert_eq!(
        locked.await.unwrap(),
        [open[1].clone(), open[0].clone()],
        "each that is there, once"
    );
}

async fn a_unit_of_work_that_fails_stores_nothing(ledger: TestLedger) {
    let undone = ledger.unit_of_work.atomic(|| async {
        ledger.open(1, "Ada", 500).await;
        assert!(ledger.accounts.find(account_id(1)).await?.is_some());
        Err::<(), _>(DatabaseError::invalid_query("undo"))
    });
    undone.await.unwrap_err();
    assert_eq!(ledger.accounts.find(account_id(1)).await.unwrap(), None);
}

async fn many_are_added_as_they_are_or_none(ledger: TestLedger) {
    let mut others = Vec::new();
    for number in 1..=3 {
        others.push(account(number, "Ada", 0));
    }
    let frozen = others[1].clone().freeze(second(60)).unwrap();
    let closed = others[2].clone().close(second(90)).unwrap();
    let accounts = [others[0].clone(), frozen, closed];
    ledger.accounts.add_many(&accounts).await.unwrap();
    for added in &accounts {
        let found = ledger.accounts.find(added.id()).await.unwrap();
        assert_eq!(found.as_ref(), Some(added));
    }
    assert_eq!(ledger.accounts.count(&[]).await.unwrap(), 2);

    let twice = [account(4, "Bob", 1), others[0].clone()];
    let refused = ledger.accounts.add_many(&twice).await;
    let is_named = matches!(refused, Err(DatabaseError::UniqueViolation(_)));
    assert!(is_named, "{refused:?}");
    assert_eq!(ledger.accounts.count(&[]).await.unwrap(), 2);
}

async fn closed_accounts_are_found_but_not_listed(ledger: TestLedger) {
    let open = ledger.open(1, "Ada", 0).await;
    ledger.open(2, "Bob", 5).await;
    let closed = ledger
        .accounts
        .save(&open.close(second(60)).unwrap())
        .await
        .unwrap();
    assert_eq!(closed.status(), AccountStatus::Closed);
    assert_eq!(
        ledger.accounts.find(closed.id()).await.unwrap(),
        Some(closed.clone())
    );
    assert_eq!(owners(&ledger, &[], &[]).await, ["Bob"]);
    assert_eq!(ledger.accounts.count(&[]).await.unwrap(), 1);
    let asked = [Filter::equal(AccountField::Status, "closed")];
    assert_eq!(ledger.accounts.count(&asked).await.unwrap(), 0);
    let locked = ledger
        .unit_of_work
        .atomic(|| ledger.accounts.lock(closed.id()));
    assert_eq!(locked.await.unwrap(), Some(closed.clone()));
}

/// The owners on the first page, which both kinds of page must agree on.
async fn owners(
    ledger: &TestLedger,
    filters: &[Filter<AccountField>],
    sort: &[Sort<AccountField>],
) -> Vec<String> {
    let list = |page| async move { ledger.accounts.list(filters, sort, &page).await.unwrap() };
    let by_key = list(PageRequest::first(100).unwrap()).await;
    let by_number = list(PageRequest::number(1, 100).unwrap()).await;
    assert_eq!(by_key.items, by_number.items);
    assert_eq!((by_key.total, by_key.next), (None, None));
    assert_eq!(by_number.total, Some(by_number.items.len() as u64));
    assert_eq!(
        ledger.accounts.count(filters).await.unwrap(),
        by_number.items.len() as u64
    );
    by_key
        .items
        .iter()
        .map(|account| account.owner().as_str().to_owned())
        .collect()
}

async fn lists_are_filtered_and_sorted(ledger: TestLedger) {
    use AccountField::{Balance, CreatedAt, Currency, Id, Owner, Status};

    for (number, (owner, balance)) in (1..).zip([("Ada", 5), ("bob", 7), ("Eve_", 5), ("Eva", 9)]) {
        ledger.open(number, owner, balance).await;
    }
    assert_eq!(
        owners(&ledger, &[], &[]).await,
        ["Eva", "Eve_", "bob", "Ada"]
    );
    let by_balance = [Sort::ascending(Balance), Sort::descending(CreatedAt)];
    assert_eq!(
        owners(&ledger, &[], &by_balance).await,
        ["Eve_", "Ada", "bob", "Eva"]
    );
    let oldest = [Sort::ascending(CreatedAt)];
    let cases = [
        (Filter::equal(Owner, "Ada"), vec!["Ada"]),
        (Filter::greater_than(Balance, 5), vec!["bob", "Eva"]),
        (Filter::in_list(Balance, [5, 9]), vec!["Ada", "Eve_", "Eva"]),
        (Filter::ends_with(Owner, "_"), vec!["Eve_"]),
        (Filter::starts_with(Owner, "Ev"), vec!["Eve_", "Eva"]),
        (Filter::ilike(Owner, "BO%"), vec!["bob"]),
        (Filter::like(Owner, "BO%"), vec![]),
        (
            Filter::not_equal(Id, account_id(1).as_uuid()),
            vec!["bob", "Eve_", "Eva"],
        ),
        (
            Filter::less_than_or_equal(CreatedAt, second(2)),
            vec!["Ada", "bob"],
        ),
        (Filter::equal(Currency, "USD"), vec![]),
        (
            Filter::not_in_list(Status, ["frozen"]),
            vec!["Ada", "bob", "Eve_", "Eva"],
        ),
        (Filter::is_null(Owner), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            owners(&ledger, std::slice::from_ref(&filter), &oldest).await,
            expected,
            "{filter:?}"
        );
    }
    let misfit = ledger
        .accounts
        .count(&[Filter::equal(Balance, "much")])
        .await;
    assert!(
        matches!(misfit, Err(DatabaseError::InvalidQuery(_))),
        "{misfit:?}"
    );
}

async fn lists_go_on_by_cursor(ledger: TestLedger) {
    for number in 1..=7 {
        ledger.open(number, "Ada", i64::from(number % 2)).await;
    }
    let sort = [Sort::descending(AccountField::Balance)];
    let mut page = PageRequest::first(3).unwrap();
    let mut walked = Vec::new();
    loop {
        let found = ledger.accounts.list(&[], &sort, &page).await.unwrap();
        walked.extend(found.items.iter().map(Account::id));
        let Some(next) = found.next else { break };
        page = PageRequest::after(next.clone(), 3).unwrap();
        let other_sort = ledger.accounts.list(&[], &[], &page).await;
        assert!(
            matches!(other_sort, Err(DatabaseError::InvalidQuery(_))),
            "{other_sort:?}"
        );
    }
    assert_eq!(walked, [7, 5, 3, 1, 6, 4, 2].map(account_id));
}

on_every_ledger!(
    what_was_added_is_found,
    an_id_is_used_once,
    a_save_stores_the_account_and_its_next_version,
    a_save_of_what_somebody_else_changed_is_a_conflict,
    an_account_is_locked_only_inside_of_a_unit_of_work,
    many_are_locked_in_the_order_of_their_ids,
    a_unit_of_work_that_fails_stores_nothing,
    closed_accounts_are_found_but_not_listed,
    many_are_added_as_they_are_or_none,
    lists_are_filtered_and_sorted,
    lists_go_on_by_cursor,
);
