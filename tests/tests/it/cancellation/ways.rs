//! The ways in which an operation meets its connection, each with a test on each database.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::{FutureExt as _, future::join_all};
use ports::{Atomic as _, DatabaseError, blocking::BlockOn as _};
use tests::polls::{MANY, Moment, drop_after};
use tokio::sync::oneshot;

use super::{
    case::{Case, Stage},
    groups,
    place::Place,
};

macro_rules! on_both {
    ($($place:ident in $module:ident),+ $(,)?) => {$(
        mod $module {
            use super::super::{place::$place, ways};

            #[tokio::test]
            async fn an_operation_can_be_dropped_at_every_poll() {
                ways::all_alone::<$place>(ways::Pool::Open).await;
            }

            #[tokio::test]
            async fn an_operation_can_be_dropped_while_its_connection_is_opened() {
                ways::all_alone::<$place>(ways::Pool::New).await;
            }

            #[tokio::test]
            async fn an_operation_can_be_dropped_in_the_queue_for_a_connection() {
                ways::all_alone::<$place>(ways::Pool::Taken).await;
            }

            #[tokio::test]
            async fn an_operation_can_be_dropped_inside_of_a_unit_of_work() {
                ways::all_inside::<$place>().await;
            }

            #[test]
            fn an_operation_can_be_dropped_inside_of_a_blocking_call() {
                ways::all_blocking::<$place>();
            }
        }
    )+};
}

on_both!(OnPostgres in on_postgres, OnSqlite in on_sqlite);

/// Each group of cases has a database to itself, so that they need not wait for each other.
async fn all_alone<P: Place>(pool: Pool) {
    let mut groups = groups::<P::Db>();
    // The way to a connection is the same for all: one group tells, the others take their time.
    if pool != Pool::Open && std::env::var_os("CANCELLATION_ALL").is_none() {
        groups.retain(|name, _| *name == "units");
    }
    join_all(groups.values().map(|cases| alone::<P>(cases, pool))).await;
}

async fn all_inside<P: Place>() {
    let groups = groups::<P::Db>();
    join_all(groups.values().map(|cases| inside::<P>(cases))).await;
}

fn all_blocking<P: Place>() {
    let groups = groups::<P::Db>();
    std::thread::scope(|scope| {
        for cases in groups.values() {
            scope.spawn(|| blocking::<P>(cases));
        }
    });
}

/// What the pool has when the operation begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pool {
    /// Its connection, idle.
    Open,
    /// None yet.
    New,
    /// Its connection, which somebody else has for a while.
    Taken,
}

/// How long somebody else has the connection.
const TAKEN: Duration = Duration::from_millis(4);

/// What was seen of one round.
struct Round {
    polls: usize,
    before: Vec<String>,
    after: Vec<String>,
    may_have_done: bool,
}

/// Each of a round is as it was before, or as it is in the last one, which has ended.
fn judge(rounds: &[Round], what: &str) {
    let done = &rounds.last().unwrap().after;
    for round in rounds {
        let nothing = round.after == round.before;
        let all = round.may_have_done && round.after == *done;
        let (polls, before, after) = (round.polls, &round.before, &round.after);
        assert!(
            nothing || all,
            "{what}, dropped after {polls} polls: {before:?} became {after:?}, and not {done:?}"
        );
    }
}

fn named<P: Place>(case: &Case<P::Db>, moment: Moment) -> String {
    format!("{} when {moment:?}", case.covers.join(", "))
}

/// On a manager, one round after the other, and each followed by a write.
async fn alone<P: Place>(cases: &[Case<P::Db>], pool: Pool) {
    let place = P::new().await;
    for (case, moment) in cases
        .iter()
        .flat_map(|case| Moment::BOTH.map(|m| (case, m)))
    {
        let what = named::<P>(case, moment);
        let mut stage = Stage::new(place.manager());
        if pool != Pool::New {
            stage.manager.ping().await.unwrap();
        }
        let mut rounds = Vec::new();
        for polls in 0..MANY {
            let first = place.ten();
            let before = prepare(&place, case, first).await;
            if pool == Pool::New {
                stage.manager.close();
                stage = Stage::new(place.manager());
            }
            let taken = match pool {
                Pool::Taken => Some(take(&stage).await),
                Pool::Open | Pool::New => None,
            };
            let ended = drop_after(polls, moment, (case.run)(&stage, first)).await;
            if let Some(taken) = taken {
                taken.await.unwrap();
            }

            let next = stage.manager.atomic(|| stage.add(first + 9).boxed()).await;
            next.unwrap_or_else(|error| panic!("{what}: {error:?} after {polls} polls"));
            place.is_whole(|| stage.manager.status()).await;
            assert_eq!(own(&place, first).await, ["9"], "{what}");
            rounds.push(Round {
                polls,
                before,
                after: place.look((case.look)(first)).await,
                may_have_done: true,
            });
            if let Some(ended) = ended {
                ended.unwrap_or_else(|error| panic!("{what}: {error:?}"));
                break;
            }
        }
        assert!(
            (2..MANY).contains(&rounds.len()),
            "{what}: it has not waited"
        );
        judge(&rounds, &what);
        stage.manager.close();
    }
}

/// Has the connection taken for a while.
async fn take<B: adapters::seaorm::Backend>(stage: &Stage<B>) -> tokio::task::JoinHandle<()> {
    let manager = stage.manager.clone();
    let (inside, is_inside) = oneshot::channel();
    let inside = std::sync::Mutex::new(Some(inside));
    let taken = tokio::spawn(async move {
        let work = || {
            let inside = inside.lock().unwrap().take();
            async move {
                inside.expect("it runs once").send(()).unwrap();
                tokio::time::sleep(TAKEN).await;
                Ok::<_, DatabaseError>(())
            }
            .boxed()
        };
        manager.atomic(work).await.unwrap();
    });
    is_inside.await.unwrap();
    taken
}

/// As a part of a unit of work, between two writes of which the second is tried in any case.
async fn inside<P: Place>(cases: &[Case<P::Db>]) {
    let place = P::new().await;
    let cases = cases.iter().filter(|case| !case.is_apart);
    for (case, moment) in cases.flat_map(|case| Moment::BOTH.map(|m| (case, m))) {
        let what = named::<P>(case, moment);
        let stage = &Stage::new(place.manager());
        let mut rounds = Vec::new();
        let mut stored = 0;
        for polls in 0..MANY {
            let first = place.ten();
            let before = prepare(&place, case, first).await;
            let has_ended = &AtomicBool::new(false);
            let work = || {
                async move {
                    stage.add(first + 8).await?;
                    let ended = drop_after(polls, moment, (case.run)(stage, first)).await;
                    has_ended.store(ended.is_some(), Ordering::Relaxed);
                    stage.add(first + 9).await
                }
                .boxed()
            };
            let outcome = stage.manager.atomic(work).await;

            place.is_whole(|| stage.manager.status()).await;
            let own = own(&place, first).await;
            match &outcome {
                Ok(()) => assert_eq!(own, ["8", "9"], "{what}"),
                Err(DatabaseError::TransactionAborted(_)) => assert!(own.is_empty(), "{what}"),
                Err(other) => panic!("{what}, after {polls} polls: {other:?}"),
            }
            stored += usize::from(outcome.is_ok());
            rounds.push(Round {
                polls,
                before,
                after: place.look((case.look)(first)).await,
                may_have_done: outcome.is_ok(),
            });
            if has_ended.load(Ordering::Relaxed) {
                break;
            }
        }
        assert!((1..MANY).contains(&rounds.len()), "{what}: it never ended");
        assert!(stored > 0, "{what}: no unit of work went on");
        judge(&rounds, &what);
        stage.manager.close();
    }
}

/// As a part of a blocking call, which goes on afterwards.
fn blocking<P: Place>(cases: &[Case<P::Db>]) {
    let outside = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let place = outside.block_on(P::new());
    let moment = Moment::Waiting;
    for case in cases {
        let what = named::<P>(case, moment);
        let manager = place.blocking_manager();
        let stage = &Stage::new(manager.as_async());
        let mut rounds = Vec::new();
        for polls in 0..MANY {
            let first = place.ten();
            let before = outside.block_on(prepare(&place, case, first));
            let called = manager.block_on(async {
                let ended = drop_after(polls, moment, (case.run)(stage, first)).await;
                stage.add(first + 9).await?;
                Ok::<_, DatabaseError>(ended)
            });
            let ended = called.unwrap().unwrap_or_else(|error| {
                panic!("{what}, after {polls} polls: {error:?}");
            });

            outside.block_on(place.is_whole(|| manager.status()));
            assert_eq!(outside.block_on(own(&place, first)), ["9"], "{what}");
            rounds.push(Round {
                polls,
                before,
                after: outside.block_on(place.look((case.look)(first))),
                may_have_done: true,
            });
            if let Some(ended) = ended {
                ended.unwrap_or_else(|error| panic!("{what}: {error:?}"));
                break;
            }
        }
        assert!((1..MANY).contains(&rounds.len()), "{what}: it never ended");
        judge(&rounds, &what);
        manager.close();
    }
}

async fn prepare<P: Place>(place: &P, case: &Case<P::Db>, first: i64) -> Vec<String> {
    if let Some(before) = case.before {
        before(place.helper(), first).await.unwrap();
    }
    place.look((case.look)(first)).await
}

/// Which of the last two numbers are stored.
async fn own<P: Place>(place: &P, first: i64) -> Vec<String> {
    let (from, to) = (first + 8, first + 9);
    let sql =
        format!("SELECT CAST(id - {first} AS text) FROM dropped WHERE id BETWEEN {from} AND {to}");
    place.look(sql).await
}
