//! Whether nothing was lost but what was at work: pools, sessions, processes.

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use sea_orm::sqlx::raw_sql;
use tokio::{
    task::{JoinSet, block_in_place},
    time::sleep,
};

use super::{
    attempt::told,
    call::{Heard, REQUEST},
    place::{OVERFLOW, POOL, Place},
    threads::{NAME, Places, THREADS},
    weight,
};

/// How long everything may take to come to rest.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// How long reads that wait for a lock may take to be there, all at once; then they are given up.
const TAKEN: Duration = Duration::from_secs(REQUEST.as_secs() - 1);

/// The pool of the threads, when none of them works, and when all do.
const ALL_IDLE: Places = Places {
    size: THREADS,
    idle: THREADS,
};
const ALL_TAKEN: Places = Places {
    size: THREADS,
    idle: 0,
};

/// Nobody is at work any more, on either side of the wire.
pub(super) async fn settle(place: &Place) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND pid <> pg_backend_pid() AND backend_type = 'client backend' \
               AND state <> 'idle'";
    let busy = until(PATIENCE, async || {
        let busy: i64 = place.database.scalar(sql).await;
        (busy == 0).then_some(()).ok_or(busy)
    });
    if let Err(busy) = busy.await {
        let states = place.database.backends().await;
        place
            .book
            .find(format!("{busy} sessions do not come to rest: {states:?}"));
    }
}

/// Every place in every pool can be taken, and afterwards as many connections are there as were
/// configured, on both sides of the wire, none of them in use.
pub(super) async fn check(place: &Arc<Place>) {
    for service in &place.services {
        if let Some(status) = service.ended() {
            place
                .book
                .find(format!("{} has ended by itself: {status}", service.name));
        }
        service.log.check(&service.name, &place.book);
    }
    if let Some(status) = place.threads.ended() {
        place
            .book
            .find(format!("the threads have ended by themselves: {status}"));
    }
    place.threads.log.check("the threads", &place.book);
    let full = until(PATIENCE, async || take_every_place(place).await).await;
    if let Err(finding) = full {
        place.book.find(finding);
    }
    for service in &place.services {
        let settled = until(PATIENCE, async || {
            let Some(pool) = figures(place, service.addr()).await else {
                return Err("no metrics".to_owned());
            };
            let sessions = sessions(place, &service.name).await;
            let whole = pool.size == POOL
                && pool.idle == POOL
                && pool.in_use == 0
                && pool.waiting == 0
                && sessions == POOL;
            whole
                .then_some(())
                .ok_or(format!("{pool:?}, {sessions} sessions"))
        });
        if let Err(finding) = settled.await {
            let name = &service.name;
            place
                .book
                .find(format!("the pool of {name} is not whole: {finding}"));
        }
    }
    let settled = until(PATIENCE, async || {
        let pool = block_in_place(|| place.threads.pool());
        let sessions = sessions(place, NAME).await;
        let whole = pool == Ok(ALL_IDLE) && sessions == THREADS;
        whole
            .then_some(())
            .ok_or(format!("{pool:?}, {sessions} sessions"))
    });
    if let Err(finding) = settled.await {
        place
            .book
            .find(format!("the pool of the threads is not whole: {finding}"));
    }
    weight::check(place).await;
}

/// As many connections at once as there may be, of each service and of the threads. Whoever comes
/// too late is not served, so it may have to be tried again; any other failure is a finding at
/// once.
async fn take_every_place(place: &Arc<Place>) -> Result<(), String> {
    let mut blocker = place.database.connect().await;
    let lock = "BEGIN; LOCK TABLE accounts, transfers IN ACCESS EXCLUSIVE MODE";
    let locked = raw_sql(lock).execute(&mut blocker).await;
    locked.map_err(|error| format!("the tables can not be locked: {error}"))?;
    let mut busy = JoinSet::new();
    for service in &place.services {
        for _ in 0..POOL + OVERFLOW {
            let (place, addr) = (Arc::clone(place), service.addr());
            busy.spawn(async move { place.caller.get(addr, "/v1/accounts?limit=1").await });
        }
    }
    let readers = blocked(place);
    let all_busy = until(TAKEN, async || {
        let mut pools = Vec::new();
        for service in &place.services {
            pools.push(
                figures(place, service.addr())
                    .await
                    .map_or(0, |pool| pool.in_use),
            );
        }
        let threads = block_in_place(|| place.threads.pool());
        let full =
            pools.iter().all(|in_use| *in_use == POOL + OVERFLOW) && threads == Ok(ALL_TAKEN);
        full.then_some(())
            .ok_or(format!("{pools:?} in use, {threads:?}"))
    });
    let all_busy = all_busy.await;
    drop(blocker);
    let mut unserved = 0;
    while let Some(read) = busy.join_next().await {
        match read {
            Ok(Heard::Answer(answer)) if answer.status == 200 => {}
            Ok(Heard::Answer(answer)) if answer.status == 503 => unserved += 1,
            other => place.book.find(format!("a read in the calm: {other:?}")),
        }
    }
    for reader in readers {
        // No call goes on for ever.
        while !reader.is_finished() {
            sleep(Duration::from_millis(5)).await;
        }
        match reader.join() {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => unserved += 1,
            Ok(Err(finding)) => place.book.find(finding),
            Err(panic) => place.book.find(format!("a thread: {}", told(panic))),
        }
    }
    all_busy.map_err(|found| format!("not every place in a pool can be taken: {found}"))?;
    match unserved {
        0 => Ok(()),
        _ => Err(format!("{unserved} reads were not served in the calm")),
    }
}

fn blocked(place: &Arc<Place>) -> Vec<JoinHandle<Result<bool, String>>> {
    let reader = |_| {
        let place = Arc::clone(place);
        thread::spawn(move || place.threads.read())
    };
    (0..THREADS).map(reader).collect()
}

/// What a service says of its pool.
#[derive(Debug)]
struct Figures {
    size: usize,
    idle: usize,
    in_use: usize,
    waiting: usize,
}

async fn figures(place: &Place, addr: std::net::SocketAddr) -> Option<Figures> {
    let metrics = place.caller.metrics(addr).await?;
    let gauge = |name: &str| {
        let series = format!("database_pool_{name}{{database=\"main\"}}");
        metrics.find(&series)?;
        usize::try_from(metrics.count(&series)).ok()
    };
    Some(Figures {
        size: gauge("size")?,
        idle: gauge("idle")?,
        in_use: gauge("in_use")?,
        waiting: gauge("waiting")?,
    })
}

pub(super) async fn sessions(place: &Place, name: &str) -> usize {
    let backends = place.database.backends().await;
    let theirs = backends.iter().filter(|one| one.application_name == name);
    theirs.count()
}

/// Looks again and again until it is right, or for so long.
pub(super) async fn until<E>(
    patience: Duration,
    look: impl AsyncFn() -> Result<(), E>,
) -> Result<(), E> {
    let deadline = Instant::now() + patience;
    loop {
        let found = look().await;
        if found.is_ok() || Instant::now() > deadline {
            return found;
        }
        sleep(Duration::from_millis(20)).await;
    }
}
