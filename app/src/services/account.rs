//! What can be done with accounts, money apart.

mod error;
mod expected_version;
mod life;
mod totals;

use std::sync::Arc;

use domain::{Account, AccountError, AccountId, Money, Owner};
use ports::{
    AccountField, Accounts, Atomic as _, Clock, DatabaseError, Filter, Ids, Page, PageRequest,
    Sort, UnitOfWork,
};

pub use error::AccountServiceError;
pub use expected_version::ExpectedVersion;
pub use totals::Totals;

/// Opening, finding and changing accounts.
pub struct AccountService {
    accounts: Arc<dyn Accounts>,
    unit_of_work: Arc<dyn UnitOfWork>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// An account to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Who it is to belong to.
    pub owner: Owner,
    /// What it holds from the beginning; its currency is the account's, for good.
    pub opening_balance: Money,
}

impl AccountService {
    /// The service on these ports.
    pub fn new(
        accounts: Arc<dyn Accounts>,
        unit_of_work: Arc<dyn UnitOfWork>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            accounts,
            unit_of_work,
            clock,
            ids,
        }
    }

    /// Opens an account. A refusal of the domain comes before any statement.
    pub async fn open(&self, new: NewAccount) -> Result<Account, AccountServiceError> {
        let account = self.opened(new)?;
        self.add_all(std::slice::from_ref(&account), |_| {}).await?;
        Ok(account)
    }

    /// Opens all of them, or none. `opened` is told how many there are so far; the number falls
    /// when the work has to be done again.
    pub async fn open_all(
        &self,
        new: impl IntoIterator<Item = NewAccount>,
        opened: impl Fn(usize) + Send + Sync,
    ) -> Result<Vec<Account>, AccountServiceError> {
        let accounts = new.into_iter().map(|new| self.opened(new));
        let accounts = accounts.collect::<Result<Vec<_>, _>>()?;
        self.add_all(&accounts, opened).await?;
        Ok(accounts)
    }

    /// Whether the domain would let it be opened: all that can be told without the database.
    pub fn check(&self, new: &NewAccount) -> Result<(), AccountError> {
        self.opened(new.clone()).map(drop)
    }

    /// The account with this id, closed ones included.
    pub async fn find(&self, id: AccountId) -> Result<Account, AccountServiceError> {
        let found = self.accounts.find(id).await?;
        Ok(found.ok_or(AccountError::UnknownAccount { account: id })?)
    }

    /// The accounts that are not closed and for which all filters hold; newest first, if no
    /// sort is given.
    pub async fn list(
        &self,
        filters: &[Filter<AccountField>],
        sort: &[Sort<AccountField>],
        page: &PageRequest,
    ) -> Result<Page<Account>, DatabaseError> {
        self.accounts.list(filters, sort, page).await
    }

    /// In a unit of work, although it may be a single statement: one that commits by itself can
    /// not tell, when its answer is lost, a connection that broke before from one that broke
    /// after.
    async fn add_all(
        &self,
        accounts: &[Account],
        added: impl Fn(usize) + Send + Sync,
    ) -> Result<(), AccountServiceError> {
        let added = &added;
        self.unit_of_work
            .atomic(|| async move {
                for (before, account) in accounts.iter().enumerate() {
                    added(before);
                    self.accounts.add(account).await?;
                }
                added(accounts.len());
                Ok(())
            })
            .await
    }

    fn opened(&self, new: NewAccount) -> Result<Account, AccountError> {
        let id = AccountId::new(self.ids.next());
        Account::open(id, new.owner, new.opening_balance, self.clock.now())
    }
}
