//! What all accounts hold together.

use std::collections::BTreeMap;

use domain::{Account, AccountStatus, Currency};
use ports::{
    AccountField, Atomic as _, DatabaseError, Isolation, PageRequest, Sort, UnitOfWorkOptions,
    query::MAX_PAGE_SIZE,
};

use super::{AccountService, AccountServiceError};
use crate::services::Reach;

/// What the accounts of one currency hold together. Closed accounts hold nothing, and are not
/// counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many are active.
    pub active: u64,
    /// How many are frozen.
    pub frozen: u64,
    /// The sum of their balances, in minor units. It may be more than one account could hold.
    pub sum: i128,
}

impl AccountService {
    /// The totals of each currency within reach, by its code, as of one moment: transfers that
    /// happen meanwhile are either all in or all out. `seen` is told how many accounts more have been
    /// looked at, page by page.
    pub async fn totals(
        &self,
        reach: &Reach,
        seen: impl Fn(u64) + Send + Sync,
    ) -> Result<BTreeMap<Currency, Totals>, AccountServiceError> {
        let one_moment = UnitOfWorkOptions::new()
            .isolation(Isolation::RepeatableRead)
            .read_only();
        let (seen, within) = (&seen, &reach.narrow(&[]));
        self.unit_of_work
            .atomic_with(one_moment, || async move {
                let mut totals = BTreeMap::new();
                let mut page = PageRequest::first(MAX_PAGE_SIZE)?;
                loop {
                    let by_id = [Sort::ascending(AccountField::Id)];
                    let found = self.accounts.list(within, &by_id, &page).await?;
                    for account in &found.items {
                        add(&mut totals, account);
                    }
                    seen(u64::try_from(found.items.len()).unwrap_or(u64::MAX));
                    match found.next {
                        Some(cursor) => page = PageRequest::after(cursor, MAX_PAGE_SIZE)?,
                        None => return Ok(totals),
                    }
                }
            })
            .await
    }

    /// How many accounts [`totals`](Self::totals) has to look at.
    pub async fn count(&self, reach: &Reach) -> Result<u64, DatabaseError> {
        self.accounts.count(&reach.narrow(&[])).await
    }
}

fn add(totals: &mut BTreeMap<Currency, Totals>, account: &Account) {
    let entry = totals.entry(account.currency()).or_default();
    match account.status() {
        AccountStatus::Active => entry.active += 1,
        AccountStatus::Frozen => entry.frozen += 1,
        AccountStatus::Closed => {}
    }
    entry.sum += i128::from(account.balance().minor());
}
