//! The same promises for blocking code.

mod conflict;
mod context;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use adapters::seaorm::{Backend, Manager};
use ports::{
    Atomic as _, DatabaseError, SessionManager as _, UnitOfWorkOptions,
    blocking::{Atomic as _, BlockOn as _, UnitOfWork as _},
};

use super::world::{OnPostgres, OnSqlite, World, add, ask};

/// Runs the listed tests, which are generic over a [`World`], on both databases, and on
/// threads of their own: one that hangs fails.
macro_rules! on_both_blocking {
    ($($name:ident),+ $(,)?) => {
        mod on_postgres {
            $(#[test]
            fn $name() {
                super::in_time::<super::OnPostgres>(super::$name);
            })+
        }
        mod on_sqlite {
            $(#[test]
            fn $name() {
                super::in_time::<super::OnSqlite>(super::$name);
            })+
        }
    };
}

on_both_blocking!(
    ok_means_committed_and_an_error_that_nothing_is_stored,
    a_swallowed_error_aborts_the_unit_of_work,
    a_panic_means_that_nothing_is_stored,
    nested_scopes_are_savepoints,
    async_services_take_part,
    hooks_run_after_the_commit,
    a_removed_session_can_not_be_committed,
    a_task_that_is_left_behind_does_not_keep_the_connection,
);

fn in_time<W: World + 'static>(test: fn(&W)) {
    let (sender, done) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let made = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let world = made.unwrap().block_on(W::new());
        test(&world);
        drop(sender);
    });
    let ended = done.recv_timeout(std::time::Duration::from_secs(30));
    assert_ne!(
        ended,
        Err::<(), _>(std::sync::mpsc::RecvTimeoutError::Timeout)
    );
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn stored<W: World>(world: &W) -> Vec<i32> {
    tests::on_own_thread(world.stored())
}

/// Adds an entry from blocking code.
fn put<B: Backend>(manager: &Manager<B>, id: i32) -> Result<(), DatabaseError> {
    let repository = manager.as_async();
    manager.block_on(add(&repository, id))?
}

fn usable<W: World>(world: &W, manager: &Manager<W::Db>) {
    assert!(stored(world).is_empty());
    put(manager, 100).unwrap();
    assert_eq!(stored(world), [100]);
    let status = manager.status();
    assert_eq!((status.size, status.idle), (1, 1));
}

fn ok_means_committed_and_an_error_that_nothing_is_stored<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let failed: Result<(), _> = manager.atomic(|| {
        put(&manager, 1)?;
        Err(DatabaseError::invalid_query("no"))
    });
    assert!(matches!(failed, Err(DatabaseError::InvalidQuery(_))));
    usable(world, &manager);
    let answer = manager.atomic(|| {
        put(&manager, 1)?;
        assert_eq!(stored(world), [100]);
        Ok::<_, DatabaseError>("done")
    });
    assert_eq!(answer.unwrap(), "done");
    assert_eq!(stored(world), [1, 100]);
    assert_eq!(manager.status().opened, 1);
}

fn a_swallowed_error_aborts_the_unit_of_work<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let ended = manager.atomic(|| {
        put(&manager, 1)?;
        put(&manager, 1).unwrap_err();
        let nested = manager.atomic(|| put(&manager, 2));
        assert!(matches!(nested, Err(DatabaseError::TransactionAborted(_))));
        Ok::<_, DatabaseError>(())
    });
    assert!(matches!(ended, Err(DatabaseError::TransactionAborted(_))));
    usable(world, &manager);
}

fn a_panic_means_that_nothing_is_stored<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        manager.atomic(|| {
            put(&manager, 1)?;
            let nested: Result<(), DatabaseError> = manager.atomic(|| panic!("in the work"));
            nested
        })
    }));
    assert!(caught.is_err());
    usable(world, &manager);
}

fn nested_scopes_are_savepoints<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let outer = manager.atomic(|| {
        put(&manager, 1)?;
        let failed = manager.atomic(|| {
            put(&manager, 2)?;
            put(&manager, 2)
        });
        assert!(matches!(failed, Err(DatabaseError::UniqueViolation(_))));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            manager.atomic(|| {
                put(&manager, 3)?;
                put(&manager, 3).unwrap();
                Ok::<_, DatabaseError>(())
            })
        }));
        assert!(panicked.is_err());
        manager.atomic(|| put(&manager, 4))
    });
    outer.unwrap();
    assert_eq!(stored(world), [1, 4]);
    assert_eq!(manager.status().opened, 1);
}

fn async_services_take_part<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let service = manager.as_async();
    let failed: Result<(), _> = manager.atomic(|| {
        // A unit of work of async code, inside of one of blocking code.
        manager.block_on(service.atomic(|| add(&service, 1)))??;
        assert!(manager.session()?.in_unit_of_work());
        Err(DatabaseError::invalid_query("no"))
    });
    failed.unwrap_err();
    usable(world, &manager);
    // And one by itself, several of them one after the other.
    let done = manager.block_on(async {
        let (one, two) = tokio::join!(
            service.atomic(|| add(&service, 1)),
            service.atomic(|| add(&service, 2))
        );
        one.and(two)?;
        add(&service, 3).await
    });
    done.unwrap().unwrap();
    assert_eq!(stored(world), [1, 2, 3, 100]);
}

fn hooks_run_after_the_commit<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let log = Arc::new(Mutex::new(Vec::new()));
    let write = |entry: i32| {
        let log = Arc::clone(&log);
        move || log.lock().unwrap().push(entry)
    };
    let failing: Result<(), _> = manager.atomic(|| {
        manager.after_commit(Box::new(write(1)))?;
        Err(DatabaseError::invalid_query("no"))
    });
    failing.unwrap_err();
    manager
        .atomic(|| {
            manager.after_commit(Box::new(write(2)))?;
            manager.after_commit(Box::new(|| panic!("in a hook")))?;
            let again = manager.clone();
            manager.after_commit(Box::new(move || {
                again.atomic(|| put(&again, 2)).unwrap();
            }))?;
            let service = manager.as_async();
            let third = write(3);
            let adding = service.clone();
            service.after_commit(move || async move {
                add(&adding, 3).await.unwrap();
                third();
            })?;
            assert!(log.lock().unwrap().is_empty());
            put(&manager, 1)
        })
        .unwrap();
    assert_eq!(*log.lock().unwrap(), [2, 3]);
    assert_eq!(stored(world), [1, 2, 3]);
    let refused = manager.after_commit(Box::new(|| {}));
    assert!(matches!(refused, Err(DatabaseError::OutsideUnitOfWork(_))));
}

fn a_removed_session_can_not_be_committed<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let ended = manager.atomic(|| {
        put(&manager, 1)?;
        manager.remove_session()?;
        let late = put(&manager, 2);
        assert!(matches!(late, Err(DatabaseError::OutsideUnitOfWork(_))));
        Ok::<_, DatabaseError>(())
    });
    assert!(matches!(ended, Err(DatabaseError::TransactionAborted(_))));
    usable(world, &manager);
}

fn a_task_that_is_left_behind_does_not_keep_the_connection<W: World>(world: &W) {
    let manager = world.blocking_manager();
    let service = manager.as_async();
    let left_behind = manager.block_on(async {
        let carried = service.clone();
        tokio::spawn(adapters::seaorm::carry(async move {
            carried
                .atomic(|| async {
                    add(&carried, 1).await?;
                    std::future::pending::<Result<(), DatabaseError>>().await
                })
                .await
        }));
        // It is in the midst of its unit of work when the call ends.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    left_behind.unwrap();
    usable(world, &manager);
}

#[test]
fn options_are_those_of_the_unit_of_work() {
    in_time::<OnPostgres>(|world| {
        let manager = world.blocking_manager();
        let repository = manager.as_async();
        let options = UnitOfWorkOptions::new().read_only();
        let shown = manager.atomic_with(options, || {
            manager.block_on(ask::<String, _>(&repository, "SHOW transaction_read_only"))?
        });
        assert_eq!(shown.unwrap(), "on");
        let refused = manager.atomic_with(options, || put(&manager, 1));
        assert!(matches!(refused, Err(DatabaseError::ReadOnly(_))));
    });
}

#[test]
fn a_stale_connection_is_replaced_silently() {
    in_time::<OnPostgres>(|world| {
        let manager = world.blocking_manager();
        let service = manager.as_async();
        let kill = || tests::on_own_thread(world.0.terminate_backends("%"));
        put(&manager, 1).unwrap();
        assert_eq!(kill(), 1);
        manager.atomic(|| put(&manager, 2)).unwrap();
        assert_eq!(kill(), 1);
        let driven = manager.block_on(service.atomic(|| add(&service, 3)));
        driven.unwrap().unwrap();
        assert_eq!(stored(world), [1, 2, 3]);
    });
}

#[test]
fn many_threads_share_a_small_pool() {
    in_time::<OnPostgres>(|world| {
        let mut config = world.config();
        config.session.pool_size = 2;
        config.session.pool_timeout = std::time::Duration::from_secs(15);
        let manager: Manager<sea_orm::sqlx::Postgres> = Manager::new(config).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let manager = &manager;
                scope.spawn(move || {
                    for id in 0..10 {
                        manager.atomic(|| put(manager, thread * 100 + id)).unwrap();
                    }
                });
            }
        });
        assert_eq!(stored(world).len(), 80);
        assert_eq!(manager.status().opened, 2);
    });
}
