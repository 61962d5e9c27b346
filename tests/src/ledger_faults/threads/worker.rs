//! The same transfers, on threads that wait themselves.

use std::{
    env,
    io::{self, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{Arc, Mutex, mpsc},
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
        AccountService, AccountServiceError, IdempotencyService, Made, Once, Reach, TransferOrder,
        TransferService, TransferServiceError,
    },
};
use domain::{Account, AccountId, Currency, Money, Transfer};
use ports::{
    IdempotencyKey,
    blocking::{Atomic as _, BlockOn as _},
};

use super::{
    super::{
        attempt::told,
        book::{Fate, Order, lock},
        place::POOR,
    },
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
        let next = lock(calls).recv();
        let Ok(Asked { number, call }) = next else {
            return;
        };
        let said = catch_unwind(AssertUnwindSafe(|| worker.answer(&call)));
        let said = said.unwrap_or_else(|panic| Said::Wrong(told(panic)));
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
    holdings: AccountService,
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
            holdings: holdings(manager.as_async()),
            manager,
            accounts: accounts.collect(),
            euro: Currency::new("EUR").expect("a currency"),
        }
    }

    fn answer(&self, call: &Call) -> Said {
        match call {
            Call::Pay { order, nested } => {
                fate(order, self.pay(order, *nested)).map_or_else(Said::Wrong, Said::Fate)
            }
            Call::Read => was_there(self.read()).map_or_else(Said::Wrong, Said::Read),
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

    fn read(&self) -> Result<Account, AccountServiceError> {
        let found = self.holdings.find(&Reach::Everything, self.accounts[0]);
        self.manager.block_on(found)?
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
fn fate(order: &Order, paid: Result<Made<Transfer>, TransferServiceError>) -> Result<Fate, String> {
    let error = match paid {
        Ok(made) => return Ok(Fate::Stored(made.value.id().as_uuid().to_string())),
        Err(error) => error,
    };
    let text = format!("{error:?}");
    match Problem::from(error).kind() {
        ProblemKind::OutcomeUnknown => Ok(Fate::Unclear),
        ProblemKind::DatabaseUnavailable => Ok(Fate::Refused),
        ProblemKind::InsufficientFunds if order.from == POOR => Ok(Fate::Refused),
        kind => Err(format!("{}: {text}", kind.slug())),
    }
}

/// Whether a read had a database; the accounts of the suite are never gone.
fn was_there(read: Result<Account, AccountServiceError>) -> Result<bool, String> {
    let Err(error) = read else {
        return Ok(true);
    };
    let text = format!("{error:?}");
    match Problem::from(error).kind() {
        ProblemKind::DatabaseUnavailable => Ok(false),
        kind => Err(format!("{}: {text}", kind.slug())),
    }
}

fn holdings(manager: AsyncPostgresSessionManager) -> AccountService {
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(UuidV7));
    let manager = Arc::new(manager);
    let accounts = AccountRepository::new(manager.clone(), clock.clone());
    AccountService::new(Arc::new(accounts), manager, clock, ids)
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
