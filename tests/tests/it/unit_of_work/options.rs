//! What a unit of work may ask of its transaction, and that it ends with it.

use std::time::Duration;

use adapters::{
    postgres::AsyncPostgresSessionManager,
    seaorm::{AsyncManager, Backend},
};
use ports::{Atomic as _, DatabaseError, Isolation, UnitOfWorkOptions};

use super::world::{OnPostgres, OnSqlite, World, add, ask, bounded, on_both, outside, run};

on_both!(
    a_read_only_unit_of_work_refuses_writes,
    a_nested_scope_can_be_read_only_for_itself,
    a_read_only_scope_that_is_dropped_leaves_the_connection_writable,
);

fn options() -> UnitOfWorkOptions {
    UnitOfWorkOptions::new()
}

async fn refuses<B: Backend>(manager: &AsyncManager<B>) -> Result<(), DatabaseError> {
    let refused = add(manager, 99).await;
    assert!(
        matches!(refused, Err(DatabaseError::ReadOnly(_))),
        "{refused:?}"
    );
    refused
}

async fn a_read_only_unit_of_work_refuses_writes<W: World>(world: W) {
    let manager = world.manager();
    let read = manager.atomic_with(options().read_only(), || refuses(&manager));
    read.await.unwrap_err();
    let read = manager.atomic_with(options().read_only(), || {
        ask::<i64, _>(&manager, "SELECT count(*) FROM entry")
    });
    assert_eq!(read.await.unwrap(), 0);

    add(&manager, 1).await.unwrap();
    manager.atomic(|| add(&manager, 2)).await.unwrap();
    assert_eq!(world.stored().await, [1, 2]);
    assert_eq!(manager.status().opened, 1);
}

async fn a_nested_scope_can_be_read_only_for_itself<W: World>(world: W) {
    let manager = world.manager();
    let look = async || ask::<i64, _>(&manager, "SELECT count(*) FROM entry").await;
    manager
        .atomic(|| async {
            let read_only = options().read_only();
            manager.atomic_with(read_only, &look).await?;
            add(&manager, 1).await?;
            let refused = manager.atomic_with(read_only, || refuses(&manager)).await;
            refused.unwrap_err();
            add(&manager, 2).await?;
            // Read only inside of read only: the inner end is not that of the outer.
            let both = manager.atomic_with(read_only, || async {
                manager.atomic_with(read_only, &look).await?;
                refuses(&manager).await
            });
            both.await.unwrap_err();
            add(&manager, 3).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 2, 3]);
}

async fn a_read_only_scope_that_is_dropped_leaves_the_connection_writable<W: World>(world: W) {
    let manager = world.manager();
    let drop_half_way = async || {
        let reached = tokio::sync::Notify::new();
        let scope = manager.atomic_with(options().read_only(), || async {
            ask::<i64, _>(&manager, "SELECT count(*) FROM entry").await?;
            reached.notify_one();
            std::future::pending::<Result<(), DatabaseError>>().await
        });
        tokio::select! {
            _ = scope => panic!("it never ends"),
            () = reached.notified() => {}
        }
    };
    manager
        .atomic(|| async {
            drop_half_way().await;
            add(&manager, 1).await
        })
        .await
        .unwrap();
    let failed = manager.atomic(|| async {
        drop_half_way().await;
        Err::<(), _>(DatabaseError::invalid_query("no"))
    });
    failed.await.unwrap_err();
    add(&manager, 2).await.unwrap();
    assert_eq!(world.stored().await, [1, 2]);
}

/// What the server says to `SHOW`.
async fn show(manager: &AsyncPostgresSessionManager, name: &str) -> String {
    ask(manager, &format!("SHOW {name}")).await.unwrap()
}

#[tokio::test]
async fn begin_with_all_of_its_modes_is_one_message() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let asked = options()
        .isolation(Isolation::Serializable)
        .read_only()
        .deferrable()
        .statement_timeout(Duration::from_secs(2))
        .lock_timeout(Duration::from_millis(1_500));
    let work = manager.atomic_with(asked, || async {
        // The server shows the whole of the last message.
        let backends = world.0.backends().await;
        let begin = backends.first().map(|backend| backend.query.clone());
        assert_eq!(
            begin.as_deref(),
            Some(
                "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; \
                 SET LOCAL statement_timeout = 2000; SET LOCAL lock_timeout = 1500"
            )
        );
        assert_eq!(
            show(&manager, "transaction_isolation").await,
            "serializable"
        );
        assert_eq!(show(&manager, "transaction_read_only").await, "on");
        assert_eq!(show(&manager, "transaction_deferrable").await, "on");
        assert_eq!(show(&manager, "statement_timeout").await, "2s");
        assert_eq!(show(&manager, "lock_timeout").await, "1500ms");
        Ok::<_, DatabaseError>(())
    });
    bounded(work).await.unwrap();

    assert_eq!(
        show(&manager, "transaction_isolation").await,
        "read committed"
    );
    assert_eq!(show(&manager, "transaction_read_only").await, "off");
    assert_eq!(show(&manager, "statement_timeout").await, "0");
    assert_eq!(show(&manager, "lock_timeout").await, "10s");
    assert_eq!(manager.status().opened, 1);
}

#[tokio::test]
async fn every_isolation_level_is_the_one_that_was_asked_for() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    for isolation in Isolation::ALL {
        let work = manager.atomic_with(options().isolation(isolation), || async {
            let shown = show(&manager, "transaction_isolation").await;
            assert_eq!(shown, isolation.as_sql().to_lowercase());
            Ok::<_, DatabaseError>(())
        });
        work.await.unwrap();
    }
}

#[tokio::test]
async fn a_nested_scope_can_not_be_stricter_than_its_transaction() {
    let world = OnPostgres::new().await;
    let mut config = world.config();
    config.isolation_level = Some(Isolation::RepeatableRead);
    let manager = AsyncPostgresSessionManager::new(config).unwrap();
    let nested = async |isolation| {
        let work = async || Ok::<_, DatabaseError>(show(&manager, "transaction_isolation").await);
        manager
            .atomic_with(options().isolation(isolation), work)
            .await
    };
    manager
        .atomic(|| async {
            let shown = nested(Isolation::RepeatableRead).await?;
            assert_eq!(shown, "repeatable read", "as configured");
            let refused = nested(Isolation::Serializable).await;
            assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
            add(&manager, 1).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1]);
}

#[tokio::test]
async fn timeouts_of_a_nested_scope_end_with_it() {
    let world = OnPostgres::new().await;
    let mut config = world.config();
    config.lock_timeout = Some(Duration::from_secs(9));
    let manager = AsyncPostgresSessionManager::new(config).unwrap();
    let timeouts = async || {
        let statement = show(&manager, "statement_timeout").await;
        format!("{statement} {}", show(&manager, "lock_timeout").await)
    };
    let secs = Duration::from_secs;
    let asked = |seconds| {
        options()
            .statement_timeout(secs(seconds))
            .lock_timeout(secs(seconds))
    };
    let innermost = async |fails| {
        let work = manager.atomic_with(asked(2), || async {
            assert_eq!(timeouts().await, "2s 2s");
            if fails {
                return Err(DatabaseError::invalid_query("no"));
            }
            Ok(())
        });
        assert_eq!(work.await.is_err(), fails);
    };
    let middle = async || {
        for fails in [false, true] {
            innermost(fails).await;
            assert_eq!(timeouts().await, "1s 1s");
        }
        Ok::<_, DatabaseError>(())
    };
    manager
        .atomic_with(options().statement_timeout(secs(5)), || async {
            assert_eq!(timeouts().await, "5s 9s");
            manager.atomic_with(asked(1), &middle).await?;
            assert_eq!(timeouts().await, "5s 9s");
            Ok::<_, DatabaseError>(())
        })
        .await
        .unwrap();
    assert_eq!(timeouts().await, "0 9s");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_a_statement_timeout() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let hurried = options().statement_timeout(Duration::from_millis(50));
    let slow = manager.atomic_with(hurried, || run(&manager, "SELECT pg_sleep(30)"));
    let error = bounded(slow).await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::StatementTimeout(_)),
        "{error:?}"
    );
    add(&manager, 1).await.unwrap();
    assert_eq!(manager.status().opened, 1);
}

#[tokio::test]
async fn a_lock_that_is_not_granted_is_a_lock_timeout() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    add(&manager, 1).await.unwrap();
    let mut other = world.0.connect().await;
    outside(&mut other, "BEGIN; SELECT id FROM entry FOR UPDATE").await;

    let hurried = options().lock_timeout(Duration::from_millis(50));
    let waiting = manager.atomic_with(hurried, || run(&manager, "DELETE FROM entry"));
    let error = bounded(waiting).await.unwrap_err();
    assert!(matches!(error, DatabaseError::LockTimeout(_)), "{error:?}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_busy_file_is_a_lock_timeout() {
    let world = OnSqlite::new().await;
    let manager = world.manager();
    add(&manager, 1).await.unwrap();
    let mut other = world.connect().await;
    let begin = sea_orm::sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other);
    begin.await.unwrap();

    let hurried = options().lock_timeout(Duration::from_millis(50));
    let writing = bounded(manager.atomic_with(hurried, || add(&manager, 2))).await;
    let error = writing.unwrap_err();
    assert!(matches!(error, DatabaseError::LockTimeout(_)), "{error:?}");
    assert!(error.is_transient());
    // Readers are not in the way, and the timeout was for this one alone.
    let reading = manager.atomic_with(options().read_only(), || {
        ask::<i64, _>(&manager, "PRAGMA busy_timeout")
    });
    assert_eq!(bounded(reading).await.unwrap(), 5_000);
    drop(other);
    bounded(manager.atomic(|| add(&manager, 2))).await.unwrap();
    assert_eq!(world.stored().await, [1, 2]);
}

#[tokio::test]
async fn sqlite_promises_no_timeout_of_statements() {
    let world = OnSqlite::new().await;
    let manager = world.manager();
    let asked = options().statement_timeout(Duration::from_secs(1));
    let refused = manager.atomic_with(asked, || add(&manager, 1)).await;
    assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
}
