//! The ledger in memory.

use adapters::memory::{Ledger, MemoryAccounts, MemoryLedger, MemoryTransfers, MemoryUnitOfWork};
use chrono::DateTime;
use futures_util::FutureExt as _;
use ports::{Accounts as _, Atomic as _, DatabaseError, PageRequest, Transfers as _};

use super::{
    ledger::{account, id, transfer},
    memory::{MemoryCase, at_every_poll},
};

#[tokio::test]
async fn an_operation_of_the_ledger_in_memory_can_be_dropped_at_every_poll() {
    let ledger = MemoryLedger::default();
    let both = [account(10, 0), account(10, 1)];
    accounts(&ledger).add_many(&both).await.unwrap();
    transfers(&ledger).add(&transfer(10, 0)).await.unwrap();
    for case in cases() {
        at_every_poll(&case, ledger.clone()).await;
    }
}

pub(super) fn cases() -> Vec<MemoryCase<Ledger>> {
    vec![
        MemoryCase {
            covers: &["MemoryAccounts::add"],
            waits: true,
            run: |ledger| async move { accounts(ledger).add(&account(10, 2)).await }.boxed(),
        },
        MemoryCase {
            covers: &["MemoryAccounts::add_many"],
            waits: true,
            run: |ledger| {
                let more = [account(10, 2), account(10, 3)];
                async move { accounts(ledger).add_many(&more).await }.boxed()
            },
        },
        MemoryCase {
            covers: &[
                "MemoryAccounts::lock",
                "MemoryAccounts::lock_many",
                "MemoryAccounts::save",
            ],
            waits: true,
            run: |ledger| {
                let work = move || {
                    async move {
                        let accounts = accounts(ledger);
                        let locked = accounts.lock(id(10)).await?.unwrap();
                        assert_eq!(accounts.lock_many(&[id(10)]).await?.len(), 1);
                        let frozen = locked.freeze(DateTime::UNIX_EPOCH).unwrap();
                        accounts.save(&frozen).await.map(drop)
                    }
                    .boxed()
                };
                let unit = MemoryUnitOfWork::new(ledger.clone());
                async move { unit.atomic(work).await }.boxed()
            },
        },
        MemoryCase {
            covers: &["MemoryTransfers::add", "MemoryTransfers::add_many"],
            waits: true,
            run: |ledger| {
                let work = move || {
                    async move {
                        let added = transfers(ledger).add(&transfer(10, 1)).await;
                        added.map_err(DatabaseError::query)?;
                        transfers(ledger).add_many(&[transfer(10, 2)]).await
                    }
                    .boxed()
                };
                let unit = MemoryUnitOfWork::new(ledger.clone());
                async move { unit.atomic(work).await }.boxed()
            },
        },
        MemoryCase {
            covers: &[
                "MemoryAccounts::find",
                "MemoryAccounts::list",
                "MemoryAccounts::count",
                "MemoryTransfers::find",
                "MemoryTransfers::list",
                "MemoryTransfers::list_by_account",
                "MemoryTransfers::count",
            ],
            waits: false,
            run: |ledger| {
                async move {
                    let page = PageRequest::first(9)?;
                    accounts(ledger).find(id(10)).await?;
                    accounts(ledger).list(&[], &[], &page).await?;
                    accounts(ledger).count(&[]).await?;
                    let history = transfers(ledger);
                    history.find(transfer(10, 0).id()).await?;
                    history.list(&[], &[], &page).await?;
                    history.list_by_account(id(10), &page).await?;
                    assert_eq!(history.count(&[]).await?, 1);
                    Ok(())
                }
                .boxed()
            },
        },
    ]
}

fn accounts(ledger: &MemoryLedger) -> MemoryAccounts {
    MemoryAccounts::new(ledger.clone())
}

fn transfers(ledger: &MemoryLedger) -> MemoryTransfers {
    MemoryTransfers::new(ledger.clone())
}
