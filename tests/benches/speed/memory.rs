//! What connections, units of work and statements cost in memory: the child of the bench
//! `speed`, with an allocator that counts. One line for each contender; tabs between figures.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a part of a bench, which prints its figures and fails by panicking"
)]
#![expect(
    dead_code,
    reason = "parts of the contenders that only the bench needs"
)]

mod contender;
mod entry;
mod hold;
mod operation;
mod statement;
mod wallet;

use std::{
    alloc::System,
    env,
    future::Future,
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use contender::{
    CONNECTIONS, Contender, Worker,
    deadpool::Deadpool,
    ours::{Repository, SessionLayer},
    seaorm::SeaOrm,
    sqlx::{Pool, Raw, connect},
};
use hold::Hold;
use operation::{Jobs, Operation, Versions};
use sea_orm::sqlx::query_scalar;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::{runtime::Builder, sync::Barrier, time::sleep};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How often an operation is done when its allocations are counted.
const TIMES: usize = 200;

fn main() {
    let url = env::args().nth(1).unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        measure(&url, async { SessionLayer::new("session layer", &url) }).await;
        measure(&url, async { Repository::new("repository", &url) }).await;
        measure(&url, SeaOrm::new("SeaORM, its pool", &url)).await;
        measure(&url, Pool::new("sqlx, its pool", &url)).await;
        measure(&url, async {
            Deadpool::new("tokio-postgres, deadpool", &url)
        })
        .await;
        measure(&url, Raw::new("sqlx, no pool", &url, CONNECTIONS)).await;
    });
}

async fn measure<C: Contender<Worker: Hold>>(url: &str, contender: impl Future<Output = C>) {
    let before = live();
    let contender = contender.await;
    hold_all(&contender).await;
    let idle = live() - before;
    let open = hold_all(&contender).await - idle - before;
    let connections = i64::try_from(CONNECTIONS).unwrap();
    print!(
        "{}\t{}\t{}",
        contender.name(),
        idle / connections,
        open / connections
    );
    let mut worker = contender.worker(0);
    let mut jobs = Jobs::new(1, 0, 1, versions(url).await);
    for operation in Operation::ALL {
        // A connection that was not used last, too, prepares its statements now.
        work(&mut worker, &mut jobs, operation, 2 * CONNECTIONS).await;
        settle().await;
        let region = Region::new(ALLOCATOR);
        work(&mut worker, &mut jobs, operation, TIMES).await;
        let change = region.change();
        let allocations = (change.allocations + change.reallocations) / TIMES;
        print!("\t{allocations}\t{}", change.bytes_allocated / TIMES);
    }
    println!();
    drop(worker);
    drop(contender);
    settle().await;
}

/// Opens a unit of work on each connection, and answers the bytes that are in use then. All
/// are closed when it returns.
async fn hold_all<C: Contender<Worker: Hold>>(contender: &C) -> i64 {
    let all_open = Arc::new(Barrier::new(CONNECTIONS + 1));
    let end = Arc::new(Barrier::new(CONNECTIONS + 1));
    let tasks: Vec<_> = (1..=CONNECTIONS)
        .map(|number| {
            let mut worker = contender.worker(number - 1);
            let (all_open, end) = (Arc::clone(&all_open), Arc::clone(&end));
            tokio::spawn(async move {
                let wait = async move {
                    all_open.wait().await;
                    end.wait().await;
                };
                worker.hold(i64::try_from(number).unwrap(), wait).await;
            })
        })
        .collect();
    all_open.wait().await;
    let open = live();
    end.wait().await;
    for task in tasks {
        task.await.unwrap();
    }
    settle().await;
    open
}

async fn work<W: Worker>(worker: &mut W, jobs: &mut Jobs, operation: Operation, times: usize) {
    for _ in 0..times {
        match operation {
            Operation::Read => drop(worker.read(jobs.id()).await),
            Operation::List => drop(worker.list(jobs.query()).await),
            Operation::Insert => drop(worker.insert(jobs.entry()).await),
            Operation::Update => {
                let changed = worker.update(jobs.change()).await;
                jobs.changed(changed.id, changed.version);
            }
            Operation::Transfer => worker.transfer(jobs.order()).await,
        }
    }
}

async fn versions(url: &str) -> Versions {
    let versions = query_scalar("SELECT version FROM wallets ORDER BY id");
    let versions: Vec<i64> = versions.fetch_all(&mut connect(url).await).await.unwrap();
    versions.into_iter().map(AtomicI64::new).collect()
}

/// Lets what comes after the last answer come, such as a connection given back.
async fn settle() {
    sleep(Duration::from_millis(100)).await;
}

/// The bytes that are in use now.
fn live() -> i64 {
    let stats = ALLOCATOR.stats();
    i64::try_from(stats.bytes_allocated - stats.bytes_deallocated).unwrap()
}
