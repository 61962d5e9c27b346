//! Tasks that are spawned inside of a unit of work.

use adapters::seaorm::carry;
use ports::{Atomic as _, DatabaseError};
use tokio::sync::oneshot;

use super::world::{OnPostgres, World as _, add, bounded};

#[tokio::test]
async fn a_spawned_task_does_not_inherit() {
    let world = OnPostgres::new().await;
    let manager = world.manager_of(2);
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        let spawned = manager.clone();
        let task = tokio::spawn(async move { add(&spawned, 2).await });
        task.await.unwrap()?;
        Err::<(), _>(DatabaseError::invalid_query("no"))
    });
    bounded(work).await.unwrap_err();
    assert_eq!(world.stored().await, [2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carried_task_takes_part() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let many = async || {
        let tasks: Vec<_> = (0..20)
            .map(|id| {
                let carried = manager.clone();
                tokio::spawn(carry(async move {
                    carried.atomic(|| add(&carried, id)).await?;
                    add(&carried, 100 + id).await
                }))
            })
            .collect();
        for task in tasks {
            task.await.unwrap()?;
        }
        Ok::<_, DatabaseError>(())
    };
    let failed = manager.atomic(|| async {
        many().await?;
        Err::<(), _>(DatabaseError::invalid_query("no"))
    });
    bounded(failed).await.unwrap_err();
    assert!(world.stored().await.is_empty());
    bounded(manager.atomic(many)).await.unwrap();
    assert_eq!(world.stored().await.len(), 40);
    assert_eq!(manager.status().opened, 1);
}

#[tokio::test]
async fn a_carried_task_that_outlives_the_unit_of_work_is_outside_of_it() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let (sender, ended) = oneshot::channel::<()>();
    let ended = std::sync::Mutex::new(Some(ended));
    let late = manager
        .atomic(|| async {
            add(&manager, 1).await?;
            let (carried, ended) = (manager.clone(), ended.lock().unwrap().take().unwrap());
            Ok::<_, DatabaseError>(tokio::spawn(carry(async move {
                drop(ended.await);
                add(&carried, 2).await
            })))
        })
        .await
        .unwrap();
    sender.send(()).unwrap();
    let late = bounded(late).await.unwrap();
    assert!(matches!(late, Err(DatabaseError::OutsideUnitOfWork(_))));
    assert_eq!(world.stored().await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_of_work_that_is_dropped_under_a_carried_task_gives_its_connection_back() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    for _ in 0..200 {
        let (sender, tasks) = oneshot::channel();
        let sender = std::sync::Mutex::new(Some(sender));
        let work = manager.atomic(|| async {
            let carried = manager.clone();
            // Goes on with statements for as long as it is let.
            let task = tokio::spawn(carry(async move {
                while super::world::run(&carried, "SELECT 1").await.is_ok() {}
                // What keeps the scope alive must not keep the connection.
                std::future::pending::<()>().await;
            }));
            let sender = sender.lock().unwrap().take().unwrap();
            sender.send(task).unwrap();
            std::future::pending::<Result<(), DatabaseError>>().await
        });
        let task = tokio::select! {
            _ = bounded(work) => panic!("it never ends"),
            task = tasks => task.unwrap(),
        };
        bounded(super::world::run(&manager, "SELECT 2"))
            .await
            .unwrap();
        task.abort();
    }
    world.settled().await;
}

#[tokio::test]
async fn what_the_work_does_before_its_future_takes_part() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let work = manager.atomic(|| {
        let carried = carry(async { add(&manager, 1).await });
        let deferred = manager.after_commit(|| async {});
        async {
            deferred?;
            carried.await?;
            Err::<(), _>(DatabaseError::invalid_query("changed my mind"))
        }
    });
    let ended = bounded(work).await;
    assert!(
        matches!(ended, Err(DatabaseError::InvalidQuery(_))),
        "{ended:?}"
    );
    assert!(world.stored().await.is_empty());
}
