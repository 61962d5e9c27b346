use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Instant,
};

use adapters::postgres::{PostgresConfig, PostgresSessionManager};
use ports::{SessionManager as _, blocking::BlockOn as _};
use sea_orm::{EntityTrait as _, sqlx};
use tokio::runtime::{Builder, Runtime};

use super::{
    Figures, ROUND, ROUNDS, ROWS, WORKERS,
    async_side::{connect, seaorm, warmed},
    entity::{Entity, SELECT},
};

pub(crate) fn run(url: &str) -> Vec<Figures> {
    let mut config = PostgresConfig::from_url(url).unwrap();
    config.session.pool_size = WORKERS;
    config.session.pool_max_overflow = 0;
    let manager = PostgresSessionManager::new(config).unwrap();
    let shared = Builder::new_multi_thread().enable_all().build().unwrap();
    let db = shared.block_on(seaorm(url));
    let raw: Vec<_> = (0..WORKERS)
        .map(|_| {
            let own = current_thread();
            let connection = own.block_on(connect(url));
            Mutex::new((own, connection))
        })
        .collect();
    let mut all = [
        Figures::new("the session layer"),
        Figures::new("SeaORM's pool, one shared runtime"),
        Figures::new("sqlx connections without a pool"),
    ];
    for _ in 0..=ROUNDS {
        all[0].rates.push(rate(|_, id| {
            let session = manager.session().unwrap();
            let found = manager.block_on(Entity::find_by_id(id).one(&session));
            assert!(found.unwrap().unwrap().is_some());
        }));
        all[1].rates.push(rate(|_, id| {
            let found = shared.block_on(Entity::find_by_id(id).one(&db));
            assert!(found.unwrap().is_some());
        }));
        all[2].rates.push(rate(|worker, id| {
            let mut pair = raw[worker].try_lock().unwrap();
            let (own, connection) = &mut *pair;
            let query = sqlx::query_as::<_, (i64, String, i64, i64)>(SELECT).bind(id);
            let found = own.block_on(query.fetch_optional(connection));
            assert!(found.unwrap().is_some());
        }));
    }
    warmed(all)
}

/// Reads per second of all threads together.
fn rate(read: impl Fn(usize, i64) + Sync) -> f64 {
    let stop = AtomicBool::new(false);
    let reads = AtomicU64::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (stop, reads, read) = (&stop, &reads, &read);
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(worker as u64);
                let mut done = 0;
                while !stop.load(Relaxed) {
                    read(worker, random.i64(1..=ROWS));
                    done += 1;
                }
                reads.fetch_add(done, Relaxed);
            });
        }
        thread::sleep(ROUND);
        stop.store(true, Relaxed);
    });
    #[expect(
        clippy::cast_precision_loss,
        reason = "far fewer reads than a double holds"
    )]
    let reads = reads.load(Relaxed) as f64;
    reads / begun.elapsed().as_secs_f64()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
