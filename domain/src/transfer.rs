//! Transfers: money that moved from one account to another.

mod error;

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{AccountId, Money};
pub use error::TransferError;

/// The identity of a [`Transfer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(Uuid);

impl TransferId {
    /// Any UUID is an id; where ids come from is not for the domain to know.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A movement of money that has happened. It never changes, so it has no version.
///
/// [`Account::transfer_to`](crate::Account::transfer_to) makes one; the amount is positive and
/// the accounts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    id: TransferId,
    from: AccountId,
    to: AccountId,
    amount: Money,
    created_at: DateTime<Utc>,
}

/// The parts of a [`Transfer`], unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferSnapshot {
    /// The identity.
    pub id: TransferId,
    /// The account that was debited.
    pub from: AccountId,
    /// The account that was credited.
    pub to: AccountId,
    /// What moved.
    pub amount: Money,
    /// When it moved.
    pub created_at: DateTime<Utc>,
}

impl Transfer {
    /// Puts a transfer together from its parts, without touching an account: what a repository
    /// does with a stored row. Fails with [`TransferError::SameAccount`] or
    /// [`TransferError::AmountNotPositive`].
    pub fn restore(snapshot: TransferSnapshot) -> Result<Self, TransferError> {
        let TransferSnapshot {
            id,
            from,
            to,
            amount,
            created_at,
        } = snapshot;
        if from == to {
            return Err(TransferError::SameAccount);
        }
        if !amount.is_positive() {
            return Err(TransferError::AmountNotPositive { amount });
        }
        Ok(Self {
            id,
            from,
            to,
            amount,
            created_at,
        })
    }

    /// The identity.
    pub const fn id(&self) -> TransferId {
        self.id
    }

    /// The account that was debited.
    pub const fn from(&self) -> AccountId {
        self.from
    }

    /// The account that was credited.
    pub const fn to(&self) -> AccountId {
        self.to
    }

    /// What moved: at least one minor unit.
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// When it moved.
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, CurrencyError};

    fn snapshot(minor: i64) -> Result<TransferSnapshot, CurrencyError> {
        Ok(TransferSnapshot {
            id: TransferId::new(Uuid::from_u128(3)),
            from: AccountId::new(Uuid::from_u128(1)),
            to: AccountId::new(Uuid::from_u128(2)),
            amount: Money::new(minor, Currency::new("EUR")?),
            created_at: DateTime::UNIX_EPOCH,
        })
    }

    #[test]
    fn a_restored_transfer_has_the_parts_it_was_given() -> Result<(), Box<dyn std::error::Error>> {
        let parts = snapshot(1)?;
        let transfer = Transfer::restore(parts)?;
        assert_eq!(transfer.id(), parts.id);
        assert_eq!(transfer.from(), parts.from);
        assert_eq!(transfer.to(), parts.to);
        assert_eq!(transfer.amount(), parts.amount);
        assert_eq!(transfer.created_at(), parts.created_at);
        Ok(())
    }

    #[test]
    fn a_transfer_within_one_account_is_no_transfer() -> Result<(), CurrencyError> {
        let mut parts = snapshot(1)?;
        parts.to = parts.from;
        assert_eq!(Transfer::restore(parts), Err(TransferError::SameAccount));
        Ok(())
    }

    #[test]
    fn a_transfer_of_nothing_or_less_is_no_transfer() -> Result<(), CurrencyError> {
        for minor in [0, -1, i64::MIN] {
            let parts = snapshot(minor)?;
            let amount = parts.amount;
            assert_eq!(
                Transfer::restore(parts),
                Err(TransferError::AmountNotPositive { amount })
            );
        }
        Ok(())
    }

    #[test]
    fn an_id_shows_as_its_uuid() {
        let uuid = Uuid::from_u128(7);
        assert_eq!(TransferId::new(uuid).to_string(), uuid.to_string());
        assert_eq!(TransferId::new(uuid).as_uuid(), uuid);
    }
}
