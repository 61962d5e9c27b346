//! The repositories of the ledger.

use std::sync::Arc;

use adapters::{
    SystemClock,
    ledger::{AccountRepository, TransferRepository},
    seaorm::Backend,
};
use chrono::DateTime;
use domain::{Account, AccountId, Currency, Money, Owner, Transfer, TransferId, TransferSnapshot};
use futures_util::FutureExt as _;
use ports::{
    AccountField, Accounts as _, AddTransferError, Atomic as _, DatabaseError, Filter, PageRequest,
    TransferField, Transfers as _,
};
use uuid::Uuid;

use super::case::{Case, Stage, Step};

pub(super) fn cases<B: Backend>() -> Vec<Case<B>> {
    let mut all = accounts();
    all.extend(transfers());
    all
}

fn accounts<B: Backend>() -> Vec<Case<B>> {
    vec![
        account_case(&["AccountRepository::find"], |stage, first| {
            async move { book(stage).find(id(first)).await.map(drop) }.boxed()
        }),
        account_case(
            &["AccountRepository::lock", "AccountRepository::save"],
            |stage, first| {
                let work = move || {
                    async move {
                        let locked = book(stage).lock(id(first)).await?.unwrap();
                        let frozen = locked.freeze(DateTime::UNIX_EPOCH).unwrap();
                        book(stage).save(&frozen).await.map(drop)
                    }
                    .boxed()
                };
                async move { stage.manager.atomic(work).await }.boxed()
            },
        ),
        account_case(&["AccountRepository::lock_many"], |stage, first| {
            let work = move || {
                async move {
                    let found = book(stage).lock_many(&[id(first)]).await?;
                    assert_eq!(found.len(), 1);
                    let frozen = found[0].clone().freeze(DateTime::UNIX_EPOCH).unwrap();
                    book(stage).save(&frozen).await.map(drop)
                }
                .boxed()
            };
            async move { stage.manager.atomic(work).await }.boxed()
        }),
        account_case(&["AccountRepository::add"], |stage, first| {
            async move { book(stage).add(&account(first, 2)).await }.boxed()
        }),
        account_case(&["AccountRepository::add_many"], |stage, first| {
            async move {
                let more = [account(first, 2), account(first, 3)];
                book(stage).add_many(&more).await
            }
            .boxed()
        }),
        account_case(
            &["AccountRepository::list", "AccountRepository::count"],
            |stage, first| {
                async move {
                    let theirs = [Filter::starts_with(
                        AccountField::Owner,
                        format!("{first}-"),
                    )];
                    let page = PageRequest::first(9)?;
                    let found = book(stage).list(&theirs, &[], &page).await?;
                    assert_eq!(found.items.len(), 2);
                    assert_eq!(book(stage).count(&theirs).await?, 2);
                    Ok(())
                }
                .boxed()
            },
        ),
    ]
}

fn transfers<B: Backend>() -> Vec<Case<B>> {
    vec![
        transfer_case(&["TransferRepository::add"], |stage, first| {
            async move { history(stage).add(&transfer(first, 1)).await.map_err(flat) }.boxed()
        }),
        transfer_case(&["TransferRepository::add_many"], |stage, first| {
            async move {
                let more = [transfer(first, 1), transfer(first, 2)];
                history(stage).add_many(&more).await
            }
            .boxed()
        }),
        transfer_case(&["TransferRepository::find"], |stage, first| {
            async move {
                let found = history(stage).find(transfer(first, 0).id()).await?;
                assert!(found.is_some());
                Ok(())
            }
            .boxed()
        }),
        transfer_case(
            &["TransferRepository::list", "TransferRepository::count"],
            |stage, first| {
                async move {
                    let theirs = [Filter::equal(TransferField::From, id(first).as_uuid())];
                    let page = PageRequest::number(1, 9)?;
                    let found = history(stage).list(&theirs, &[], &page).await?;
                    assert_eq!(found.items.len(), 1);
                    assert_eq!(history(stage).count(&theirs).await?, 1);
                    Ok(())
                }
                .boxed()
            },
        ),
        transfer_case(&["TransferRepository::list_by_account"], |stage, first| {
            async move {
                let page = PageRequest::first(9)?;
                let found = history(stage).list_by_account(id(first), &page).await?;
                assert_eq!(found.items.len(), 1);
                Ok(())
            }
            .boxed()
        }),
    ]
}

fn account_case<B: Backend>(covers: &'static [&'static str], run: Step<B>) -> Case<B> {
    Case {
        covers,
        before: Some(|stage, first| {
            async move {
                let both = [account(first, 0), account(first, 1)];
                book(stage).add_many(&both).await
            }
            .boxed()
        }),
        run,
        is_apart: false,
        look: |first| {
            format!(
                "SELECT substr(owner, {}) || status || CAST(version AS text) FROM accounts \
                 WHERE owner LIKE '{first}-%'",
                first.to_string().len() + 1
            )
        },
    }
}

fn transfer_case<B: Backend>(covers: &'static [&'static str], run: Step<B>) -> Case<B> {
    Case {
        covers,
        before: Some(|stage, first| {
            async move {
                let both = [account(first, 0), account(first, 1)];
                book(stage).add_many(&both).await?;
                history(stage).add(&transfer(first, 0)).await.map_err(flat)
            }
            .boxed()
        }),
        run,
        is_apart: false,
        look: |first| {
            format!(
                "SELECT CAST(amount AS text) FROM transfers JOIN accounts ON accounts.id = \
                 from_account_id WHERE owner LIKE '{first}-%'"
            )
        },
    }
}

fn book<B: Backend>(stage: &Stage<B>) -> AccountRepository<B> {
    AccountRepository::new(stage.shared(), Arc::new(SystemClock))
}

fn history<B: Backend>(stage: &Stage<B>) -> TransferRepository<B> {
    TransferRepository::new(stage.shared())
}

pub(super) fn id(number: i64) -> AccountId {
    AccountId::new(Uuid::from_u128(number.unsigned_abs().into()))
}

pub(super) fn account(first: i64, at: i64) -> Account {
    let owner = Owner::new(format!("{first}-{at}")).unwrap();
    let balance = Money::new(100, Currency::new("EUR").unwrap());
    Account::open(id(first + at), owner, balance, DateTime::UNIX_EPOCH).unwrap()
}

pub(super) fn transfer(first: i64, at: i64) -> Transfer {
    Transfer::restore(TransferSnapshot {
        id: TransferId::new(id(first + at).as_uuid()),
        from: id(first),
        to: id(first + 1),
        amount: Money::new(at + 1, Currency::new("EUR").unwrap()),
        created_at: DateTime::UNIX_EPOCH,
    })
    .unwrap()
}

fn flat(error: AddTransferError) -> DatabaseError {
    match error {
        AddTransferError::Database(error) => error,
        other @ AddTransferError::UnknownAccount { .. } => panic!("{other:?}"),
    }
}
