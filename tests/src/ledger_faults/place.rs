//! Where it all happens: a server, a wire, services, threads, and accounts.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{task::block_in_place, time::sleep};

use super::{
    Plan,
    book::Book,
    call::{Caller, Heard, REQUEST},
    disk::{Disk, Mount},
    service::{Launch, Service},
    threads::{self, Threads},
    truth::Truth,
    weight::Weights,
};
use crate::{Cluster, ClusterOptions, Proxy, TestDatabase};

/// Accounts that money is moved between.
pub(super) const ACCOUNTS: usize = 16;

/// The number of one more, which never has any.
pub(super) const POOR: usize = ACCOUNTS;

/// What each of them begins with: nobody runs out of it.
pub(super) const EACH: i64 = 1_000_000_000_000;

/// `DATABASE_POOL_SIZE` of each service, and the connections that may be opened beyond it.
pub(super) const POOL: usize = 6;
pub(super) const OVERFLOW: usize = 2;

/// Connections of everybody else: threads, imports, the suite itself.
const OTHERS: usize = 72;

/// Of eight requests, so many clients do not wait for the answer.
pub(super) const HANG_UPS: u8 = 1;

pub(super) struct Place {
    // Fields are dropped in this order: those who use something end before it does.
    pub(super) services: Vec<Service>,
    pub(super) threads: Threads,
    pub(super) launch: Launch,
    pub(super) longest_stall: Duration,
    pub(super) proxy: Proxy,
    pub(super) accounts: Vec<String>,
    pub(super) book: Book,
    pub(super) truth: Truth,
    pub(super) weights: Weights,
    pub(super) caller: Caller,
    /// How many of eight requests are given up on by their clients.
    pub(super) hang_ups: AtomicU8,
    pub(super) database: TestDatabase,
    pub(super) cluster: Cluster,
    pub(super) disk: Disk,
    /// What the write-ahead log is on, where mounting is allowed.
    pub(super) wal: Option<Mount>,
    /// Below the cluster's, so that it goes away with that, however the suite ends.
    pub(super) directory: PathBuf,
}

impl Place {
    /// A ledger, and the processes that serve it.
    pub(super) async fn new(plan: &Plan) -> Arc<Self> {
        // Those of a process that is gone, or was cut off, may be there for a while.
        let connections = OTHERS + 2 * plan.services * (POOL + OVERFLOW);
        let mut options = ClusterOptions::default()
            .with("max_connections", &connections.to_string())
            .with("max_wal_size", "256MB");
        let wal = Mount::make_if(plan.may_mount, "test-wal-").ok();
        if let Some(wal) = &wal {
            options = options.wal_in(wal.path());
        }
        let cluster = block_in_place(|| Cluster::start(&options));
        let database = TestDatabase::on(&cluster).await;
        let disk = Disk::under(&database, plan.may_mount).await;
        let proxy = Proxy::to(&database.url());
        let directory = cluster.directory().join("faults");
        fs::create_dir(&directory).expect("a directory");
        let services: Vec<_> = (0..plan.services)
            .map(|number| {
                let name = format!("service-{number}");
                let directory = directory.join(&name);
                let settings = settings(proxy.url());
                block_in_place(|| Service::start(&name, &plan.launch, settings, directory))
                    .expect("a service")
            })
            .collect();
        let caller = Caller::new();
        let mut accounts = Vec::new();
        for number in 0..=ACCOUNTS {
            let balance = if number == POOR { 0 } else { EACH };
            let first = services.first().expect("a service").addr();
            accounts.push(
                caller
                    .open(first, &format!("Client {number}"), balance)
                    .await,
            );
        }
        let threads = block_in_place(|| {
            let directory = directory.join(threads::NAME);
            Threads::start(&plan.launch, proxy.url(), &accounts, directory)
        });
        let place = Arc::new(Self {
            threads: threads.expect("the threads"),
            services,
            launch: plan.launch.clone(),
            longest_stall: plan.longest_stall,
            proxy,
            accounts,
            book: Book::default(),
            truth: Truth::default(),
            weights: Weights::default(),
            caller,
            hang_ups: AtomicU8::new(HANG_UPS),
            database,
            cluster,
            disk,
            wal,
            directory,
        });
        place.until_ready().await;
        place
    }

    /// What a process of the service, or a command of it, is told.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        settings(self.proxy.url())
    }

    /// Whether this client does not wait for its answer this time.
    pub(super) fn is_hung_up(&self, rng: &mut fastrand::Rng) -> bool {
        rng.u8(..8) < self.hang_ups.load(Relaxed)
    }

    async fn until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        for service in &self.services {
            loop {
                let answer = self.caller.get(service.addr(), "/readyz").await;
                if matches!(&answer, Heard::Answer(answer) if answer.status == 200) {
                    break;
                }
                assert!(Instant::now() < deadline, "{}: {answer:?}", service.name);
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

fn settings(url: &str) -> Vec<(String, String)> {
    let request = format!("{}s", REQUEST.as_secs());
    [
        ("HTTP_ADDR", "127.0.0.1:0"),
        ("HTTP_REQUEST_TIMEOUT", &request),
        ("LOG", "info"),
        ("DATABASE_URL", url),
        ("DATABASE_SSL_MODE", "disable"),
        ("DATABASE_POOL_SIZE", &POOL.to_string()),
        ("DATABASE_POOL_MAX_OVERFLOW", &OVERFLOW.to_string()),
        ("IDEMPOTENCY_PURGE_INTERVAL", "200ms"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}
