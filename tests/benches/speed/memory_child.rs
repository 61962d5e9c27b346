//! The child that `memory.rs` of the bench `speed` starts: it has an allocator that counts.
//!
//! It weighs one contender, whose side and name it is told, and prints one line, with tabs between
//! figures. What it weighs with is in `memory/`; the contenders are the bench's.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a part of a bench, which prints its figures and fails by panicking"
)]
#![expect(
    dead_code,
    reason = "parts of the contenders that only the bench needs"
)]

mod blocking;
mod contender;
mod entry;
mod name;
mod operation;
mod statement;
mod wallet;

mod memory {
    pub(crate) mod heap;
    pub(crate) mod hold;
    pub(crate) mod weigh;
}

use std::{alloc::System, env, panic, process::exit, sync::atomic::AtomicI64};

use contender::{CONNECTIONS, seaorm::SeaOrm};
use name::{DEADPOOL, DIESEL, OURS, POSTGRES, RAW, REPOSITORY, SEAORM, SQLX};
use operation::Versions;
use sea_orm::sqlx::query_scalar;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    end_with_a_panic();
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [url, side, name] = &arguments[..] else {
        panic!("a URL, a side and a name are needed");
    };
    let versions = versions(url);
    match &side[..] {
        "async" => task(url, name, versions),
        "sync" => thread(url, name, versions),
        _ => panic!("there is no side {side}"),
    }
    println!();
}

/// The others would wait for a worker that has failed for ever.
fn end_with_a_panic() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |failed| {
        usual(failed);
        exit(1);
    }));
}

fn task(url: &str, name: &str, versions: Versions) {
    use contender::{
        deadpool::Deadpool,
        ours::{Repository, SessionLayer},
        sqlx::{Pool, Raw},
    };
    use memory::weigh::tasks::weigh;
    runtime().block_on(async {
        match name {
            OURS => weigh(async { SessionLayer::new(OURS, url) }, versions).await,
            REPOSITORY => weigh(async { Repository::new(REPOSITORY, url) }, versions).await,
            SEAORM => weigh(SeaOrm::new(SEAORM, url), versions).await,
            SQLX => weigh(Pool::new(SQLX, url), versions).await,
            DEADPOOL => weigh(async { Deadpool::new(DEADPOOL, url) }, versions).await,
            RAW => weigh(Raw::new(RAW, url, CONNECTIONS), versions).await,
            _ => panic!("there is no {name} in tasks"),
        }
    });
}

fn thread(url: &str, name: &str, versions: Versions) {
    use blocking::{
        diesel::Diesel,
        ours::{Repository, SessionLayer},
        postgres::Postgres,
        seaorm::BlockOn,
        sqlx::Raw,
    };
    use memory::weigh::threads::{count, weigh};
    match name {
        OURS => count(&weigh(|| SessionLayer::new(OURS, url)), versions),
        REPOSITORY => count(&weigh(|| Repository::new(REPOSITORY, url)), versions),
        SEAORM => {
            // It belongs to what one needs, and outlives what is on it.
            let mut shared = None;
            let contender = weigh(|| {
                let runtime = shared.insert(Runtime::new().unwrap());
                let seaorm = runtime.block_on(SeaOrm::new(SEAORM, url));
                BlockOn::new(SEAORM, &seaorm, runtime.handle())
            });
            count(&contender, versions);
        }
        // libpq's allocations are in use, but they are not counted one by one.
        DIESEL => drop(weigh(|| Diesel::new(DIESEL, url))),
        POSTGRES => {
            let contender = weigh(|| Postgres::new(POSTGRES, url, CONNECTIONS));
            count(&contender, versions);
        }
        RAW => count(&weigh(|| Raw::new(RAW, url, CONNECTIONS)), versions),
        _ => panic!("there is no {name} on threads"),
    }
}

fn versions(url: &str) -> Versions {
    let versions: Vec<i64> = runtime().block_on(async {
        let versions = query_scalar("SELECT version FROM wallets ORDER BY id");
        let mut connection = contender::sqlx::connect(url).await;
        versions.fetch_all(&mut connection).await.unwrap()
    });
    versions.into_iter().map(AtomicI64::new).collect()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
