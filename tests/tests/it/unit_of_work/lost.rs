//! Connections that are lost at any time.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use adapters::postgres::AsyncPostgresSessionManager;
use ports::{Atomic as _, DatabaseError};

use super::world::{OnPostgres, World as _, add, bounded, run, until_running};

/// Makes COMMIT take as long as nobody ends it.
pub(super) const SLOW_COMMIT: &str = "
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON entry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()";

async fn terminate(world: &OnPostgres) {
    assert_eq!(world.0.terminate_backends("%").await, 1);
}

/// The pool is whole, and its connection commits.
async fn usable(world: &OnPostgres, manager: &AsyncPostgresSessionManager) {
    add(manager, 100).await.unwrap();
    assert_eq!(world.stored().await, [100]);
    let status = manager.status();
    assert_eq!((status.size, status.idle), (1, 1));
}

#[tokio::test]
async fn a_stale_connection_is_replaced_silently() {
    let world = OnPostgres::new().await;
    let manager = world.manager_of(3);
    let open = async || {
        manager
            .atomic(|| run(&manager, "SELECT pg_sleep(0.05)"))
            .await
    };
    let (one, two, three) = tokio::join!(open(), open(), open());
    one.and(two).and(three).unwrap();
    assert_eq!(world.0.terminate_backends("%").await, 3);

    bounded(manager.atomic(|| add(&manager, 1))).await.unwrap();
    assert_eq!(world.stored().await, [1]);
    // One was found dead by BEGIN; the others are tried before they are handed out.
    let (one, two, three) = tokio::join!(
        run(&manager, "SELECT pg_sleep(0.05)"),
        run(&manager, "SELECT pg_sleep(0.05)"),
        run(&manager, "SELECT pg_sleep(0.05)")
    );
    one.and(two).and(three).unwrap();
}

#[tokio::test]
async fn a_connection_that_is_lost_between_statements_is_an_error() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let runs = AtomicU32::new(0);
    let work = manager.atomic(|| async {
        runs.fetch_add(1, SeqCst);
        add(&manager, 1).await?;
        terminate(&world).await;
        add(&manager, 2).await
    });
    let error = bounded(work).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Connection(_)), "{error:?}");
    assert_eq!(runs.load(SeqCst), 1);
    usable(&world, &manager).await;
}

#[tokio::test]
async fn a_connection_that_is_lost_and_swallowed_aborts_the_unit_of_work() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        terminate(&world).await;
        add(&manager, 2).await.unwrap_err();
        let nested = manager.atomic(|| add(&manager, 3)).await;
        assert!(matches!(nested, Err(DatabaseError::TransactionAborted(_))));
        Ok::<_, DatabaseError>(())
    });
    let error = bounded(work).await.unwrap_err();
    let DatabaseError::TransactionAborted(first) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(
        first.downcast_ref(),
        Some(DatabaseError::Connection(_))
    ));
    usable(&world, &manager).await;
}

#[tokio::test]
async fn a_connection_that_is_lost_during_a_statement_is_an_error() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        let (slept, ()) = tokio::join!(run(&manager, "SELECT pg_sleep(60)"), async {
            until_running(&world.0, "pg_sleep").await;
            terminate(&world).await;
        });
        slept
    });
    let error = bounded(work).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Connection(_)), "{error:?}");
    assert!(error.is_transient());
    usable(&world, &manager).await;
}

#[tokio::test]
async fn a_connection_that_is_lost_before_commit_leaves_the_outcome_unknown() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        terminate(&world).await;
        Ok::<_, DatabaseError>(())
    });
    let error = bounded(work).await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::CommitOutcomeUnknown(_)),
        "{error:?}"
    );
    usable(&world, &manager).await;
}

#[tokio::test]
async fn a_connection_that_is_lost_during_commit_leaves_the_outcome_unknown() {
    let world = OnPostgres::new().await;
    world.0.execute(SLOW_COMMIT).await;
    let manager = world.manager();
    let runs = AtomicU32::new(0);
    let work = manager.atomic(|| async {
        runs.fetch_add(1, SeqCst);
        add(&manager, 1).await
    });
    let end = async {
        until_running(&world.0, "COMMIT").await;
        terminate(&world).await;
    };
    let (ended, ()) = bounded(async { tokio::join!(work, end) }).await;
    let error = ended.unwrap_err();
    assert!(
        matches!(error, DatabaseError::CommitOutcomeUnknown(_)),
        "{error:?}"
    );
    assert!(!error.is_transient());
    assert_eq!(runs.load(SeqCst), 1);
    world.0.execute("DROP FUNCTION dawdle CASCADE").await;
    usable(&world, &manager).await;
}

#[tokio::test]
async fn a_constraint_that_fails_at_commit_stores_nothing() {
    let world = OnPostgres::new().await;
    let deferred = "CREATE TABLE child (id int REFERENCES entry DEFERRABLE INITIALLY DEFERRED)";
    world.0.execute(deferred).await;
    let manager = world.manager();
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        run(&manager, "INSERT INTO child VALUES (2)").await
    });
    let error = bounded(work).await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::ForeignKeyViolation(_)),
        "{error:?}"
    );
    assert_eq!(manager.status().opened, 1);
    usable(&world, &manager).await;
}

#[tokio::test]
async fn nothing_is_sent_after_a_swallowed_error() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        add(&manager, 1).await.unwrap_err();
        // Whatever was sent now would meet a connection that is gone.
        terminate(&world).await;
        for _ in 0..2 {
            let next = add(&manager, 2).await;
            assert!(matches!(next, Err(DatabaseError::TransactionAborted(_))));
        }
        Ok::<_, DatabaseError>(())
    });
    let error = bounded(work).await.unwrap_err();
    let DatabaseError::TransactionAborted(first) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(
        first.downcast_ref(),
        Some(DatabaseError::UniqueViolation(_))
    ));
    usable(&world, &manager).await;
}
