//! The blocking side: the same transfers, on threads that wait themselves.

use std::{sync::Arc, time::Duration};

use adapters::{
    Database, IdempotencyKeyRepository, SystemClock, UuidV7,
    config::Variables,
    ledger::{AccountRepository, TransferRepository},
    postgres::{AsyncPostgresSessionManager, PostgresSessionManager},
    seaorm::PoolStatus,
};
use app::{
    http::{Problem, ProblemKind},
    services::{
        IdempotencyService, Made, Once, Reach, TransferOrder, TransferService, TransferServiceError,
    },
};
use domain::{AccountId, Currency, Money, Transfer};
use ports::{
    DatabaseError, IdempotencyKey,
    blocking::{Atomic as _, BlockOn as _},
};

use super::book::{Fate, Order};

/// How many of them work at a time, and the most connections that they have together.
pub(super) const THREADS: usize = 4;

/// What their sessions call themselves.
pub(super) const NAME: &str = "threads";

/// No call may take longer, whatever happens to the network.
pub(super) const LONGEST: Duration = Duration::from_secs(12);

/// How keys are remembered, as the services do it.
const TTL: Duration = Duration::from_hours(24);

/// The services of the ledger on a blocking manager.
pub(super) struct Threads {
    manager: PostgresSessionManager,
    transfers: TransferService,
    accounts: Vec<AccountId>,
    euro: Currency,
}

impl Threads {
    pub(super) fn on(url: &str, accounts: &[String]) -> Self {
        let size = THREADS.to_string();
        let settings = [
            ("DATABASE_URL", url),
            ("DATABASE_SSL_MODE", "disable"),
            ("DATABASE_APPLICATION_NAME", NAME),
            ("DATABASE_POOL_SIZE", &size),
            ("DATABASE_POOL_MAX_OVERFLOW", "0"),
            ("DATABASE_POOL_TIMEOUT", "5s"),
            ("DATABASE_CONNECT_TIMEOUT", "3s"),
        ];
        let variables = Variables::of("DATABASE", settings).expect("settings of the suite's");
        let Ok(Database::Postgres(config)) = Database::from_variables(&variables) else {
            panic!("not PostgreSQL: {url}");
        };
        let manager = PostgresSessionManager::new(*config).expect("settings of the suite's");
        let accounts = accounts.iter().map(|id| {
            let id = id.parse().expect("an id of the service's");
            AccountId::new(id)
        });
        Self {
            transfers: transfers(manager.as_async()),
            manager,
            accounts: accounts.collect(),
            euro: Currency::new("EUR").expect("a currency"),
        }
    }

    pub(super) fn pool(&self) -> PoolStatus {
        self.manager.status()
    }

    /// Moves money; `nested` has the service's unit of work be one within another, which is
    /// the blocking side's own.
    pub(super) fn pay(
        &self,
        order: &Order,
        nested: bool,
    ) -> Result<Made<Transfer>, TransferServiceError> {
        let pay = || self.manager.block_on(self.carry_out(order))?;
        if nested {
            self.manager.atomic(pay)
        } else {
            pay()
        }
    }

    /// Reads something, in a statement of its own.
    pub(super) fn read(&self) -> Result<(), DatabaseError> {
        let nothing = domain::TransferId::new(self.accounts[0].as_uuid());
        let found = self.transfers.find(&Reach::Everything, nothing);
        self.manager.block_on(found)?.map(drop)
    }

    async fn carry_out(&self, order: &Order) -> Result<Made<Transfer>, TransferServiceError> {
        let reach = Reach::Everything;
        let what = TransferOrder {
            from: self.accounts[order.from],
            to: self.accounts[order.to],
            amount: Money::new(order.amount, self.euro),
        };
        match &order.key {
            None => self.transfers.transfer(&reach, what).await.map(Made::now),
            Some(key) => {
                let key = IdempotencyKey::new(key.clone()).expect("a key of the suite's");
                let caller = String::new();
                let once = Once { caller, key };
                self.transfers.transfer_once(&reach, what, &once).await
            }
        }
    }
}

/// What is known of an order after this.
pub(super) fn fate(paid: Result<Made<Transfer>, TransferServiceError>) -> Result<Fate, String> {
    let error = match paid {
        Ok(made) => return Ok(Fate::Stored(made.value.id().as_uuid().to_string())),
        Err(error) => error,
    };
    let text = format!("{error:?}");
    match Problem::from(error).kind() {
        ProblemKind::OutcomeUnknown => Ok(Fate::Unclear),
        ProblemKind::DatabaseUnavailable | ProblemKind::InsufficientFunds => Ok(Fate::Refused),
        kind => Err(format!("a thread was answered {}: {text}", kind.slug())),
    }
}

fn transfers(manager: AsyncPostgresSessionManager) -> TransferService {
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(UuidV7));
    let manager = Arc::new(manager);
    let keys = Arc::new(IdempotencyKeyRepository::new(manager.clone()));
    TransferService::new(
        Arc::new(AccountRepository::new(manager.clone(), clock.clone())),
        Arc::new(TransferRepository::new(manager.clone())),
        Arc::new(IdempotencyService::new(keys, clock.clone(), TTL)),
        manager,
        clock,
        ids,
    )
}
