// sample: file

//! A ledger in memory with its services, in the words of the tests.

use std::{sync::Arc, time::Duration};

use adapters::memory::{
    FixedClock, MemoryAccounts, MemoryIdempotencyKeys, MemoryLedger, MemoryTransfers,
    MemoryUnitOfWork, SequentialIds,
};
use app::services::{
    AccountService, AccountServiceError, IdempotencyService, Made, NewAccount, Once,
    Reach::Everything, TransferOrder, TransferService, TransferServiceError,
};
use domain::{Account, AccountId, Currency, Money, Owner, Transfer};
use ports::{Accounts, Clock, IdempotencyKey, Ids, Transfers, UnitOfWork};

/// How long the book remembers keys.
pub(crate) const KEY_TTL: Duration = Duration::from_hours(1);

pub(crate) struct Book {
    pub(crate) accounts: AccountService,
    pub(crate) transfers: TransferService,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) unit_of_work: Arc<dyn UnitOfWork>,
}

impl Book {
    pub(crate) fn new() -> Self {
        let ledger = MemoryLedger::default();
        let accounts: Arc<dyn Accounts> = Arc::new(MemoryAccounts::new(ledger.clone()));
        let transfers: Arc<dyn Transfers> = Arc::new(MemoryTransfers::new(ledger.clone()));
        let keys = Arc::new(MemoryIdempotencyKeys::new(ledger.clone()));
        let unit_of_work: Arc<dyn UnitOfWork> = Arc::new(MemoryUnitOfWork::new(ledger));
        let clock = Arc::new(FixedClock::default());
        let idempotency = Arc::new(IdempotencyService::new(keys, clock.clone(), KEY_TTL));
        let ids: Arc<dyn Ids> = Arc::new(SequentialIds::default());
        Self {
            accounts: AccountService::new(
                accounts.clone(),
                unit_of_work.clone(),
                clock.clone() as Arc<dyn Clock>,
                ids.clone(),
            ),
            transfers: TransferService::new(
                accounts,
                transfers,
                idempotency,
                unit_of_work.clone(),
                clock.clone() as Arc<dyn Clock>,
                ids,
            ),
            clock,
            unit_of_work,
        }
    }

    pub(crate) async fn open(&self, owner: &str, minor: i64) -> Account {
        self.try_open(owner, minor, "EUR").await.unwrap()
    }

    pub(crate) async fn try_open(
        &self,
        owner: &str,
        minor: i64,
        code: &str,
    ) -> Result<Account, AccountServiceError> {
        let new = NewAccount {
            owner: Owner::new(owner).unwrap(),
            opening_balance: money(minor, code),
        };
        self.accounts.open(&Everything, new).await
    }

    pub(crate) async fn pay(
        &self,
        from: &Account,
        to: &Account,
        minor: i64,
    ) -> Result<Transfer, TransferServiceError> {
        let order = TransferOrder {
            from: from.id(),
            to: to.id(),
            amount: money(minor, "EUR"),
        };
        self.transfers.transfer(&Everything, order).await
    }

    /// Pays under a key of this caller's.
    pub(crate) async fn pay_once(
        &self,
        (caller, key): (&str, &str),
        from: &Account,
        to: &Account,
        minor: i64,
    ) -> Result<Made<Transfer>, TransferServiceError> {
        let order = TransferOrder {
            from: from.id(),
            to: to.id(),
            amount: money(minor, "EUR"),
        };
        let once = Once {
            caller: caller.to_owned(),
            key: IdempotencyKey::new(key).unwrap(),
        };
        self.transfers
            .transfer_once(&Everything, order, &once)
            .await
    }

    pub(crate) async fn balance(&self, id: AccountId) -> i64 {
        self.accounts
            .find(&Everything, id)
            .await
            .unwrap()
            .balance()
            .minor()
    }
}

pub(crate) fn money(minor: i64, code: &str) -> Money {
    Money::new(minor, Currency::new(code).unwrap())
}

/// An account that nobody has opened.
pub(crate) fn nobody() -> AccountId {
    AccountId::new(SequentialIds::nth(1_000_000))
}
