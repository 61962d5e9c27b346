//! From freezing to closing.

use chrono::{DateTime, Utc};
use domain::{Account, AccountError, AccountId, Owner};
use ports::Atomic as _;

use super::{AccountService, AccountServiceError, ExpectedVersion, belongs};
use crate::services::Reach;

/// Each change locks the account first: two changes at once happen one after the other, and
/// the second is judged by what the first has made of the account. Another version than the
/// caller expects is refused before the state is looked at.
impl AccountService {
    /// Gives the account another owner.
    pub async fn rename(
        &self,
        reach: &Reach,
        id: AccountId,
        expected: &ExpectedVersion,
        owner: &Owner,
    ) -> Result<Account, AccountServiceError> {
        // Before the account is looked at: it is the same answer for any account.
        belongs(reach, owner)?;
        self.change(reach, id, expected, |account, now| {
            account.rename(owner.clone(), now)
        })
        .await
    }

    /// Stops all transfers from and to the account.
    pub async fn freeze(
        &self,
        reach: &Reach,
        id: AccountId,
        expected: &ExpectedVersion,
    ) -> Result<Account, AccountServiceError> {
        self.change(reach, id, expected, Account::freeze).await
    }

    /// Allows transfers again.
    pub async fn unfreeze(
        &self,
        reach: &Reach,
        id: AccountId,
        expected: &ExpectedVersion,
    ) -> Result<Account, AccountServiceError> {
        self.change(reach, id, expected, Account::unfreeze).await
    }

    /// Ends an account that holds nothing. It is out of lists then, and still found by id.
    pub async fn close(
        &self,
        reach: &Reach,
        id: AccountId,
        expected: &ExpectedVersion,
    ) -> Result<Account, AccountServiceError> {
        self.change(reach, id, expected, Account::close).await
    }

    async fn change<F>(
        &self,
        reach: &Reach,
        id: AccountId,
        expected: &ExpectedVersion,
        change: F,
    ) -> Result<Account, AccountServiceError>
    where
        F: Fn(Account, DateTime<Utc>) -> Result<Account, AccountError> + Send + Sync,
    {
        let change = &change;
        self.unit_of_work
            .atomic(|| async move {
                let found = reach.lock(self.accounts.as_ref(), id).await?;
                let account = found.ok_or(AccountError::UnknownAccount { account: id })?;
                let current = account.version();
                if !expected.allows(current) {
                    return Err(AccountServiceError::Stale {
                        account: id,
                        current,
                    });
                }
                let changed = change(account, self.clock.now())?;
                Ok(self.accounts.save(&changed).await?)
            })
            .await
    }
}
