//! Accounts in memory.

use std::{
    collections::{BTreeSet, btree_map::Entry},
    sync::Arc,
};

use async_trait::async_trait;
use domain::{Account, AccountId, AccountSnapshot, AccountStatus};
use ports::{
    AccountField, Accounts, DatabaseError, Filter, Page, PageRequest, Sort, Value, Violation,
};
use uuid::Uuid;

use super::{
    Ledger, MemoryLedger, Record,
    query::{self, Query},
};

/// [`Accounts`] in memory.
pub struct MemoryAccounts(MemoryLedger);

impl MemoryAccounts {
    /// The accounts of this ledger.
    pub const fn new(ledger: MemoryLedger) -> Self {
        Self(ledger)
    }
}

#[async_trait]
impl Accounts for MemoryAccounts {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, DatabaseError> {
        self.0
            .read(|ledger| Ok(ledger.accounts.get(&id).cloned()))
            .await
    }

    async fn lock(&self, id: AccountId) -> Result<Option<Account>, DatabaseError> {
        Ok(self.lock_many(&[id]).await?.pop())
    }

    async fn lock_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, DatabaseError> {
        // Units of work run one after the other: inside of one, everything is locked.
        if !self.0.in_unit_of_work() {
            return Err(DatabaseError::OutsideUnitOfWork(
                "an account can be locked only inside a unit of work".into(),
            ));
        }
        let ids: BTreeSet<_> = ids.iter().collect();
        let accounts = |ledger: &Ledger| {
            let found = ids.iter().filter_map(|id| ledger.accounts.get(id));
            Ok(found.cloned().collect())
        };
        self.0.read(accounts).await
    }

    async fn add(&self, account: &Account) -> Result<(), DatabaseError> {
        self.add_many(std::slice::from_ref(account)).await
    }

    async fn add_many(&self, accounts: &[Account]) -> Result<(), DatabaseError> {
        let add = |ledger: &mut Ledger| {
            let mut all = ledger.accounts.clone();
            for account in accounts {
                match all.entry(account.id()) {
                    Entry::Occupied(_) => return Err(duplicate()),
                    Entry::Vacant(place) => place.insert(account.clone()),
                };
            }
            ledger.accounts = all;
            Ok(())
        };
        self.0.write(add).await
    }

    async fn save(&self, account: &Account) -> Result<Account, DatabaseError> {
        let saved = with_next_version(account)?;
        let save = |ledger: &mut Ledger| match ledger.accounts.get_mut(&account.id()) {
            Some(stored) if stored.version() == account.version() => {
                *stored = saved.clone();
                Ok(saved)
            }
            _ => Err(DatabaseError::Conflict {
                entity: "accounts".into(),
                id: account.id().to_string(),
            }),
        };
        self.0.write(save).await
    }

    async fn list(
        &self,
        filters: &[Filter<AccountField>],
        sort: &[Sort<AccountField>],
        page: &PageRequest,
    ) -> Result<Page<Account>, DatabaseError> {
        let newest_first = [Sort::descending(AccountField::CreatedAt)];
        let query = Query {
            list: "accounts",
            filters,
            sort: if sort.is_empty() { &newest_first } else { sort },
            page,
        };
        let list = |ledger: &Ledger| query::list(listed(ledger), &query, self.0.cursors());
        self.0.read(list).await
    }

    async fn count(&self, filters: &[Filter<AccountField>]) -> Result<u64, DatabaseError> {
        let count = |ledger: &Ledger| query::count(listed(ledger), filters);
        self.0.read(count).await
    }
}

impl Record<AccountField> for Account {
    fn id(&self) -> Uuid {
        self.id().as_uuid()
    }

    fn value(&self, field: AccountField) -> Value {
        match field {
            AccountField::Id => self.id().as_uuid().into(),
            AccountField::Owner => self.owner().as_str().into(),
            AccountField::Currency => self.currency().code().into(),
            AccountField::Balance => self.balance().minor().into(),
            AccountField::Status => self.status().as_str().into(),
            AccountField::CreatedAt => self.created_at().into(),
            AccountField::UpdatedAt => self.updated_at().into(),
        }
    }
}

fn listed(ledger: &Ledger) -> impl Iterator<Item = &Account> {
    let accounts = ledger.accounts.values();
    accounts.filter(|account| account.status() != AccountStatus::Closed)
}

fn with_next_version(account: &Account) -> Result<Account, DatabaseError> {
    Account::restore(AccountSnapshot {
        id: account.id(),
        owner: account.owner().clone(),
        balance: account.balance(),
        status: account.status(),
        version: account.version().next(),
        created_at: account.created_at(),
        updated_at: account.updated_at(),
    })
    .map_err(DatabaseError::query)
}

fn duplicate() -> DatabaseError {
    DatabaseError::UniqueViolation(Violation {
        constraint: Some("accounts_pkey".to_owned()),
        table: Some("accounts".to_owned()),
        column: Some("id".to_owned()),
        source: Arc::new(Duplicate),
    })
}

#[derive(Debug, thiserror::Error)]
#[error("an account with this id is stored already")]
struct Duplicate;

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::{Currency, Money, Owner};

    use super::*;

    fn account() -> Account {
        let id = AccountId::new(Uuid::from_u128(1));
        let balance = Money::zero(Currency::new("EUR").unwrap());
        let owner = Owner::new("Ada").unwrap();
        Account::open(id, owner, balance, DateTime::UNIX_EPOCH).unwrap()
    }

    #[tokio::test]
    async fn a_stale_version_conflicts() {
        let accounts = MemoryAccounts::new(MemoryLedger::default());
        let first = account();
        accounts.add(&first).await.unwrap();
        let second = accounts.save(&first).await.unwrap();
        assert_eq!(second.version(), first.version().next());
        let stale = accounts.save(&first).await;
        assert!(matches!(stale, Err(DatabaseError::Conflict { .. })));
        let again = accounts.add(&first).await;
        assert!(matches!(again, Err(DatabaseError::UniqueViolation(_))));
    }

    #[tokio::test]
    async fn a_lock_outside_of_a_unit_of_work_is_refused() {
        let accounts = MemoryAccounts::new(MemoryLedger::default());
        let refused = accounts.lock(account().id()).await;
        assert!(matches!(refused, Err(DatabaseError::OutsideUnitOfWork(_))));
    }
}
