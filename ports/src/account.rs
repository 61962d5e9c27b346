//! Where accounts are kept.

use async_trait::async_trait;
use domain::{Account, AccountId};

use crate::{DatabaseError, Filter, Page, PageRequest, Sort};

/// What accounts can be filtered and sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountField {
    /// The identity.
    Id,
    /// The owner's name.
    Owner,
    /// The ISO 4217 code.
    Currency,
    /// The balance in minor units.
    Balance,
    /// `active` or `frozen`; closed accounts are out of lists.
    Status,
    /// When the account was opened.
    CreatedAt,
    /// When the account last changed.
    UpdatedAt,
}

/// Where accounts are kept. Closed accounts are found by id, but are out of lists.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account with this id.
    async fn find(&self, id: AccountId) -> Result<Option<Account>, DatabaseError>;

    /// The account with this id, locked against changes by others until the end of
    /// the unit of work.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::OutsideUnitOfWork`] when there is none: the lock would be
    /// gone before the caller saw the account.
    async fn lock(&self, id: AccountId) -> Result<Option<Account>, DatabaseError>;

    /// Those of the accounts with these ids that are there, in the order of the ids and locked in
    /// that order, as [`lock`](Self::lock) does: callers that lock the same accounts wait for
    /// each other, and never in a circle.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock); [`DatabaseError::InvalidQuery`] for more ids than the
    /// database takes in a statement, which is tens of thousands.
    async fn lock_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, DatabaseError>;

    /// Stores a new account.
    async fn add(&self, account: &Account) -> Result<(), DatabaseError>;

    /// Stores any number of new accounts, all or none, as they are: also those that have
    /// changed since they were opened.
    async fn add_many(&self, accounts: &[Account]) -> Result<(), DatabaseError>;

    /// Stores an account that was read before, and answers it with its new version.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Conflict`] when it was changed by somebody else since.
    async fn save(&self, account: &Account) -> Result<Account, DatabaseError>;

    /// The accounts for which all filters hold. No sort means newest first.
    async fn list(
        &self,
        filters: &[Filter<AccountField>],
        sort: &[Sort<AccountField>],
        page: &PageRequest,
    ) -> Result<Page<Account>, DatabaseError>;

    /// How many accounts there are for which all filters hold.
    async fn count(&self, filters: &[Filter<AccountField>]) -> Result<u64, DatabaseError>;
}
