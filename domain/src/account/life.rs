//! What happens to an account between opening and closing, money apart.

use chrono::{DateTime, Utc};

use super::{Account, AccountError, AccountStatus};
use crate::Owner;

/// Every change takes the account and gives back the changed one, so that after a refusal there
/// is no half-changed account left to save by mistake.
impl Account {
    /// Gives the account another owner. Frozen accounts may be renamed: freezing stops money, not
    /// corrections. Fails with [`AccountError::Closed`].
    pub fn rename(self, owner: Owner, now: DateTime<Utc>) -> Result<Self, AccountError> {
        if self.status == AccountStatus::Closed {
            return Err(AccountError::Closed);
        }
        Ok(Self {
            owner,
            updated_at: now,
            ..self
        })
    }

    /// Stops all transfers. Fails with [`AccountError::AlreadyFrozen`] or
    /// [`AccountError::Closed`].
    pub fn freeze(self, now: DateTime<Utc>) -> Result<Self, AccountError> {
        let status = self.status.freeze()?;
        Ok(Self {
            status,
            updated_at: now,
            ..self
        })
    }

    /// Allows transfers again. Fails with [`AccountError::NotFrozen`] or
    /// [`AccountError::Closed`].
    pub fn unfreeze(self, now: DateTime<Utc>) -> Result<Self, AccountError> {
        let status = self.status.unfreeze()?;
        Ok(Self {
            status,
            updated_at: now,
            ..self
        })
    }

    /// Ends the account. Fails with [`AccountError::Closed`], with [`AccountError::Frozen`] (it
    /// has to be unfrozen first, see [`AccountStatus`]), or with
    /// [`AccountError::BalanceNotZero`]; the status is looked at before the balance.
    pub fn close(self, now: DateTime<Utc>) -> Result<Self, AccountError> {
        let status = self.status.close()?;
        if !self.balance.is_zero() {
            return Err(AccountError::BalanceNotZero {
                balance: self.balance,
            });
        }
        Ok(Self {
            status,
            updated_at: now,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{TestResult, account, at, money};
    use super::*;

    #[test]
    fn a_change_touches_its_field_and_the_time_but_not_the_version() -> TestResult {
        let before = account(1, 500, "EUR")?;
        let owner = Owner::new("Grace Hopper")?;

        let renamed = before.clone().rename(owner.clone(), at(1))?;
        assert_eq!(
            renamed,
            Account {
                owner,
                updated_at: at(1),
                ..before.clone()
            }
        );

        let frozen = before.clone().freeze(at(2))?;
        let status = AccountStatus::Frozen;
        assert_eq!(
            frozen,
            Account {
                status,
                updated_at: at(2),
                ..before.clone()
            }
        );

        let unfrozen = frozen.unfreeze(at(3))?;
        assert_eq!(
            unfrozen,
            Account {
                updated_at: at(3),
                ..before
            }
        );
        Ok(())
    }

    #[test]
    fn a_frozen_account_may_be_renamed() -> TestResult {
        let frozen = account(1, 0, "EUR")?.freeze(at(1))?;
        assert!(frozen.rename(Owner::new("Grace Hopper")?, at(2)).is_ok());
        Ok(())
    }

    #[test]
    fn an_account_is_frozen_once_and_unfrozen_once() -> TestResult {
        let active = account(1, 0, "EUR")?;
        assert_eq!(active.clone().unfreeze(at(1)), Err(AccountError::NotFrozen));
        let frozen = active.freeze(at(1))?;
        assert_eq!(frozen.freeze(at(2)), Err(AccountError::AlreadyFrozen));
        Ok(())
    }

    #[test]
    fn only_an_empty_active_account_can_be_closed() -> TestResult {
        let balance = money(1, "EUR")?;
        assert_eq!(
            account(1, 1, "EUR")?.close(at(1)),
            Err(AccountError::BalanceNotZero { balance })
        );
        let frozen = account(1, 1, "EUR")?.freeze(at(1))?;
        assert_eq!(frozen.close(at(2)), Err(AccountError::Frozen));

        let closed = account(1, 0, "EUR")?.close(at(3))?;
        assert_eq!(closed.status(), AccountStatus::Closed);
        assert_eq!(closed.updated_at(), at(3));
        Ok(())
    }

    #[test]
    fn a_closed_account_does_not_change() -> TestResult {
        let closed = account(1, 0, "EUR")?.close(at(1))?;
        let owner = Owner::new("Grace Hopper")?;
        for refused in [
            closed.clone().rename(owner, at(2)),
            closed.clone().freeze(at(2)),
            closed.clone().unfreeze(at(2)),
            closed.close(at(2)),
        ] {
            assert_eq!(refused, Err(AccountError::Closed));
        }
        Ok(())
    }
}
