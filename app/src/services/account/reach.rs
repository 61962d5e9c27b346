//! Accounts within reach, and no others.

use domain::{Account, AccountId};
use ports::{AccountField, Accounts, DatabaseError, Filter};

use crate::services::Reach;

impl Reach {
    /// The account with this id, if it is within reach.
    pub(in crate::services) async fn find(
        &self,
        accounts: &dyn Accounts,
        id: AccountId,
    ) -> Result<Option<Account>, DatabaseError> {
        let found = accounts.find(id).await?;
        Ok(found.filter(|account| self.covers(account.owner())))
    }

    /// The same, locked. An account out of reach is never locked: a caller that waited for its
    /// lock, or made others wait for it, would notice that it is there.
    pub(in crate::services) async fn lock(
        &self,
        accounts: &dyn Accounts,
        id: AccountId,
    ) -> Result<Option<Account>, DatabaseError> {
        if matches!(self, Self::OwnedBy(_)) && self.find(accounts, id).await?.is_none() {
            return Ok(None);
        }
        let locked = accounts.lock(id).await?;
        // Again: it may have been given away since.
        Ok(locked.filter(|account| self.covers(account.owner())))
    }

    /// Both accounts, locked in the order of their ids, if both are within reach. If one is not,
    /// neither is locked, as with [`lock`](Self::lock).
    pub(in crate::services) async fn lock_both(
        &self,
        accounts: &dyn Accounts,
        [one, other]: [AccountId; 2],
    ) -> Result<Both, DatabaseError> {
        if matches!(self, Self::OwnedBy(_)) {
            // Both are looked for, whichever is missing: how long it takes tells nothing.
            let found = [
                self.find(accounts, one).await?,
                self.find(accounts, other).await?,
            ];
            match found {
                [Some(_), Some(_)] => {}
                [None, _] => return Ok(Both::Missing(one)),
                [_, None] => return Ok(Both::Missing(other)),
            }
        }
        let mut locked = accounts.lock_many(&[one, other]).await?;
        // Again: one may have been given away since.
        let mut take = |id: AccountId| {
            let is_wanted = |found: &Account| found.id() == id && self.covers(found.owner());
            let place = locked.iter().position(is_wanted)?;
            Some(locked.swap_remove(place))
        };
        Ok(match (take(one), take(other)) {
            (Some(one), Some(other)) => Both::Locked(one, other),
            (None, _) => Both::Missing(one),
            (_, None) => Both::Missing(other),
        })
    }

    /// These filters, and that of what is within reach.
    pub(super) fn narrow(&self, filters: &[Filter<AccountField>]) -> Vec<Filter<AccountField>> {
        let mut narrowed = filters.to_vec();
        if let Self::OwnedBy(owner) = self {
            narrowed.push(Filter::equal(AccountField::Owner, owner.as_str()));
        }
        narrowed
    }
}

/// What came of an attempt to lock two accounts.
pub(in crate::services) enum Both {
    /// These are they, in the order in which they were asked for.
    Locked(Account, Account),
    /// There is no such account within reach.
    Missing(AccountId),
}
