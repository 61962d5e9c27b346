//! Runtimes, tasks and callers that end at different times.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};

use adapters::seaorm::{AsyncManager, Backend, Manager, carry};
use ports::{
    Atomic as _, DatabaseError,
    blocking::{Atomic as _, BlockOn as _},
};
use tokio::runtime::{Builder, Runtime};

use super::world::{OnPostgres, OnSqlite, World, add, bounded, run, until};

fn worker() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
}

fn impatient<W: World>(world: &W) -> Manager<W::Db> {
    let mut config = world.config();
    W::settings(&mut config).pool_timeout = Duration::from_secs(2);
    Manager::new(config).unwrap()
}

fn still_works<B: Backend>(manager: &Manager<B>, id: i32) {
    let repository: AsyncManager<B> = manager.as_async();
    manager.block_on(add(&repository, id)).unwrap().unwrap();
    assert_eq!((manager.status().size, manager.status().idle), (1, 1));
}

#[test]
fn a_connection_is_used_by_the_runtime_that_drives_it_alone() {
    let (one, other) = (worker(), worker());
    let world = one.block_on(OnPostgres::new());
    let manager = world.manager();
    other.block_on(bounded(add(&manager, 1))).unwrap();
    // The other is idle now: nobody reads what comes on its sockets.
    one.block_on(bounded(add(&manager, 2))).unwrap();
    drop(other);
    one.block_on(bounded(add(&manager, 3))).unwrap();
    assert_eq!(one.block_on(world.stored()), [1, 2, 3]);
    assert_eq!(manager.status().size, 1);
}

#[test]
fn an_async_manager_used_within_a_blocking_call_is_not_lost_to_others() {
    let runtime = worker();
    let world = runtime.block_on(OnPostgres::new());
    let (blocking, manager) = (world.blocking_manager(), world.manager());
    blocking.block_on(add(&manager, 1)).unwrap().unwrap();
    runtime.block_on(bounded(add(&manager, 2))).unwrap();
}

#[test]
fn a_task_left_behind_by_a_panic_costs_no_place_in_the_pool() {
    let world = tests::on_own_thread(OnSqlite::new());
    let manager = impatient(&world);
    let repository = manager.as_async();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        manager.block_on(async {
            let inside = repository.clone();
            tokio::spawn(carry(async move {
                add(&inside, 1).await.unwrap();
                std::future::pending::<()>().await;
            }));
            tokio::task::yield_now().await;
            panic!("on purpose");
        })
    }));
    assert!(panicked.is_err());
    still_works(&manager, 2);
}

#[test]
fn a_statement_left_behind_in_a_blocking_unit_of_work_costs_no_place_in_the_pool() {
    let world = tests::on_own_thread(OnPostgres::new());
    let manager = impatient(&world);
    let repository = manager.as_async();
    let ended: Result<(), DatabaseError> = manager.atomic(|| {
        manager.block_on(async {
            let inside = repository.clone();
            tokio::spawn(carry(
                async move { run(&inside, "SELECT pg_sleep(60)").await },
            ));
            tokio::time::sleep(Duration::from_millis(100)).await;
        })
    });
    assert!(ended.is_err());
    still_works(&manager, 1);
    let mut looks = 0;
    while tests::on_own_thread(world.0.backend_states()).contains(&"idle in transaction".to_owned())
    {
        looks += 1;
        assert!(looks < 100, "a transaction was left open");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test]
async fn hooks_of_a_commit_run_though_the_caller_is_gone() {
    let world = OnSqlite::new().await;
    let manager = world.manager();
    let log = Arc::new(Mutex::new(Vec::new()));
    let (release, waiting) = tokio::sync::oneshot::channel::<()>();
    let waiting = Mutex::new(Some(waiting));
    let work = manager.atomic(|| async {
        let (first, second) = (Arc::clone(&log), Arc::clone(&log));
        let until_then = waiting.lock().unwrap().take();
        manager.after_commit(move || async move {
            first.lock().unwrap().push(1);
            if let Some(released) = until_then {
                let _ = released.await;
            }
        })?;
        manager.after_commit(move || async move { second.lock().unwrap().push(2) })?;
        add(&manager, 1).await
    });
    {
        let mut work = Box::pin(work);
        let begun = async || !log.lock().unwrap().is_empty();
        tokio::select! {
            _ = &mut work => panic!("the first hook is held"),
            () = until(begun) => {}
        }
    }
    release.send(()).unwrap();
    until(async || *log.lock().unwrap() == [1, 2]).await;
}
