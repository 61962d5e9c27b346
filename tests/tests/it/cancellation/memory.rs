//! The ports in memory: writers wait for their turn, and lose it to nobody who is gone.

use std::{fmt::Debug, time::Duration};

use adapters::memory::{
    KeyTable, KnownCallers, MemoryIdempotencyKeys, MemoryStore, MemoryUnitOfWork,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{FutureExt as _, future::BoxFuture};
use ports::{
    Actor, Atomic as _, Authenticator as _, Caller, Claim, DatabaseError, IdempotencyKey,
    IdempotencyKeys as _,
};
use tokio::{sync::oneshot, time::timeout};
use uuid::Uuid;

use tests::polls::{MANY, Moment, drop_after};

/// Something that is run on tables in memory, and whether it has to wait for another unit of
/// work.
pub(super) struct MemoryCase<T> {
    pub(super) covers: &'static [&'static str],
    pub(super) waits: bool,
    pub(super) run: for<'s> fn(&'s MemoryStore<T>) -> BoxFuture<'s, Result<(), DatabaseError>>,
}

pub(super) fn covers() -> Vec<&'static str> {
    let all = cases();
    let named = all.iter().flat_map(|case| case.covers).copied();
    // sample: begin
    let ledger = super::ledger_memory::cases();
    let named = named.chain(ledger.iter().flat_map(|case| case.covers).copied());
    // sample: end
    named.collect()
}

#[tokio::test]
async fn an_operation_in_memory_can_be_dropped_at_every_poll() {
    for case in cases() {
        at_every_poll(&case, store().await).await;
    }
}

/// Each round on a copy of what is in the store.
pub(super) async fn at_every_poll<T>(case: &MemoryCase<T>, filled: MemoryStore<T>)
where
    T: Clone + Debug + Default + Send + Sync + 'static,
{
    for moment in Moment::BOTH {
        let mut seen = Vec::new();
        let mut waited = 0;
        for polls in 0..MANY {
            let store = copy(&filled).await;
            let before = look(&store).await;
            let (inside, is_inside) = oneshot::channel();
            let (leave, may_leave) = oneshot::channel();
            let holder = tokio::spawn(hold(store.clone(), inside, may_leave));
            is_inside.await.unwrap();

            let dropped = drop_after(polls, moment, (case.run)(&store));
            let leaving = async {
                tokio::task::yield_now().await;
                leave.send(()).unwrap();
            };
            let (ended, ()) = tokio::join!(dropped, leaving);

            holder.await.unwrap();
            let free = timeout(Duration::from_secs(9), store.write(|_| Ok(()))).await;
            free.expect("a writer's turn").unwrap();
            let unit = MemoryUnitOfWork::new(store.clone());
            let work = unit.atomic(async || Ok::<_, DatabaseError>(()));
            let free = timeout(Duration::from_secs(9), work).await;
            free.expect("a unit of work's turn").unwrap();
            seen.push((polls, before, look(&store).await));
            if let Some(ended) = ended {
                ended.unwrap();
                break;
            }
            waited += 1;
        }
        let (_, _, after) = seen.last().unwrap().clone();
        for (polls, before, state) in seen {
            let whole = state == before || state == after;
            assert!(whole, "{:?}: {polls} polls: {state}", case.covers);
        }
        // Not polled at all is one round, too.
        assert_eq!(waited > 1, case.waits, "{:?}: {waited} rounds", case.covers);
    }
}

async fn hold<T: Clone + Send + Sync + 'static>(
    store: MemoryStore<T>,
    inside: oneshot::Sender<()>,
    may_leave: oneshot::Receiver<()>,
) {
    let signals = std::sync::Mutex::new(Some((inside, may_leave)));
    let work = || {
        let signals = signals.lock().unwrap().take();
        async move {
            let (inside, may_leave) = signals.expect("it runs once");
            inside.send(()).unwrap();
            may_leave.await.unwrap();
            Ok::<_, DatabaseError>(())
        }
    };
    MemoryUnitOfWork::new(store).atomic(work).await.unwrap();
}

async fn copy<T: Clone + Default + Send + Sync + 'static>(
    filled: &MemoryStore<T>,
) -> MemoryStore<T> {
    let tables = filled.read(|tables| Ok(tables.clone())).await.unwrap();
    let store = MemoryStore::default();
    let fill = |empty: &mut T| {
        *empty = tables;
        Ok(())
    };
    store.write(fill).await.unwrap();
    store
}

async fn look<T: Clone + Debug + Send + Sync + 'static>(store: &MemoryStore<T>) -> String {
    let shown = store.read(|tables| Ok(format!("{tables:?}"))).await;
    shown.unwrap()
}

async fn store() -> MemoryStore<KeyTable> {
    let store = MemoryStore::default();
    for key in ["a", "b"] {
        claim(&store, key).await.unwrap();
    }
    store
}

async fn claim(store: &MemoryStore<KeyTable>, key: &str) -> Result<(), DatabaseError> {
    let keys = MemoryIdempotencyKeys::new(store.clone());
    let key = IdempotencyKey::new(key).unwrap();
    let work = || {
        async {
            let claim = Claim {
                caller: "",
                key: &key,
                request: "pay 5",
                result: Uuid::nil(),
                now: now(),
                expires_at: now() + TimeDelta::hours(1),
            };
            keys.claim(&claim).await.map(drop)
        }
        .boxed()
    };
    MemoryUnitOfWork::new(store.clone()).atomic(work).await
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn cases() -> Vec<MemoryCase<KeyTable>> {
    vec![
        MemoryCase {
            covers: &["MemoryUnitOfWork::run", "MemoryIdempotencyKeys::claim"],
            waits: true,
            run: |store| claim(store, "c").boxed(),
        },
        MemoryCase {
            covers: &[
                "MemoryIdempotencyKeys::remove_expired",
                "MemoryStore::write",
            ],
            waits: true,
            run: |store| {
                async move {
                    let keys = MemoryIdempotencyKeys::new(store.clone());
                    let removed = keys.remove_expired(now() + TimeDelta::hours(1), 9).await?;
                    assert_eq!(removed, 2);
                    Ok(())
                }
                .boxed()
            },
        },
        MemoryCase {
            covers: &["MemoryStore::read"],
            waits: false,
            run: |store| store.read(|_| Ok(())).boxed(),
        },
        MemoryCase {
            covers: &["KnownCallers::authenticate"],
            waits: false,
            run: |_| {
                async {
                    let caller = Caller {
                        subject: Actor::new("Ada").unwrap(),
                        scopes: [].into(),
                    };
                    let callers = KnownCallers::default().with("key", caller);
                    assert!(callers.authenticate("key").await.is_ok());
                    Ok(())
                }
                .boxed()
            },
        },
    ]
}
