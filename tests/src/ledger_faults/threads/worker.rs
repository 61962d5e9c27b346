//! The same transfers, on threads that wait themselves.

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use adapters::{
    Database, IdempotencyKeyRepository, SystemClock, UuidV7,
    config::Variables,
    ledger::{AccountRepository, TransferRepository},
    postgres::{AsyncPostgresSessionManager, PostgresSessionManager},
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

use super::{
    super::book::{Fate, Order},
    NAME, THREADS,
    wire::{ACCOUNTS, Answered, Asked, Call, Places, Said},
};

/// One for each caller under load, one for whoever measures how soon all is well again, and one
/// that can tell of the pool while all others wait for the database.
const WORKERS: usize = THREADS + 2;

/// How keys are remembered, as the services do it.
const TTL: Duration = Duration::from_hours(24);

/// Answers calls until there are no more, if this process was started for it.
pub(in super::super) fn serve() -> Option<ExitCode> {
    let accounts = env::var(ACCOUNTS).ok()?;
    let url = env::var("DATABASE_URL").unwrap_or_default();
    let accounts: Vec<_> = accounts.split(',').map(str::to_owned).collect();
    let worker = Arc::new(Worker::on(&url, &accounts));
    let (sender, calls) = mpsc::channel();
    let calls = Arc::new(Mutex::new(calls));
    for _ in 0..WORKERS {
        let (worker, calls) = (Arc::clone(&worker), Arc::clone(&calls));
        thread::spawn(move || work(&worker, &calls));
    }
    for line in io::stdin().lines().map_while(Result::ok) {
        let asked: Asked = serde_json::from_str(&line).expect("a call of the suite's");
        if sender.send(asked).is_err() {
            break;
        }
    }
    Some(ExitCode::FAILURE)
}

fn work(worker: &Worker, calls: &Mutex<mpsc::Receiver<Asked>>) {
    loop {
        let next = calls.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Asked { number, call }) = next else {
            return;
        };
        let said = worker.answer(&call);
        let line = serde_json::to_string(&Answered { number, said }).expect("plain values");
        // In one piece, whoever else writes. When nobody reads, the input ends as well.
        drop(
            io::stdout()
                .lock()
                .write_all(format!("{line}\n").as_bytes()),
        );
    }
}

/// The services of the ledger on a blocking manager.
struct Worker {
    manager: PostgresSessionManager,
    transfers: TransferService,
    accounts: Vec<AccountId>,
    euro: Currency,
}

impl Worker {
    fn on(url: &str, accounts: &[String]) -> Self {
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

    fn answer(&self, call: &Call) -> Said {
        match call {
            Call::Pay { order, nested } => {
                fate(self.pay(order, *nested)).map_or_else(Said::Wrong, Said::Fate)
            }
            Call::Read => match self.read() {
                Ok(()) => Said::Read,
                Err(error) => Said::Wrong(format!("{error:?}")),
            },
            Call::Pool => {
                let pool = self.manager.status();
                let (size, idle) = (pool.size, pool.idle);
                Said::Pool(Places { size, idle })
            }
        }
    }

    fn pay(&self, order: &Order, nested: bool) -> Result<Made<Transfer>, TransferServiceError> {
        let pay = || self.manager.block_on(self.carry_out(order))?;
        if nested {
            self.manager.atomic(pay)
        } else {
            pay()
        }
    }

    fn read(&self) -> Result<(), DatabaseError> {
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
fn fate(paid: Result<Made<Transfer>, TransferServiceError>) -> Result<Fate, String> {
    let error = match paid {
        Ok(made) => return Ok(Fate::Stored(made.value.id().as_uuid().to_string())),
        Err(error) => error,
    };
    let text = format!("{error:?}");
    match Problem::from(error).kind() {
        ProblemKind::OutcomeUnknown => Ok(Fate::Unclear),
        ProblemKind::DatabaseUnavailable | ProblemKind::InsufficientFunds => Ok(Fate::Refused),
        kind => Err(format!("{}: {text}", kind.slug())),
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
