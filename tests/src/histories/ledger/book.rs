//! A few accounts, and the services that change them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use adapters::{
    IdempotencyKeyRepository, SystemClock, UuidV7,
    ledger::{AccountRepository, TransferRepository},
    repository::SharedAsyncManager,
    seaorm::{AsyncManager, Backend},
};
use app::services::{AccountService, IdempotencyService, Once, TransferOrder, TransferService};
use chrono::DateTime;
use domain::{Account, AccountId, AccountSnapshot, Currency, Money, Owner, Transfer};
use fastrand::Rng;
use futures_util::FutureExt as _;
use ports::{
    Accounts, Atomic as _, Clock, DatabaseError, IdempotencyKey, Ids, Isolation, PageRequest,
    Transfers, UnitOfWork, UnitOfWorkOptions,
};
use uuid::Uuid;

/// What each account has at first.
pub const OPENING: i64 = 100;

/// What is taken when two accounts together have enough.
pub const SKEW: i64 = 60;

/// Accounts that nobody else uses.
pub(super) struct Book<B: Backend> {
    manager: AsyncManager<B>,
    pub(super) services: AccountService,
    pub(super) transfers: TransferService,
    accounts: Arc<dyn Accounts>,
    stored: Arc<dyn Transfers>,
    first: u64,
    count: usize,
}

impl<B: Backend> Book<B> {
    pub(super) async fn open(manager: &AsyncManager<B>, count: usize) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let shared: SharedAsyncManager<B> = Arc::new(manager.clone());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn Ids> = Arc::new(UuidV7);
        let unit_of_work: Arc<dyn UnitOfWork> = Arc::new(manager.clone());
        let accounts: Arc<dyn Accounts> =
            Arc::new(AccountRepository::new(Arc::clone(&shared), clock.clone()));
        let stored: Arc<dyn Transfers> = Arc::new(TransferRepository::new(Arc::clone(&shared)));
        let keys = Arc::new(IdempotencyKeyRepository::new(shared));
        let hour = Duration::from_hours(1);
        let idempotency = Arc::new(IdempotencyService::new(keys, clock.clone(), hour));
        let book = Self {
            manager: manager.clone(),
            services: AccountService::new(
                accounts.clone(),
                unit_of_work.clone(),
                clock.clone(),
                ids.clone(),
            ),
            transfers: TransferService::new(
                accounts.clone(),
                stored.clone(),
                idempotency,
                unit_of_work,
                clock,
                ids,
            ),
            accounts,
            stored,
            first: NEXT.fetch_add(16, Relaxed),
            count,
        };
        let opened: Vec<Account> = book.ids().map(account).collect();
        book.accounts.add_many(&opened).await.expect("new accounts");
        book
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = AccountId> {
        let ids = self.first..self.first + self.count as u64;
        ids.map(|number| AccountId::new(Uuid::from_u128(number.into())))
    }

    pub(super) fn any(&self, rng: &mut Rng) -> AccountId {
        let at = rng.usize(0..self.count);
        self.ids().nth(at).expect("one of them")
    }

    pub(super) fn order(&self, rng: &mut Rng) -> TransferOrder {
        let from = rng.usize(0..self.count);
        let to = (from + rng.usize(1..self.count)) % self.count;
        let id = |at| self.ids().nth(at).expect("one of them");
        TransferOrder {
            from: id(from),
            to: id(to),
            amount: euro(rng.i64(1..=80)),
        }
    }

    /// The order of this number, under its key.
    pub(super) fn keyed(&self, number: usize) -> (TransferOrder, Once) {
        let mut rng = Rng::with_seed(number as u64);
        let once = Once {
            caller: self.first.to_string(),
            key: IdempotencyKey::new(format!("key-{number}")).expect("a key"),
        };
        (self.order(&mut rng), once)
    }

    pub(super) fn total(&self) -> i64 {
        OPENING * i64::try_from(self.count).expect("a few")
    }

    pub(super) async fn find(&self, id: AccountId) -> Account {
        let found = self.accounts.find(id).await;
        found.expect("a look").expect("an account")
    }

    /// All of them, one after the other.
    pub(super) async fn all(&self) -> Result<Vec<Account>, DatabaseError> {
        let mut all = Vec::new();
        for id in self.ids() {
            all.push(self.accounts.find(id).await?.expect("an account"));
        }
        Ok(all)
    }

    /// What all of them have at one moment.
    pub(super) async fn sum(&self) -> Result<i64, DatabaseError> {
        let options = UnitOfWorkOptions::new().isolation(Isolation::RepeatableRead);
        let options = options.read_only();
        let work = || {
            async {
                let all = self.all().await?;
                Ok::<_, DatabaseError>(all.iter().map(|one| one.balance().minor()).sum())
            }
            .boxed()
        };
        self.manager.atomic_with(options, work).await
    }

    pub(super) async fn rename_carelessly(
        &self,
        id: AccountId,
        owner: Owner,
    ) -> Result<(), DatabaseError> {
        let work = || {
            async {
                let found = self.accounts.find(id).await?.expect("an account");
                let renamed = found.rename(owner.clone(), DateTime::UNIX_EPOCH);
                self.accounts
                    .save(&renamed.expect("a new name"))
                    .await
                    .map(drop)
            }
            .boxed()
        };
        self.manager.atomic(work).await
    }

    pub(super) async fn take(&self, from: Account, amount: i64) -> Result<(), DatabaseError> {
        let less = Account::restore(AccountSnapshot {
            id: from.id(),
            owner: from.owner().clone(),
            balance: euro(from.balance().minor() - amount),
            status: from.status(),
            version: from.version(),
            created_at: from.created_at(),
            updated_at: from.updated_at(),
        });
        self.accounts
            .save(&less.expect("an account"))
            .await
            .map(drop)
    }

    /// The transfers that are stored of it.
    pub(super) async fn history(&self, id: AccountId) -> Vec<Transfer> {
        let page = PageRequest::first(100).expect("a page");
        let found = self.stored.list_by_account(id, &page).await;
        found.expect("a list").items
    }
}

fn account(id: AccountId) -> Account {
    let opened = Account::open(id, super::owner(0), euro(OPENING), DateTime::UNIX_EPOCH);
    opened.expect("an account")
}

fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::new("EUR").expect("a currency"))
}
