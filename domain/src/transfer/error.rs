//! Why a transfer is refused.

use crate::{AccountId, Currency, Money};

/// Why money does not move. The accounts are then exactly as they were.
///
/// Closed on purpose: whoever answers a client decides about every reason, and a new one does
/// not compile until they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// Source and target are one account.
    #[error(
        "the source and the target are the same account; a transfer must be between two \
         different accounts"
    )]
    SameAccount,
    /// The amount is zero or negative.
    #[error("the amount is {amount}; it must be at least one minor unit")]
    AmountNotPositive {
        /// The refused amount.
        amount: Money,
    },
    /// An account holds another currency than the amount's.
    #[error(
        "account {account} holds {expected} and the amount is in {given}; both accounts must \
         hold the currency of the amount"
    )]
    CurrencyMismatch {
        /// The account; the source when neither fits.
        account: AccountId,
        /// The currency it holds.
        expected: Currency,
        /// The currency of the amount.
        given: Currency,
    },
    /// The source holds less than the amount.
    #[error(
        "account {account} holds {balance}, which is less than {amount}; a transfer must not \
         exceed the balance of its source"
    )]
    InsufficientFunds {
        /// The source.
        account: AccountId,
        /// What it holds.
        balance: Money,
        /// What was asked for.
        amount: Money,
    },
    /// An account is frozen.
    #[error("account {account} is frozen; both accounts of a transfer must be active")]
    AccountFrozen {
        /// The account; the source when neither is active.
        account: AccountId,
    },
    /// An account is closed.
    #[error("account {account} is closed; both accounts of a transfer must be active")]
    AccountClosed {
        /// The account; the source when neither is active.
        account: AccountId,
    },
    /// The target's balance would not fit.
    #[error(
        "account {account} cannot take the amount; a balance must not exceed {max} minor \
         units",
        max = i64::MAX
    )]
    BalanceOverflow {
        /// The target.
        account: AccountId,
    },
    /// There is no such account. No rule in here finds that out: a use case says so when its
    /// repository has answered `None`.
    #[error("account {account} does not exist; both accounts of a transfer must exist")]
    UnknownAccount {
        /// The id that was asked for.
        account: AccountId,
    },
}
