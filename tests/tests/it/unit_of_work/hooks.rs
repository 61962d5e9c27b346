//! Work that is due after the commit.

use std::sync::{Arc, Mutex};

use adapters::seaorm::{AsyncManager, Backend};
use ports::{Atomic as _, DatabaseError, RetryPolicy, UnitOfWorkOptions};

use super::world::{OnPostgres, World, add, on_both, run};

on_both!(
    hooks_run_once_after_the_outermost_commit,
    hooks_of_what_is_not_committed_are_discarded,
    a_hook_outside_of_a_unit_of_work_is_refused,
    a_hook_that_panics_undoes_nothing,
    a_hook_may_open_a_unit_of_work,
    a_hook_belongs_to_the_scope_that_registered_it,
);

/// What hooks have done.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<i32>>>);

impl Log {
    fn write(&self, entry: i32) {
        self.0.lock().unwrap().push(entry);
    }

    fn read(&self) -> Vec<i32> {
        self.0.lock().unwrap().clone()
    }

    /// Has an entry written after the commit.
    fn later<B: Backend>(
        &self,
        manager: &AsyncManager<B>,
        entry: i32,
    ) -> Result<(), DatabaseError> {
        let log = self.clone();
        manager.after_commit(move || async move { log.write(entry) })
    }
}

async fn hooks_run_once_after_the_outermost_commit<W: World>(world: W) {
    let (manager, log) = (world.manager(), Log::default());
    let inner = async || {
        log.later(&manager, 2)?;
        add(&manager, 2).await
    };
    manager
        .atomic(|| async {
            log.later(&manager, 1)?;
            manager.atomic(inner).await?;
            log.later(&manager, 3)?;
            assert!(log.read().is_empty());
            Ok::<_, DatabaseError>(())
        })
        .await
        .unwrap();
    assert_eq!(log.read(), [1, 2, 3]);
}

async fn hooks_of_what_is_not_committed_are_discarded<W: World>(world: W) {
    let (manager, log) = (world.manager(), Log::default());
    let failing = async || {
        log.later(&manager, 1)?;
        Err::<(), _>(DatabaseError::invalid_query("no"))
    };
    manager.atomic(&failing).await.unwrap_err();
    manager
        .atomic(|| async {
            manager.atomic(&failing).await.unwrap_err();
            log.later(&manager, 2)
        })
        .await
        .unwrap();
    assert_eq!(log.read(), [2]);
}

async fn a_hook_outside_of_a_unit_of_work_is_refused<W: World>(world: W) {
    let refused = Log::default().later(&world.manager(), 1);
    assert!(matches!(refused, Err(DatabaseError::OutsideUnitOfWork(_))));
}

async fn a_hook_that_panics_undoes_nothing<W: World>(world: W) {
    let (manager, log) = (world.manager(), Log::default());
    manager
        .atomic(|| async {
            manager.after_commit(|| async { panic!("in the hook's future") })?;
            manager.after_commit(|| {
                assert!(log_is_far_away(), "before the hook's future");
                async {}
            })?;
            log.later(&manager, 1)?;
            add(&manager, 1).await
        })
        .await
        .unwrap();
    assert_eq!(log.read(), [1]);
    assert_eq!(world.stored().await, [1]);
}

/// Never so, but the compiler can not know.
fn log_is_far_away() -> bool {
    std::hint::black_box(false)
}

async fn a_hook_may_open_a_unit_of_work<W: World>(world: W) {
    let manager = world.manager();
    manager
        .atomic(|| async {
            let in_hook = manager.clone();
            manager.after_commit(move || async move {
                in_hook.atomic(|| add(&in_hook, 2)).await.unwrap();
            })?;
            add(&manager, 1).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 2]);
}

async fn a_hook_belongs_to_the_scope_that_registered_it<W: World>(world: W) {
    let (manager, log) = (world.manager(), Log::default());
    let open = tokio::sync::Barrier::new(2);
    manager
        .atomic(|| async {
            let failing = manager.atomic(|| async {
                add(&manager, 1).await?;
                open.wait().await;
                Err::<(), _>(DatabaseError::invalid_query("no"))
            });
            let beside = async {
                open.wait().await;
                log.later(&manager, 1)
            };
            let (failed, registered) = tokio::join!(failing, beside);
            failed.unwrap_err();
            registered
        })
        .await
        .unwrap();
    assert_eq!(log.read(), [1]);
}

#[tokio::test]
async fn hooks_of_an_attempt_that_failed_are_discarded() {
    let world = OnPostgres::new().await;
    let (manager, log) = (world.manager(), Log::default());
    let attempts = Mutex::new(0);
    let options = UnitOfWorkOptions::new().retry(RetryPolicy {
        max_attempts: 3,
        ..RetryPolicy::default()
    });
    manager
        .atomic_with(options, || async {
            let attempt = {
                let mut attempts = attempts.lock().unwrap();
                *attempts += 1;
                *attempts
            };
            log.later(&manager, attempt)?;
            if attempt < 3 {
                let sql = "DO $$ BEGIN RAISE EXCEPTION '' USING ERRCODE = '40001'; END $$";
                run(&manager, sql).await?;
            }
            Ok::<_, DatabaseError>(())
        })
        .await
        .unwrap();
    assert_eq!(log.read(), [3]);
}
