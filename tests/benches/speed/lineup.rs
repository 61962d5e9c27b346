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

/// All contenders, each with connections of its own to this URL.
pub(crate) fn lineup(
    runtime: &Runtime,
    cluster: &Cluster,
    url: &str,
    workers: usize,
) -> Vec<Box<dyn Runner>> {
    let mut all = libraries(runtime, url, workers);
    let pgbench = Pgbench::new(PGBENCH, &cluster.program("pgbench"), url);
    all.extend(pgbench.map(|pgbench| Box::new(pgbench) as Box<dyn Runner>));
    all
}

/// All but `pgbench`.
pub(crate) fn libraries(runtime: &Runtime, url: &str, workers: usize) -> Vec<Box<dyn Runner>> {
    let connections = workers.min(CONNECTIONS);
    let mut all = tasks(runtime, url, connections);
    all.extend(threads(runtime, url, connections));
    all
}

fn tasks(runtime: &Runtime, url: &str, connections: usize) -> Vec<Box<dyn Runner>> {
    use contender::{
        deadpool::Deadpool,
        ours::{Repository, SessionLayer},
        sqlx::{Pool, Raw},
    };
    let _entered = runtime.enter();
    let on = runtime.handle();
    vec![
        task(on, SessionLayer::new(OURS, url)),
        task(on, Repository::new(REPOSITORY, url)),
        task(on, runtime.block_on(SeaOrm::new(SEAORM, url))),
        task(on, runtime.block_on(SeaOrm::untested(SEAORM_UNTESTED, url))),
        task(on, runtime.block_on(Pool::new(SQLX, url))),
        task(on, Deadpool::new(DEADPOOL, url)),
        task(on, runtime.block_on(Raw::new(RAW, url, connections))),
    ]
}

fn task(runtime: &Handle, contender: impl Contender) -> Box<dyn Runner> {
    let runtime = runtime.clone();
    Box::new(Tasks { contender, runtime })
}

fn threads(runtime: &Runtime, url: &str, connections: usize) -> Vec<Box<dyn Runner>> {
    use blocking::{
        diesel::Diesel,
        ours::{Repository, SessionLayer},
        postgres::Postgres,
        seaorm::BlockOn,
        sqlx::Raw,
    };
    let runtime = runtime.handle();
    let seaorm = runtime.block_on(SeaOrm::new(SEAORM, url));
    vec![
        Box::new(Threads(SessionLayer::new(OURS, url))),
        Box::new(Threads(Repository::new(REPOSITORY, url))),
        Box::new(Threads(BlockOn::new(SEAORM, &seaorm, runtime))),
        Box::new(Threads(Diesel::new(DIESEL, url))),
        Box::new(Threads(Diesel::untested(DIESEL_UNTESTED, url))),
        Box::new(Threads(Postgres::new(POSTGRES, url, connections))),
        Box::new(Threads(Raw::new(RAW, url, connections))),
    ]
}

/// What a contender is called on its side.
pub(crate) fn title(side: Side, name: &str) -> String {
    match (side, name) {
        (Side::Sync, SEAORM) => "SeaORM, its pool, `block_on` a shared runtime".to_owned(),
        (Side::Sync, RAW) => "sqlx, no pool, a runtime each".to_owned(),
        (Side::Limit, _) => "`pgbench -M prepared`".to_owned(),
        _ => name.to_owned(),
    }
}
