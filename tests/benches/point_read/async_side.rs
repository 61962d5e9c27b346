use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use adapters::postgres::{AsyncPostgresSessionManager, PostgresConfig, Session};
use ports::AsyncSessionManager as _;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, EntityTrait as _,
    sqlx::{self, Connection as _, PgConnection},
};
use tokio::sync::Mutex;

use super::{
    Figures, ROUND, ROUNDS, ROWS, WORKERS,
    entity::{Entity, SELECT},
};

pub(crate) fn prepare(url: &str) {
    let script = format!(
        "CREATE TABLE points (id bigint PRIMARY KEY, owner text NOT NULL, \
         balance bigint NOT NULL, version bigint NOT NULL); \
         INSERT INTO points SELECT i, 'owner ' || i, i, 1 FROM generate_series(1, {ROWS}) i; \
         VACUUM ANALYZE points"
    );
    runtime().block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for statement in script.split("; ") {
            let sql = sqlx::AssertSqlSafe(statement.to_owned());
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    });
}

pub(crate) fn run(url: &str) -> Vec<Figures> {
    runtime().block_on(async {
        let mut config = PostgresConfig::from_url(url).unwrap();
        config.session.pool_size = WORKERS;
        config.session.pool_max_overflow = 0;
        let manager = AsyncPostgresSessionManager::new(config).unwrap();
        let seaorm = seaorm(url).await;
        let raw = raw(url).await;
        let mut all = [
            Figures::new("the session layer"),
            Figures::new("SeaORM on its own pool"),
            Figures::new("sqlx connections without a pool"),
        ];
        let session = manager.session().unwrap();
        for _ in 0..=ROUNDS {
            all[0].rates.push(rate(|_| Ours(session.clone())).await);
            all[1].rates.push(rate(|_| SeaOrm(seaorm.clone())).await);
            all[2]
                .rates
                .push(rate(|worker| Raw(Arc::clone(&raw[worker]))).await);
        }
        warmed(all)
    })
}

/// The first round opens connections and prepares statements.
pub(crate) fn warmed<const N: usize>(mut all: [Figures; N]) -> Vec<Figures> {
    for figures in &mut all {
        figures.rates.remove(0);
    }
    all.into()
}

/// Reads one row, as one of the contenders does it.
trait Reader: Send + 'static {
    fn read(&self, id: i64) -> impl Future<Output = bool> + Send;
}

struct Ours(Session);

impl Reader for Ours {
    async fn read(&self, id: i64) -> bool {
        Entity::find_by_id(id).one(&self.0).await.unwrap().is_some()
    }
}

struct SeaOrm(DatabaseConnection);

impl Reader for SeaOrm {
    async fn read(&self, id: i64) -> bool {
        Entity::find_by_id(id).one(&self.0).await.unwrap().is_some()
    }
}

struct Raw(Arc<Mutex<PgConnection>>);

impl Reader for Raw {
    async fn read(&self, id: i64) -> bool {
        let mut connection = self.0.try_lock().unwrap();
        let query = sqlx::query_as::<_, (i64, String, i64, i64)>(SELECT).bind(id);
        query
            .fetch_optional(&mut *connection)
            .await
            .unwrap()
            .is_some()
    }
}

/// Reads per second of all workers together.
async fn rate<R: Reader>(worker: impl Fn(usize) -> R) -> f64 {
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..WORKERS)
        .map(|number| {
            let (reader, stop, reads) = (worker(number), Arc::clone(&stop), Arc::clone(&reads));
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(number as u64);
                let mut done = 0;
                while !stop.load(Relaxed) {
                    assert!(reader.read(random.i64(1..=ROWS)).await);
                    done += 1;
                }
                reads.fetch_add(done, Relaxed);
            })
        })
        .collect();
    tokio::time::sleep(ROUND).await;
    stop.store(true, Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "far fewer reads than a double holds"
    )]
    let reads = reads.load(Relaxed) as f64;
    reads / begun.elapsed().as_secs_f64()
}

pub(crate) async fn seaorm(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(u32::try_from(WORKERS).unwrap())
        .sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn raw(url: &str) -> Vec<Arc<Mutex<PgConnection>>> {
    let mut all = Vec::new();
    for _ in 0..WORKERS {
        all.push(Arc::new(Mutex::new(connect(url).await)));
    }
    all
}

pub(crate) async fn connect(url: &str) -> PgConnection {
    use sqlx::ConnectOptions as _;
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    options.disable_statement_logging().connect().await.unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}
