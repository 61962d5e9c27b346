//! The contract of the ledger's ports, for every implementation of them.

/// Makes a test of each body for each implementation.
macro_rules! on_every_ledger {
    ($($body:ident),+ $(,)?) => {
        mod postgres {
            $(#[tokio::test]
            async fn $body() {
                super::$body(crate::ledger::TestLedger::postgres().await).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $body() {
                super::$body(crate::ledger::TestLedger::sqlite().await).await;
            })+
        }
        mod memory {
            $(#[tokio::test]
            async fn $body() {
                super::$body(crate::ledger::TestLedger::memory()).await;
            })+
        }
    };
}

mod account;
mod query;
mod row;
mod transfer;

use std::{any::Any, sync::Arc, time::Duration};

use adapters::{
    SystemClock,
    ledger::{AccountRepository, TransferRepository},
    memory::{MemoryAccounts, MemoryLedger, MemoryTransfers, MemoryUnitOfWork},
    postgres::{AsyncPostgresSessionManager, PostgresConfig},
    repository::SharedAsyncManager,
    seaorm::Backend,
    sqlite::{AsyncSqliteSessionManager, SqliteConfig},
};
use domain::{Account, AccountId, Currency, Money, Owner, Transfer, TransferId, TransferSnapshot};
use ports::{Accounts, Transfers, UnitOfWork};
use sea_orm::entity::prelude::{DateTimeUtc, Uuid};
use tests::TestDatabase;

/// One implementation of the ports, with nothing in it.
pub(crate) struct TestLedger {
    accounts: Arc<dyn Accounts>,
    transfers: Arc<dyn Transfers>,
    unit_of_work: Arc<dyn UnitOfWork>,
    _database: Box<dyn Any + Send + Sync>,
}

impl TestLedger {
    pub(crate) async fn postgres() -> Self {
        let database = TestDatabase::postgres().await;
        let config = PostgresConfig::from_url(&database.url()).unwrap();
        let manager = AsyncPostgresSessionManager::new(config).unwrap();
        Self::on(Arc::new(manager.clone()), manager, database)
    }

    pub(crate) async fn sqlite() -> Self {
        let file = TestDatabase::sqlite().await;
        let config = SqliteConfig::from_url(&file.url()).unwrap();
        let manager = AsyncSqliteSessionManager::new(config).unwrap();
        Self::on(Arc::new(manager.clone()), manager, file)
    }

    pub(crate) fn memory() -> Self {
        let ledger = MemoryLedger::default();
        Self {
            accounts: Arc::new(MemoryAccounts::new(ledger.clone())),
            transfers: Arc::new(MemoryTransfers::new(ledger.clone())),
            unit_of_work: Arc::new(MemoryUnitOfWork::new(ledger)),
            _database: Box::new(()),
        }
    }

    fn on<B: Backend>(
        manager: SharedAsyncManager<B>,
        unit_of_work: impl UnitOfWork + 'static,
        database: impl Any + Send + Sync,
    ) -> Self {
        Self {
            accounts: Arc::new(AccountRepository::new(
                Arc::clone(&manager),
                Arc::new(SystemClock),
            )),
            transfers: Arc::new(TransferRepository::new(manager)),
            unit_of_work: Arc::new(unit_of_work),
            _database: Box::new(database),
        }
    }

    /// Stores an account with this number and balance, opened in this second.
    async fn open(&self, number: u32, owner: &str, balance: i64) -> Account {
        let account = account(number, owner, balance);
        self.accounts.add(&account).await.unwrap();
        account
    }
}

fn account_id(number: u32) -> AccountId {
    AccountId::new(Uuid::from_u128(number.into()))
}

fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::new("EUR").unwrap())
}

fn account(number: u32, owner: &str, balance: i64) -> Account {
    let owner = Owner::new(owner).unwrap();
    Account::open(account_id(number), owner, euro(balance), second(number)).unwrap()
}

fn second(number: u32) -> DateTimeUtc {
    let start: DateTimeUtc = "2026-01-01T00:00:00Z".parse().unwrap();
    start + Duration::from_secs(number.into())
}

fn transfer(number: u32, from: u32, to: u32, minor: i64) -> Transfer {
    Transfer::restore(TransferSnapshot {
        id: TransferId::new(Uuid::from_u128(number.into())),
        from: account_id(from),
        to: account_id(to),
        amount: euro(minor),
        created_at: second(number),
    })
    .unwrap()
}
