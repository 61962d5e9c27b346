//! Moving money from one account to another.

use chrono::{DateTime, Utc};

use super::{Account, AccountStatus};
use crate::{Money, Transfer, TransferError, TransferId, TransferSnapshot};

impl Account {
    /// Moves `amount` from this account to `target`, and says what moved.
    ///
    /// Both change or, on an error, neither. What is wrong with the request is reported before
    /// what is wrong with the accounts, and the source before the target: the same account, an
    /// amount below one, another currency, a frozen or closed account, insufficient funds, a
    /// target too rich to take more.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use domain::{Account, AccountId, Currency, Money, Owner, TransferId};
    /// use uuid::Uuid;
    ///
    /// let (now, euro) = (DateTime::UNIX_EPOCH, Currency::new("EUR")?);
    /// let id = |number| AccountId::new(Uuid::from_u128(number));
    /// let mut ada = Account::open(id(1), Owner::new("Ada")?, Money::new(500, euro), now)?;
    /// let mut bob = Account::open(id(2), Owner::new("Bob")?, Money::zero(euro), now)?;
    ///
    /// let transfer_id = TransferId::new(Uuid::from_u128(3));
    /// let transfer = ada.transfer_to(&mut bob, transfer_id, Money::new(120, euro), now)?;
    ///
    /// assert_eq!(transfer.to(), bob.id());
    /// assert_eq!(ada.balance().to_string(), "3.80 EUR");
    /// assert_eq!(bob.balance().to_string(), "1.20 EUR");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn transfer_to(
        &mut self,
        target: &mut Self,
        id: TransferId,
        amount: Money,
        now: DateTime<Utc>,
    ) -> Result<Transfer, TransferError> {
        let (from, to) = (self.id, target.id);
        let parts = TransferSnapshot {
            id,
            from,
            to,
            amount,
            created_at: now,
        };
        let transfer = Transfer::restore(parts)?;
        self.require_currency_of(amount)?;
        target.require_currency_of(amount)?;
        self.require_active()?;
        target.require_active()?;
        let debited = self.debited(amount)?;
        let credited = target.credited(amount)?;

        // Nothing was changed so far, and nothing can fail any more.
        self.settle(debited, now);
        target.settle(credited, now);
        Ok(transfer)
    }

    fn require_currency_of(&self, amount: Money) -> Result<(), TransferError> {
        let (expected, given) = (self.currency(), amount.currency());
        if expected == given {
            return Ok(());
        }
        Err(TransferError::CurrencyMismatch {
            account: self.id,
            expected,
            given,
        })
    }

    fn require_active(&self) -> Result<(), TransferError> {
        match self.status {
            AccountStatus::Active => Ok(()),
            AccountStatus::Frozen => Err(TransferError::AccountFrozen { account: self.id }),
            AccountStatus::Closed => Err(TransferError::AccountClosed { account: self.id }),
        }
    }

    fn debited(&self, amount: Money) -> Result<Money, TransferError> {
        match self.balance.checked_sub(amount) {
            Ok(rest) if !rest.is_negative() => Ok(rest),
            _ => Err(TransferError::InsufficientFunds {
                account: self.id,
                balance: self.balance,
                amount,
            }),
        }
    }

    fn credited(&self, amount: Money) -> Result<Money, TransferError> {
        self.balance
            .checked_add(amount)
            .map_err(|_| TransferError::BalanceOverflow { account: self.id })
    }

    fn settle(&mut self, balance: Money, now: DateTime<Utc>) {
        self.balance = balance;
        self.updated_at = now;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::fixture::{TestResult, account, at, money};
    use super::*;

    fn id() -> TransferId {
        TransferId::new(Uuid::from_u128(99))
    }

    /// Tries the transfer, checks that it left no trace, and gives back why it was refused.
    fn refusal(source: &Account, target: &Account, amount: Money) -> Option<TransferError> {
        let (mut source_after, mut target_after) = (source.clone(), target.clone());
        let refused = source_after.transfer_to(&mut target_after, id(), amount, at(1));
        assert_eq!((&source_after, &target_after), (source, target));
        refused.err()
    }

    #[test]
    fn a_transfer_debits_the_source_and_credits_the_target() -> TestResult {
        let (source, target) = (account(1, 500, "EUR")?, account(2, 7, "EUR")?);
        let (mut source_after, mut target_after) = (source.clone(), target.clone());
        let amount = money(120, "EUR")?;

        let transfer = source_after.transfer_to(&mut target_after, id(), amount, at(1))?;

        assert_eq!((transfer.id(), transfer.amount()), (id(), amount));
        assert_eq!((transfer.from(), transfer.to()), (source.id, target.id));
        assert_eq!(transfer.created_at(), at(1));
        let balance = money(380, "EUR")?;
        assert_eq!(
            source_after,
            Account {
                balance,
                updated_at: at(1),
                ..source
            }
        );
        let balance = money(127, "EUR")?;
        assert_eq!(
            target_after,
            Account {
                balance,
                updated_at: at(1),
                ..target
            }
        );
        Ok(())
    }

    #[test]
    fn the_whole_balance_may_be_transferred_and_no_more() -> TestResult {
        let (mut source, mut target) = (account(1, 500, "EUR")?, account(2, 0, "EUR")?);
        let amount = money(501, "EUR")?;
        assert_eq!(
            refusal(&source, &target, amount),
            Some(TransferError::InsufficientFunds {
                account: source.id,
                balance: source.balance,
                amount,
            })
        );
        source.transfer_to(&mut target, id(), money(500, "EUR")?, at(1))?;
        assert!(source.balance().is_zero());
        Ok(())
    }

    #[test]
    fn two_copies_of_one_account_are_the_same_account() -> TestResult {
        let (source, copy) = (account(1, 500, "EUR")?, account(1, 500, "EUR")?);
        let refused = refusal(&source, &copy, money(1, "EUR")?);
        assert_eq!(refused, Some(TransferError::SameAccount));
        Ok(())
    }

    #[test]
    fn an_amount_below_one_is_refused() -> TestResult {
        let (source, target) = (account(1, 500, "EUR")?, account(2, 500, "EUR")?);
        for minor in [0, -1, i64::MIN] {
            let amount = money(minor, "EUR")?;
            let refused = refusal(&source, &target, amount);
            assert_eq!(refused, Some(TransferError::AmountNotPositive { amount }));
        }
        Ok(())
    }

    #[test]
    fn amount_source_and_target_share_one_currency() -> TestResult {
        let (euro, other_euro) = (account(1, 500, "EUR")?, account(2, 500, "EUR")?);
        let dollar = account(3, 500, "USD")?;
        let (euros, dollars) = (money(1, "EUR")?, money(1, "USD")?);
        for (source, target, amount, odd) in [
            (&euro, &dollar, euros, &dollar),
            (&euro, &dollar, dollars, &euro),
            (&dollar, &euro, euros, &dollar),
            (&euro, &other_euro, dollars, &euro),
        ] {
            let mismatch = TransferError::CurrencyMismatch {
                account: odd.id,
                expected: odd.currency(),
                given: amount.currency(),
            };
            assert_eq!(refusal(source, target, amount), Some(mismatch));
        }
        Ok(())
    }

    #[test]
    fn a_frozen_account_neither_sends_nor_receives() -> TestResult {
        let active = account(1, 500, "EUR")?;
        let frozen = account(2, 500, "EUR")?.freeze(at(0))?;
        let refused = Some(TransferError::AccountFrozen { account: frozen.id });
        assert_eq!(refusal(&frozen, &active, money(1, "EUR")?), refused);
        assert_eq!(refusal(&active, &frozen, money(1, "EUR")?), refused);
        Ok(())
    }

    #[test]
    fn a_closed_account_neither_sends_nor_receives() -> TestResult {
        let active = account(1, 500, "EUR")?;
        let closed = account(2, 0, "EUR")?.close(at(0))?;
        let refused = Some(TransferError::AccountClosed { account: closed.id });
        assert_eq!(refusal(&closed, &active, money(1, "EUR")?), refused);
        assert_eq!(refusal(&active, &closed, money(1, "EUR")?), refused);
        Ok(())
    }

    #[test]
    fn a_target_that_cannot_take_the_amount_leaves_it_with_the_source() -> TestResult {
        let (source, target) = (account(1, 2, "EUR")?, account(2, i64::MAX - 1, "EUR")?);
        let overflow = TransferError::BalanceOverflow { account: target.id };
        assert_eq!(refusal(&source, &target, money(2, "EUR")?), Some(overflow));

        let (mut source, mut target) = (source, target);
        source.transfer_to(&mut target, id(), money(1, "EUR")?, at(1))?;
        assert_eq!(target.balance(), money(i64::MAX, "EUR")?);
        Ok(())
    }
}
