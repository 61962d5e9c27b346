//! The server that all are measured on, and its tables.

use std::{
    sync::atomic::AtomicI64,
    time::{Duration, Instant},
};

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, query_scalar, raw_sql};
use tests::{Cluster, ClusterOptions, Proxy, on_own_thread};

use super::{
    figures::Figures,
    operation::{BRANCHES, OPENING_BALANCE, Operation, Versions, WALLETS},
};

/// How the server differs from the usual one: clients are measured, and not the disk; what
/// comes by itself now and then (vacuum, checkpoints) comes between rounds or not at all.
const SETTINGS: [(&str, &str); 8] = [
    ("max_connections", "400"),
    ("synchronous_commit", "off"),
    ("autovacuum", "off"),
    ("checkpoint_timeout", "1h"),
    ("max_wal_size", "8GB"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("shared_buffers", "256MB"),
];

/// What a round trip from afar takes longer, the proxy's own work not counted.
pub(crate) const DELAY: Duration = Duration::from_millis(1);

const NAME: &str = "speed";

/// How often a round trip is timed.
const TRIPS: usize = 300;

/// A server of the suite's own, with the tables filled.
pub(crate) struct Stage {
    cluster: Cluster,
}

impl Stage {
    pub(crate) fn start() -> Self {
        let options = SETTINGS
            .iter()
            .fold(ClusterOptions::default(), |options, (name, value)| {
                options.with(name, value)
            });
        let stage = Self {
            cluster: Cluster::start(&options),
        };
        execute(&stage.cluster.url("postgres"), &["CREATE DATABASE speed"]);
        stage.fill();
        stage
    }

    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The database, without anything in between.
    pub(crate) fn url(&self) -> String {
        self.cluster.url(NAME)
    }

    /// The way to it from afar, for as long as this value lives.
    pub(crate) fn far(&self) -> Proxy {
        let proxy = Proxy::to(&self.url());
        proxy.set_delay(DELAY / 2);
        proxy
    }

    /// What the server says of itself.
    pub(crate) fn version(&self) -> String {
        let url = self.url();
        on_own_thread(async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let version = query_scalar("SHOW server_version");
            version.fetch_one(&mut connection).await.unwrap()
        })
    }

    /// The last statement that a client has sent, as the server shows it.
    pub(crate) fn last_statement(&self) -> String {
        let url = self.url();
        on_own_thread(async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let last = "SELECT query FROM pg_stat_activity WHERE datname = current_database() \
                        AND pid <> pg_backend_pid() ORDER BY query_start DESC NULLS LAST LIMIT 1";
            query_scalar(last).fetch_one(&mut connection).await.unwrap()
        })
    }

    /// Takes out what an operation has left behind, for the next to find the same tables.
    pub(crate) fn tidy(&self) {
        execute(
            &self.url(),
            &["TRUNCATE entries", "VACUUM wallets", "CHECKPOINT"],
        );
    }

    /// Fails unless so many entries have been stored.
    pub(crate) fn expect_entries(&self, number: usize) {
        let url = self.url();
        let stored: i64 = on_own_thread(async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let count = query_scalar("SELECT count(*) FROM entries");
            count.fetch_one(&mut connection).await.unwrap()
        });
        assert_eq!(usize::try_from(stored).unwrap(), number);
    }

    /// The same before each round, as far as this operation notices.
    pub(crate) fn reset(&self, operation: Operation) -> Versions {
        if matches!(operation, Operation::Insert | Operation::Transfer) {
            execute(&self.url(), &["TRUNCATE entries"]);
        }
        if operation == Operation::Update {
            return self.versions();
        }
        Versions::from([])
    }

    fn versions(&self) -> Versions {
        let url = self.url();
        let versions: Vec<i64> = on_own_thread(async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let versions = query_scalar("SELECT version FROM wallets ORDER BY id");
            versions.fetch_all(&mut connection).await.unwrap()
        });
        versions.into_iter().map(AtomicI64::new).collect()
    }

    fn fill(&self) {
        let fill = format!(
            "INSERT INTO wallets SELECT i, i % {BRANCHES}, 'owner ' || md5(i::text), \
             {OPENING_BALANCE}, 1 FROM generate_series(1, {WALLETS}) i"
        );
        execute(
            &self.url(),
            &[
                // Room on each page, so that changed rows stay on theirs.
                "CREATE TABLE wallets (id bigint PRIMARY KEY, branch integer NOT NULL, \
                 owner text NOT NULL, balance bigint NOT NULL, version bigint NOT NULL) \
                 WITH (fillfactor = 70)",
                "CREATE TABLE entries (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, \
                 wallet_id bigint NOT NULL, amount bigint NOT NULL, memo text NOT NULL)",
                &fill,
                "CREATE INDEX ON wallets (branch, owner, id)",
                "VACUUM ANALYZE",
            ],
        );
    }
}

/// How many milliseconds a round trip takes: the median of many, of an empty statement.
pub(crate) fn round_trip(url: &str) -> f64 {
    let times: Figures = on_own_thread(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let mut times = Figures::default();
        for _ in 0..TRIPS {
            let begun = Instant::now();
            raw_sql("").execute(&mut connection).await.unwrap();
            times.add(begun.elapsed().as_secs_f64() * 1e3);
        }
        times
    });
    times.median()
}

/// Runs statements, each by itself, on a connection of their own.
pub(crate) fn execute(url: &str, statements: &[&str]) {
    on_own_thread(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for statement in statements {
            let sql = AssertSqlSafe((*statement).to_owned());
            raw_sql(sql).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    });
}
