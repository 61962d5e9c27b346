//! Why an account was not opened, found or changed.

use domain::{AccountError, AccountId, Version};
use ports::DatabaseError;

/// Why nothing was done with an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountServiceError {
    /// The domain refuses, or there is no such account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The owner that the account is to have is not the caller.
    #[error("an account can be opened for, and given to, its caller alone")]
    OtherOwner,
    /// The caller would change another version than the one that is stored.
    #[error(
        "account {account} is at version {current}, which is not what the change was meant for; \
         read it again, then repeat the change"
    )]
    Stale {
        /// The account.
        account: AccountId,
        /// The version that is stored.
        current: Version,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
