//! Why something cannot be done with an account.

use super::{AccountId, AccountStatus};
use crate::Money;

/// Why an account is not opened, changed or restored.
///
/// Closed on purpose: whoever answers a client decides about every reason, and a new one does
/// not compile until they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// An account would start in debt.
    #[error("the opening balance is negative; it must be zero or more")]
    NegativeOpeningBalance,
    /// A frozen account would be closed.
    #[error("the account is frozen; it must be unfrozen before it can be closed")]
    Frozen,
    /// A frozen account would be frozen.
    #[error("the account is already frozen; only an active account can be frozen")]
    AlreadyFrozen,
    /// An account that is not frozen would be unfrozen.
    #[error("the account is not frozen; only a frozen account can be unfrozen")]
    NotFrozen,
    /// A closed account would be changed.
    #[error("the account is closed; a closed account can no longer be changed")]
    Closed,
    /// An account would be closed with money on it.
    #[error("the account still holds {balance}; its balance must be zero before it can be closed")]
    BalanceNotZero {
        /// What it holds.
        balance: Money,
    },
    /// The parts given to [`Account::restore`](super::Account::restore) cannot come from these
    /// rules: the store was written to by something else. Not a client's mistake.
    #[error(
        "account {account} is {status} with a balance of {balance}; a balance must not be \
         negative, and that of a closed account must be zero"
    )]
    InvalidSnapshot {
        /// The account.
        account: AccountId,
        /// Its status.
        status: AccountStatus,
        /// Its balance.
        balance: Money,
    },
    /// There is no such account. No rule in here finds that out: a use case says so when its
    /// repository has answered `None`.
    #[error("account {account} does not exist")]
    UnknownAccount {
        /// The id that was asked for.
        account: AccountId,
    },
}
