//! Units of work inside of units of work: savepoints, last in, first out.

use adapters::seaorm::database_error;
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError};
use sea_orm::{ConnectionTrait as _, TransactionSession as _, TransactionTrait as _};
use tests::{Cluster, ClusterOptions, TestDatabase};
use tokio::sync::Notify;

use super::world::{OnPostgres, World, add, add_again, ask, bounded, on_both, run};

on_both!(
    an_inner_failure_that_is_handled_leaves_the_outer_work_intact,
    an_inner_success_is_undone_by_an_outer_failure,
    an_inner_scope_that_swallows_an_error_is_undone_and_the_outer_goes_on,
    an_inner_scope_that_is_dropped_leaves_nothing_behind,
    an_inner_scope_that_is_dropped_after_a_failure_takes_the_failure_with_it,
    siblings_take_turns,
    an_inner_scope_that_outlives_its_turn_is_an_error,
    an_outer_session_works_inside_of_a_nested_scope,
    scopes_nest_deeply_on_one_connection,
);

async fn an_inner_failure_that_is_handled_leaves_the_outer_work_intact<W: World>(world: W) {
    let manager = world.manager();
    let twice = async |id| {
        add(&manager, id).await?;
        add(&manager, id).await
    };
    manager
        .atomic(|| async {
            add(&manager, 1).await?;
            let failed = manager.atomic(|| twice(2)).await;
            assert!(matches!(failed, Err(DatabaseError::UniqueViolation(_))));
            add(&manager, 3).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 3]);
}

async fn an_inner_success_is_undone_by_an_outer_failure<W: World>(world: W) {
    let manager = world.manager();
    let failed = manager
        .atomic(|| async {
            manager.atomic(|| add(&manager, 1)).await?;
            Err::<(), _>(DatabaseError::invalid_query("no"))
        })
        .await;
    assert!(matches!(failed, Err(DatabaseError::InvalidQuery(_))));
    assert!(world.stored().await.is_empty());
}

async fn an_inner_scope_that_swallows_an_error_is_undone_and_the_outer_goes_on<W: World>(world: W) {
    let manager = world.manager();
    let swallowing = async || {
        add(&manager, 2).await?;
        add_again(&manager, 2).await;
        Ok::<_, DatabaseError>(())
    };
    manager
        .atomic(|| async {
            add(&manager, 1).await?;
            let inner = manager.atomic(swallowing).await;
            assert!(matches!(inner, Err(DatabaseError::TransactionAborted(_))));
            add(&manager, 3).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 3]);
}

async fn an_inner_scope_that_is_dropped_leaves_nothing_behind<W: World>(world: W) {
    let manager = world.manager();
    manager
        .atomic(|| async {
            add(&manager, 1).await?;
            let reached = Notify::new();
            let inner = manager.atomic(|| async {
                add(&manager, 2).await?;
                reached.notify_one();
                std::future::pending::<Result<(), DatabaseError>>().await
            });
            tokio::select! {
                _ = inner => panic!("it never ends"),
                () = reached.notified() => {}
            }
            add(&manager, 3).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 3]);
}

async fn an_inner_scope_that_is_dropped_after_a_failure_takes_the_failure_with_it<W: World>(
    world: W,
) {
    let manager = world.manager();
    let ended = manager.atomic(|| async {
        add(&manager, 1).await?;
        // What SeaORM's own nested saves do: they end by drop when they fail.
        let session = manager.session()?;
        let inner = session.begin().await.map_err(database_error)?;
        let insert = "INSERT INTO entry VALUES (2)";
        inner
            .execute_unprepared(insert)
            .await
            .map_err(database_error)?;
        assert!(inner.execute_unprepared(insert).await.is_err());
        drop(inner);
        Ok::<_, DatabaseError>(())
    });
    ended.await.unwrap();
    assert_eq!(world.stored().await, [1]);
}

async fn siblings_take_turns<W: World>(world: W) {
    let manager = world.manager();
    let sibling = async |id, fails| {
        let work = async || {
            for id in id..id + 5 {
                add(&manager, id).await?;
                tokio::task::yield_now().await;
            }
            if fails {
                add(&manager, id).await?;
            }
            Ok::<_, DatabaseError>(())
        };
        manager.atomic(work).await
    };
    manager
        .atomic(|| async {
            let (one, two, three) =
                tokio::join!(sibling(10, false), sibling(20, true), sibling(30, false));
            assert!(matches!(two, Err(DatabaseError::UniqueViolation(_))));
            one.and(three)
        })
        .await
        .unwrap();
    assert_eq!(
        world.stored().await,
        [10, 11, 12, 13, 14, 30, 31, 32, 33, 34]
    );
}

async fn an_inner_scope_that_outlives_its_turn_is_an_error<W: World>(world: W) {
    let manager = world.manager();
    manager
        .atomic(|| async {
            add(&manager, 1).await?;
            let session = manager.session()?;
            let middle = session.begin().await.map_err(database_error)?;
            let inner = middle.begin().await.map_err(database_error)?;
            let insert = inner
                .execute_unprepared("INSERT INTO entry VALUES (2)")
                .await;
            insert.map_err(database_error)?;

            let middle = middle.commit().await.map_err(database_error);
            assert!(matches!(middle, Err(DatabaseError::OutsideUnitOfWork(_))));
            add(&manager, 3).await?;
            let late = inner.execute_unprepared("SELECT 1").await;
            let late = late.map_err(database_error);
            assert!(matches!(late, Err(DatabaseError::OutsideUnitOfWork(_))));
            let inner = inner.commit().await.map_err(database_error);
            assert!(matches!(inner, Err(DatabaseError::OutsideUnitOfWork(_))));
            Ok::<_, DatabaseError>(())
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 3]);
}

async fn an_outer_session_works_inside_of_a_nested_scope<W: World>(world: W) {
    let manager = world.manager();
    let failed = manager
        .atomic(|| async {
            let outer = manager.session()?;
            manager
                .atomic(|| async {
                    let insert = outer.execute_unprepared("INSERT INTO entry VALUES (1)");
                    insert.await.expect("it does not wait for the nested scope");
                    Err::<(), _>(DatabaseError::invalid_query("no"))
                })
                .await
                .unwrap_err();
            add(&manager, 2).await
        })
        .await;
    failed.unwrap();
    // It was a part of the nested scope.
    assert_eq!(world.stored().await, [2]);
}

async fn scopes_nest_deeply_on_one_connection<W: World>(world: W) {
    fn nest<'a, B: adapters::seaorm::Backend>(
        manager: &'a adapters::seaorm::AsyncManager<B>,
        depth: i32,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), DatabaseError>> + Send + 'a>> {
        Box::pin(manager.atomic(move || async move {
            add(manager, depth).await?;
            if depth == 0 {
                return Ok(());
            }
            nest(manager, depth - 1).await
        }))
    }
    let manager = world.manager();
    nest(&manager, 20).await.unwrap();
    assert_eq!(world.stored().await.len(), 21);
    assert_eq!(manager.status().opened, 1);
}

#[tokio::test]
async fn a_thousand_failed_scopes_leave_no_savepoint_behind() {
    // A server of its own: memory contexts are for its superuser.
    let starting = || Cluster::start(&ClusterOptions::default());
    let cluster = tokio::task::spawn_blocking(starting).await.unwrap();
    let world = OnPostgres::with_table(TestDatabase::on(&cluster).await).await;
    let manager = world.manager();
    let open = async || {
        let sql = "SELECT count(*) FROM pg_backend_memory_contexts \
                   WHERE name = 'CurTransactionContext'";
        ask::<i64, _>(&manager, sql).await
    };
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        let before = open().await?;
        for _ in 0..1_000 {
            let failed = manager.atomic(|| add(&manager, 1)).await;
            assert!(matches!(failed, Err(DatabaseError::UniqueViolation(_))));
        }
        assert_eq!(open().await?, before);
        let inside = manager.atomic(&open).await?;
        assert_eq!(inside, before + 1, "a savepoint is seen in this way");
        Ok::<_, DatabaseError>(())
    });
    bounded(work).await.unwrap();
    drop((manager, world));
    let stopping = tokio::task::spawn_blocking(move || drop(cluster));
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_savepoint_that_somebody_else_released_is_an_error() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let refused = manager.atomic(|| run(&manager, "RELEASE SAVEPOINT hexacoral_1"));
    assert!(matches!(refused.await, Err(DatabaseError::InvalidQuery(_))));
}
