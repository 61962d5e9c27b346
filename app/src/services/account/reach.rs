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

    /// Those of the accounts with these ids that are within reach, in the order of the ids and
    /// locked, if all of them are; else none of them is locked.
    pub(in crate::services) async fn lock_many(
        &self,
        accounts: &dyn Accounts,
        ids: &[AccountId],
    ) -> Result<Vec<Account>, DatabaseError> {
        let mut seen = Vec::new();
        if matches!(self, Self::OwnedBy(_)) {
            for id in ids {
                seen.extend(self.find(accounts, *id).await?);
            }
            if seen.len() < ids.len() {
                return Ok(seen);
            }
        }
        let mut locked = accounts.lock_many(ids).await?;
        // Again: they may have been given away since.
        locked.retain(|account| self.covers(account.owner()));
        Ok(locked)
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
