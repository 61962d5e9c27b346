//! Who is measured against whom.

use tokio::runtime::{Handle, Runtime};

use super::{
    blocking,
    contender::{self, CONNECTIONS, Contender, seaorm::SeaOrm},
    load::{Runner, Side, Tasks, Threads},
    pgbench::Pgbench,
};
use tests::Cluster;

pub(crate) use super::name::{
    DEADPOOL, DIESEL, DIESEL_UNTESTED, OURS, PGBENCH, POSTGRES, RAW, REPOSITORY, SEAORM,
    SEAORM_UNTESTED, SQLX,
};

/// Who is measured in tasks.
const TASKS: [&str; 7] = [
    OURS,
    REPOSITORY,
    SEAORM,
    SEAORM_UNTESTED,
    SQLX,
    DEADPOOL,
    RAW,
];

/// Who is measured on threads.
const THREADS: [&str; 8] = [
    OURS,
    REPOSITORY,
    SEAORM,
    SEAORM_UNTESTED,
    DIESEL,
    DIESEL_UNTESTED,
    POSTGRES,
    RAW,
];

/// All of the grid.
pub(crate) fn names() -> impl Iterator<Item = (Side, &'static str)> {
    libraries().chain([(Side::Limit, PGBENCH)])
}

/// All but `pgbench`.
fn libraries() -> impl Iterator<Item = (Side, &'static str)> {
    let tasks = TASKS.map(|name| (Side::Async, name)).into_iter();
    tasks.chain(THREADS.map(|name| (Side::Sync, name)))
}

/// All contenders, each with connections of its own to this URL.
pub(crate) fn lineup(
    runtime: &Runtime,
    cluster: &Cluster,
    url: &str,
    workers: usize,
) -> Vec<Box<dyn Runner>> {
    let mut all: Vec<_> = libraries()
        .map(|(side, name)| library(runtime, side, name, url, workers))
        .collect();
    let pgbench = Pgbench::new(PGBENCH, cluster, url);
    all.extend(pgbench.map(|pgbench| Box::new(pgbench) as Box<dyn Runner>));
    all
}

/// One contender, which is not `pgbench`, with connections of its own to this URL.
pub(crate) fn library(
    runtime: &Runtime,
    side: Side,
    name: &'static str,
    url: &str,
    workers: usize,
) -> Box<dyn Runner> {
    let connections = workers.min(CONNECTIONS);
    match side {
        Side::Async => task(runtime, name, url, connections),
        _ => thread(runtime, name, url, connections),
    }
}

fn task(runtime: &Runtime, name: &'static str, url: &str, connections: usize) -> Box<dyn Runner> {
    use contender::{
        deadpool::Deadpool,
        ours::{Repository, SessionLayer},
        sqlx::{Pool, Raw},
    };
    let _entered = runtime.enter();
    let on = runtime.handle();
    match name {
        OURS => tasks(on, SessionLayer::new(name, url)),
        REPOSITORY => tasks(on, Repository::new(name, url)),
        SEAORM => tasks(on, runtime.block_on(SeaOrm::new(name, url))),
        SEAORM_UNTESTED => tasks(on, runtime.block_on(SeaOrm::untested(name, url))),
        SQLX => tasks(on, runtime.block_on(Pool::new(name, url))),
        DEADPOOL => tasks(on, Deadpool::new(name, url)),
        RAW => tasks(on, runtime.block_on(Raw::new(name, url, connections))),
        _ => panic!("there is no {name} in tasks"),
    }
}

fn tasks(runtime: &Handle, contender: impl Contender) -> Box<dyn Runner> {
    let runtime = runtime.clone();
    Box::new(Tasks { contender, runtime })
}

fn thread(runtime: &Runtime, name: &'static str, url: &str, connections: usize) -> Box<dyn Runner> {
    use blocking::{
        diesel::Diesel,
        ours::{Repository, SessionLayer},
        postgres::Postgres,
        seaorm::BlockOn,
        sqlx::Raw,
    };
    let block_on = |seaorm| Threads(BlockOn::new(name, &seaorm, runtime.handle()));
    match name {
        OURS => Box::new(Threads(SessionLayer::new(name, url))),
        REPOSITORY => Box::new(Threads(Repository::new(name, url))),
        SEAORM => Box::new(block_on(runtime.block_on(SeaOrm::new(name, url)))),
        SEAORM_UNTESTED => Box::new(block_on(runtime.block_on(SeaOrm::untested(name, url)))),
        DIESEL => Box::new(Threads(Diesel::new(name, url))),
        DIESEL_UNTESTED => Box::new(Threads(Diesel::untested(name, url))),
        POSTGRES => Box::new(Threads(Postgres::new(name, url, connections))),
        RAW => Box::new(Threads(Raw::new(name, url, connections))),
        _ => panic!("there is no {name} on threads"),
    }
}

/// What a contender is called on its side.
pub(crate) fn title(side: Side, name: &str) -> String {
    match (side, name) {
        (Side::Sync, SEAORM | SEAORM_UNTESTED) => format!("{name}, `block_on` a shared runtime"),
        (Side::Sync, RAW) => "sqlx, no pool, a runtime each".to_owned(),
        (Side::Limit, _) => "`pgbench -M prepared`".to_owned(),
        _ => name.to_owned(),
    }
}
