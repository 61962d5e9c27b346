//! Running the work again: only the outermost, only after 40001 and 40P01.

mod conflict;

use std::{
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

use adapters::postgres::AsyncPostgresSessionManager;
use ports::{Atomic as _, DatabaseError, RetryPolicy, UnitOfWorkOptions};

use super::world::{OnPostgres, World as _, add, bounded, run};

const THREE: RetryPolicy = RetryPolicy {
    max_attempts: 3,
    base: Duration::from_millis(1),
    cap: Duration::from_millis(2),
};

/// Fails with a SQLSTATE, as if the server had come to it by itself.
async fn fail(manager: &AsyncPostgresSessionManager, code: &str) -> Result<(), DatabaseError> {
    let sql = format!("DO $$ BEGIN RAISE EXCEPTION 'told to' USING ERRCODE = '{code}'; END $$");
    run(manager, &sql).await
}

/// Counts its runs, and fails in as many of them.
struct Runs(AtomicU32);

impl Runs {
    const fn none() -> Self {
        Self(AtomicU32::new(0))
    }

    fn next(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }

    fn count(&self) -> u32 {
        self.0.load(SeqCst)
    }
}

#[tokio::test]
async fn a_serialization_failure_and_a_deadlock_run_the_work_again() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    for (id, code) in [(1, "40001"), (2, "40P01")] {
        let runs = Runs::none();
        let work = manager.atomic(|| async {
            add(&manager, id).await?;
            if runs.next() < 3 {
                fail(&manager, code).await?;
            }
            Ok::<_, DatabaseError>(())
        });
        bounded(work).await.unwrap();
        assert_eq!(runs.count(), 3, "{code}");
    }
    assert_eq!(world.stored().await, [1, 2]);
}

#[tokio::test]
async fn it_runs_again_whatever_the_work_makes_of_the_failure() {
    #[derive(Debug, PartialEq)]
    struct Opaque;
    impl From<DatabaseError> for Opaque {
        fn from(_: DatabaseError) -> Self {
            Self
        }
    }
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let runs = Runs::none();
    let hidden: Result<(), Opaque> = manager
        .atomic(|| async {
            if runs.next() == 1 {
                fail(&manager, "40001").await.map_err(|_| Opaque)?;
            }
            Ok(())
        })
        .await;
    assert_eq!((hidden, runs.count()), (Ok(()), 2));

    let runs = Runs::none();
    let swallowed: Result<(), Opaque> = manager
        .atomic(|| async {
            if runs.next() == 1 {
                drop(fail(&manager, "40001").await);
            }
            Ok(())
        })
        .await;
    assert_eq!((swallowed, runs.count()), (Ok(()), 2));
}

#[tokio::test]
async fn an_inner_scope_does_not_run_again_by_itself() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let (outer, inner) = (Runs::none(), Runs::none());
    let nested = async || {
        if inner.next() == 1 {
            fail(&manager, "40001").await?;
        }
        Ok::<_, DatabaseError>(())
    };
    let work = manager.atomic(|| async {
        outer.next();
        manager.atomic(nested).await
    });
    bounded(work).await.unwrap();
    assert_eq!((outer.count(), inner.count()), (2, 2));

    // Handled by the outer scope, it is nobody's reason to run again.
    let (outer, inner) = (Runs::none(), Runs::none());
    let nested = async || {
        inner.next();
        fail(&manager, "40001").await
    };
    let work = manager.atomic(|| async {
        outer.next();
        let failed = manager.atomic(nested).await;
        assert!(matches!(failed, Err(DatabaseError::Serialization(_))));
        add(&manager, 1).await
    });
    bounded(work).await.unwrap();
    assert_eq!((outer.count(), inner.count()), (1, 1));
    assert_eq!(world.stored().await, [1]);
}

#[tokio::test]
async fn other_failures_are_not_repeated() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    for code in ["23505", "57014", "55P03", "22012"] {
        let runs = Runs::none();
        let work = manager.atomic(|| async {
            runs.next();
            fail(&manager, code).await
        });
        bounded(work).await.unwrap_err();
        assert_eq!(runs.count(), 1, "{code}");
    }
    let runs = Runs::none();
    let work = manager.atomic(|| async {
        runs.next();
        Err::<(), _>(DatabaseError::invalid_query("a failure of the domain"))
    });
    bounded(work).await.unwrap_err();
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn the_policy_of_the_call_goes_before_the_configured_one() {
    let world = OnPostgres::new().await;
    let mut config = world.config();
    config.session.retry = THREE;
    let manager = AsyncPostgresSessionManager::new(config).unwrap();
    let attempts = async |options| {
        let runs = Runs::none();
        let work = manager.atomic_with(options, || async {
            runs.next();
            fail(&manager, "40001").await
        });
        let error = bounded(work).await.unwrap_err();
        assert!(
            matches!(error, DatabaseError::Serialization(_)),
            "{error:?}"
        );
        runs.count()
    };

    assert_eq!(attempts(UnitOfWorkOptions::new()).await, 3);
    let never = UnitOfWorkOptions::new().retry(RetryPolicy::NEVER);
    assert_eq!(attempts(never).await, 1);
    let five = UnitOfWorkOptions::new().retry(RetryPolicy {
        max_attempts: 5,
        ..THREE
    });
    assert_eq!(attempts(five).await, 5);
}

#[tokio::test]
async fn a_deadlock_that_was_dealt_with_causes_no_further_attempt() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let runs = AtomicU32::new(0);
    let fail = "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$";
    let work = manager.atomic(|| async {
        runs.fetch_add(1, SeqCst);
        let inner = manager.atomic(|| run(&manager, fail)).await;
        assert!(matches!(inner, Err(DatabaseError::Deadlock(_))));
        add(&manager, 1).await?;
        Err::<(), _>(DatabaseError::invalid_query("a refusal of the domain"))
    });
    assert!(matches!(
        bounded(work).await,
        Err(DatabaseError::InvalidQuery(_))
    ));
    assert_eq!(runs.load(SeqCst), 1);
}
