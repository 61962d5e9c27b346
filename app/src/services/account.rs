//! What can be done with accounts, money apart.

mod error;
mod expected_version;
mod life;
mod reach;
mod totals;

use std::sync::Arc;

use domain::{Account, AccountError, AccountId, Money, Owner};
use ports::{
    AccountField, Accounts, Atomic as _, Clock, DatabaseError, Filter, Ids, Page, PageRequest,
    Sort, UnitOfWork,
};

pub use error::AccountServiceError;
pub use expected_version::ExpectedVersion;
pub(in crate::services) use reach::Both;
pub use totals::Totals;

use super::Reach;

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

    /// Opens an account, for an owner within reach. A refusal comes before any statement.
    pub async fn open(
        &self,
        reach: &Reach,
        new: NewAccount,
    ) -> Result<Account, AccountServiceError> {
        belongs(reach, &new.owner)?;
        let account = self.opened(new)?;
        self.add_all(std::slice::from_ref(&account), |_| {}).await?;
        Ok(account)
    }

    /// Opens all of them, or none. `opened` is told how many there are so far; the number falls
    /// when the work has to be done again.
    pub async fn open_all(
        &self,
        reach: &Reach,
        new: impl IntoIterator<Item = NewAccount>,
        opened: impl Fn(usize) + Send + Sync,
    ) -> Result<Vec<Account>, AccountServiceError> {
        let accounts = new.into_iter().map(|new| {
            belongs(reach, &new.owner)?;
            Ok(self.opened(new)?)
        });
        let accounts = accounts.collect::<Result<Vec<_>, AccountServiceError>>()?;
        self.add_all(&accounts, opened).await?;
        Ok(accounts)
    }

    /// Whether the domain would let it be opened: all that can be told without the database.
    pub fn check(&self, new: &NewAccount) -> Result<(), AccountError> {
        self.opened(new.clone()).map(drop)
    }

    /// The account with this id, closed ones included.
    pub async fn find(&self, reach: &Reach, id: AccountId) -> Result<Account, AccountServiceError> {
        let found = reach.find(self.accounts.as_ref(), id).await?;
        Ok(found.ok_or(AccountError::UnknownAccount { account: id })?)
    }

    /// The accounts within reach that are not closed and for which all filters hold; newest
    /// first, if no sort is given.
    pub async fn list(
        &self,
        reach: &Reach,
        filters: &[Filter<AccountField>],
        sort: &[Sort<AccountField>],
        page: &PageRequest,
    ) -> Result<Page<Account>, DatabaseError> {
        self.accounts.list(&reach.narrow(filters), sort, page).await
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

/// Nobody opens an account for others, or gives them one, unless they are within reach.
fn belongs(reach: &Reach, owner: &Owner) -> Result<(), AccountServiceError> {
    if reach.covers(owner) {
        Ok(())
    } else {
        Err(AccountServiceError::OtherOwner)
    }
}
