//! Accounts: what somebody holds, in one currency.

mod error;
#[cfg(test)]
mod fixture;
mod id;
mod life;
mod snapshot;
mod status;
mod transfer;

use chrono::{DateTime, Utc};

use crate::{Currency, Money, Owner, Version};
pub use error::AccountError;
pub use id::AccountId;
pub use snapshot::AccountSnapshot;
pub use status::{AccountStatus, AccountStatusError};

/// An account. Its balance is never negative, and a closed one holds nothing.
///
/// Changes leave the [`version`](Account::version) alone: it is the version that was read, and a
/// repository's save compares it with the stored one before it stores the next.
///
/// ```
/// use chrono::DateTime;
/// use domain::{Account, AccountError, AccountId, Currency, Money, Owner};
/// use uuid::Uuid;
///
/// let balance = Money::new(500, Currency::new("EUR")?);
/// let now = DateTime::UNIX_EPOCH;
/// let id = AccountId::new(Uuid::from_u128(1));
/// let account = Account::open(id, Owner::new("Ada")?, balance, now)?;
///
/// let refused = account.close(now);
/// assert_eq!(refused, Err(AccountError::BalanceNotZero { balance }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    id: AccountId,
    owner: Owner,
    balance: Money,
    status: AccountStatus,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Account {
    /// A new, active account in the currency of its opening balance, at [`Version::FIRST`].
    /// Fails with [`AccountError::NegativeOpeningBalance`].
    pub fn open(
        id: AccountId,
        owner: Owner,
        opening_balance: Money,
        now: DateTime<Utc>,
    ) -> Result<Self, AccountError> {
        if opening_balance.is_negative() {
            return Err(AccountError::NegativeOpeningBalance);
        }
        Self::restore(AccountSnapshot {
            id,
            owner,
            balance: opening_balance,
            status: AccountStatus::Active,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        })
    }

    /// Puts an account together from its stored parts. Fails with
    /// [`AccountError::InvalidSnapshot`] when they break a rule that every account keeps.
    pub fn restore(snapshot: AccountSnapshot) -> Result<Self, AccountError> {
        let AccountSnapshot {
            id,
            owner,
            balance,
            status,
            version,
            created_at,
            updated_at,
        } = snapshot;
        let closed_with_balance = status == AccountStatus::Closed && !balance.is_zero();
        if balance.is_negative() || closed_with_balance {
            return Err(AccountError::InvalidSnapshot {
                account: id,
                status,
                balance,
            });
        }
        Ok(Self {
            id,
            owner,
            balance,
            status,
            version,
            created_at,
            updated_at,
        })
    }

    /// The identity.
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// Who it belongs to.
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// What it holds: zero or more.
    pub const fn balance(&self) -> Money {
        self.balance
    }

    /// The currency of its balance. It never changes.
    pub const fn currency(&self) -> Currency {
        self.balance.currency()
    }

    /// Where it is in its life.
    pub const fn status(&self) -> AccountStatus {
        self.status
    }

    /// The version it was read with, whatever has been changed since.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// When it was opened.
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// When it was last changed.
    pub const fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{TestResult, at, money, snapshot};
    use super::*;

    #[test]
    fn a_new_account_is_active_at_the_first_version() -> TestResult {
        let parts = snapshot(1, 500, "EUR")?;
        let account = Account::open(parts.id, parts.owner.clone(), parts.balance, at(7))?;
        assert_eq!(account.id(), parts.id);
        assert_eq!(account.owner(), &parts.owner);
        assert_eq!(account.balance(), money(500, "EUR")?);
        assert_eq!(account.currency(), Currency::new("EUR")?);
        assert_eq!(account.status(), AccountStatus::Active);
        assert_eq!(account.version(), Version::FIRST);
        assert_eq!((account.created_at(), account.updated_at()), (at(7), at(7)));
        Ok(())
    }

    #[test]
    fn an_account_may_open_empty_but_not_in_debt() -> TestResult {
        let open = |minor| -> TestResult<_> {
            let parts = snapshot(1, minor, "EUR")?;
            Ok(Account::open(parts.id, parts.owner, parts.balance, at(0)))
        };
        assert!(open(0)?.is_ok());
        assert_eq!(open(-1)?, Err(AccountError::NegativeOpeningBalance));
        Ok(())
    }

    #[test]
    fn a_restored_account_has_the_parts_it_was_given() -> TestResult {
        let mut parts = snapshot(1, 500, "EUR")?;
        parts.status = AccountStatus::Frozen;
        parts.version = Version::new(9)?;
        parts.updated_at = at(3);
        let account = Account::restore(parts.clone())?;
        assert_eq!(account.id(), parts.id);
        assert_eq!(account.owner(), &parts.owner);
        assert_eq!(account.balance(), parts.balance);
        assert_eq!(account.status(), parts.status);
        assert_eq!(account.version(), parts.version);
        assert_eq!(account.created_at(), parts.created_at);
        assert_eq!(account.updated_at(), parts.updated_at);
        Ok(())
    }

    #[test]
    fn no_account_is_restored_in_debt_or_closed_with_a_balance() -> TestResult {
        for (status, minor, possible) in [
            (AccountStatus::Active, -1, false),
            (AccountStatus::Frozen, -1, false),
            (AccountStatus::Closed, -1, false),
            (AccountStatus::Closed, 1, false),
            (AccountStatus::Closed, 0, true),
            (AccountStatus::Frozen, 1, true),
        ] {
            let mut parts = snapshot(1, minor, "EUR")?;
            parts.status = status;
            let (account, balance) = (parts.id, parts.balance);
            let refused = Account::restore(parts).err();
            let invalid = AccountError::InvalidSnapshot {
                account,
                status,
                balance,
            };
            assert_eq!(refused, (!possible).then_some(invalid));
        }
        Ok(())
    }
}
