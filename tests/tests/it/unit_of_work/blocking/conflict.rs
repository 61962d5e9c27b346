//! Conflicts and lost connections on the blocking side, whose retry loop is its own.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread,
};

use adapters::postgres::PostgresSessionManager;
use ports::{
    DatabaseError,
    blocking::{Atomic as _, BlockOn as _},
};

use super::{
    super::{
        lost::SLOW_COMMIT,
        world::{OnPostgres, World, ask, run, until_running},
    },
    in_time, put, stored, usable,
};

#[test]
fn a_serialization_failure_runs_the_work_again() {
    in_time::<OnPostgres>(|world| {
        let manager = world.blocking_manager();
        let runs = AtomicU32::new(0);
        let repository = manager.as_async();
        let done = manager.atomic(|| {
            put(&manager, 1)?;
            if runs.fetch_add(1, SeqCst) < 2 {
                let sql = "DO $$ BEGIN RAISE EXCEPTION '' USING ERRCODE = '40001'; END $$";
                manager.block_on(run(&repository, sql))??;
            }
            Ok::<_, DatabaseError>(())
        });
        done.unwrap();
        assert_eq!(runs.load(SeqCst), 3);
        assert_eq!(stored(world), [1]);
    });
}

#[test]
fn of_two_threads_in_a_deadlock_both_succeed() {
    in_time::<OnPostgres>(|world| {
        let mut config = world.config();
        config.session.pool_size = 2;
        let manager = PostgresSessionManager::new(config).unwrap();
        let repository = manager.as_async();
        let (runs, both_hold_one) = (AtomicU32::new(0), Barrier::new(2));
        put(&manager, 1).unwrap();
        put(&manager, 2).unwrap();
        let lock = |id: i32| -> Result<(), DatabaseError> {
            let sql = format!("SELECT id FROM entry WHERE id = {id} FOR UPDATE");
            manager
                .block_on(ask::<i32, _>(&repository, &sql))?
                .map(drop)
        };
        let cross = |one, other| -> Result<(), DatabaseError> {
            let first = AtomicU32::new(0);
            manager.atomic(|| {
                runs.fetch_add(1, SeqCst);
                lock(one)?;
                if first.fetch_add(1, SeqCst) == 0 {
                    both_hold_one.wait();
                }
                lock(other)?;
                put(&manager, one * 10)
            })
        };
        thread::scope(|scope| {
            let other = scope.spawn(|| cross(2, 1));
            cross(1, 2).unwrap();
            other.join().unwrap().unwrap();
        });
        assert_eq!(stored(world), [1, 2, 10, 20]);
        assert!(runs.load(SeqCst) > 2, "nobody ran again");
    });
}

#[test]
fn a_connection_that_is_lost_during_commit_leaves_the_outcome_unknown() {
    in_time::<OnPostgres>(|world| {
        tests::on_own_thread(world.0.execute(SLOW_COMMIT));
        let manager = world.blocking_manager();
        let runs = AtomicU32::new(0);
        let ended = thread::scope(|scope| {
            let work = scope.spawn(|| {
                manager.atomic(|| {
                    runs.fetch_add(1, SeqCst);
                    put(&manager, 1)
                })
            });
            tests::on_own_thread(async {
                until_running(&world.0, "COMMIT").await;
                world.0.terminate_backends("%").await;
            });
            work.join().unwrap()
        });
        assert!(
            matches!(ended, Err(DatabaseError::CommitOutcomeUnknown(_))),
            "{ended:?}"
        );
        assert_eq!(runs.load(SeqCst), 1);
        tests::on_own_thread(world.0.execute("DROP FUNCTION dawdle CASCADE"));
        usable(world, &manager);
    });
}
