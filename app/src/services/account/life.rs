//! From freezing to closing.

use chrono::{DateTime, Utc};
use domain::{Account, AccountError, AccountId, Owner, Version};
use ports::Atomic as _;

use super::{AccountService, AccountServiceError};

/// Each change locks the account first: two changes at once happen one after the other, and
/// the second is judged by what the first has made of the account.
impl AccountService {
    /// Gives the account another owner, if it still is at the version that the caller knows.
    pub async fn rename(
        &self,
        id: AccountId,
        expected: Version,
        owner: &Owner,
    ) -> Result<Account, AccountServiceError> {
        self.change(id, |account, now| {
            let current = account.version();
            if current != expected {
                return Err(AccountServiceError::Stale {
                    account: id,
                    expected,
                    current,
                });
            }
            Ok(account.rename(owner.clone(), now)?)
        })
        .await
    }

    /// Stops all transfers from and to the account.
    pub async fn freeze(&self, id: AccountId) -> Result<Account, AccountServiceError> {
        self.change(id, |account, now| Ok(account.freeze(now)?))
            .await
    }

    /// Allows transfers again.
    pub async fn unfreeze(&self, id: AccountId) -> Result<Account, AccountServiceError> {
        self.change(id, |account, now| Ok(account.unfreeze(now)?))
            .await
    }

    /// Ends an account that holds nothing. It is out of lists then, and still found by id.
    pub async fn close(&self, id: AccountId) -> Result<Account, AccountServiceError> {
        self.change(id, |account, now| Ok(account.close(now)?))
            .await
    }

    async fn change<F>(&self, id: AccountId, change: F) -> Result<Account, AccountServiceError>
    where
        F: Fn(Account, DateTime<Utc>) -> Result<Account, AccountServiceError> + Send + Sync,
    {
        let change = &change;
        self.unit_of_work
            .atomic(|| async move {
                let found = self.accounts.lock(id).await?;
                let account = found.ok_or(AccountError::UnknownAccount { account: id })?;
                let changed = change(account, self.clock.now())?;
                Ok(self.accounts.save(&changed).await?)
            })
            .await
    }
}
