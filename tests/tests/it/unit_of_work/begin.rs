//! SeaORM's own way to open transactions, on our sessions.

use adapters::seaorm::database_error;
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError};
use sea_orm::{
    AccessMode, ConnectionTrait, DbErr, IsolationLevel, TransactionError, TransactionSession as _,
    TransactionTrait as _,
};

use super::world::{OnPostgres, World, add, bounded, on_both};

on_both!(
    begin_opens_a_transaction_outside_of_a_unit_of_work,
    a_transaction_that_is_dropped_is_rolled_back,
    transaction_follows_its_callback,
    begin_inside_of_a_unit_of_work_is_a_savepoint,
    a_swallowed_error_can_not_be_committed,
);

async fn insert(connection: &impl ConnectionTrait, id: i32) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO entry VALUES ({id})");
    connection.execute_unprepared(&sql).await.map(drop)
}

async fn begin_opens_a_transaction_outside_of_a_unit_of_work<W: World>(world: W) {
    let manager = world.manager();
    let session = manager.session().unwrap();
    let outer = session.begin().await.unwrap();
    insert(&outer, 1).await.unwrap();
    let inner = outer.begin().await.unwrap();
    insert(&inner, 2).await.unwrap();
    inner.rollback().await.unwrap();
    assert!(world.stored().await.is_empty());
    outer.commit().await.unwrap();
    assert_eq!(world.stored().await, [1]);
    assert_eq!(manager.status().idle, 1);
}

async fn a_transaction_that_is_dropped_is_rolled_back<W: World>(world: W) {
    let manager = world.manager();
    let session = manager.session().unwrap();
    let transaction = session.begin().await.unwrap();
    insert(&transaction, 1).await.unwrap();
    drop(transaction);
    add(&manager, 2).await.unwrap();
    assert_eq!(world.stored().await, [2]);
    world.settled().await;
    assert_eq!(manager.status().opened, 1, "it was rolled back, not closed");
}

async fn transaction_follows_its_callback<W: World>(world: W) {
    let manager = world.manager();
    let session = manager.session().unwrap();
    let stored = session.transaction(|transaction| {
        Box::pin(async move {
            insert(transaction, 1).await?;
            Ok::<_, DbErr>("stored")
        })
    });
    assert_eq!(stored.await.unwrap(), "stored");
    let failed = session.transaction(|transaction| {
        Box::pin(async move {
            insert(transaction, 2).await?;
            Err::<(), _>(DbErr::Custom("no".to_owned()))
        })
    });
    assert!(matches!(
        failed.await,
        Err(TransactionError::Transaction(DbErr::Custom(_)))
    ));
    assert_eq!(world.stored().await, [1]);
}

async fn begin_inside_of_a_unit_of_work_is_a_savepoint<W: World>(world: W) {
    let manager = world.manager();
    let failed = manager.atomic(|| async {
        let session = manager.session()?;
        let kept = session.begin().await.map_err(database_error)?;
        insert(&kept, 1).await.map_err(database_error)?;
        kept.commit().await.map_err(database_error)?;
        Err::<(), _>(DatabaseError::invalid_query("no"))
    });
    failed.await.unwrap_err();
    assert!(world.stored().await.is_empty());

    manager
        .atomic(|| async {
            add(&manager, 1).await?;
            let session = manager.session()?;
            let dropped = session.begin().await.map_err(database_error)?;
            insert(&dropped, 2).await.map_err(database_error)?;
            drop(dropped);
            add(&manager, 3).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1, 3]);
}

async fn a_swallowed_error_can_not_be_committed<W: World>(world: W) {
    let manager = world.manager();
    let session = manager.session().unwrap();
    let transaction = session.begin().await.unwrap();
    insert(&transaction, 1).await.unwrap();
    insert(&transaction, 1).await.unwrap_err();
    let ended = transaction.commit().await.map_err(database_error);
    assert!(matches!(ended, Err(DatabaseError::TransactionAborted(_))));
    assert!(world.stored().await.is_empty());
}

#[tokio::test]
async fn begin_with_modes_has_them() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let session = manager.session().unwrap();
    let modes = (IsolationLevel::Serializable, AccessMode::ReadOnly);
    let transaction = session
        .begin_with_config(Some(modes.0), Some(modes.1))
        .await
        .unwrap();
    let refused = insert(&transaction, 1).await.map_err(database_error);
    assert!(matches!(refused, Err(DatabaseError::ReadOnly(_))));
}

#[tokio::test]
async fn a_repository_called_in_a_transaction_of_seaorm_takes_part() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let session = manager.session().unwrap();
    let inside = manager.clone();
    let ended = session.transaction(move |_| {
        Box::pin(async move {
            add(&inside, 1).await?;
            Err::<(), _>(DatabaseError::invalid_query("no"))
        })
    });
    assert!(bounded(ended).await.is_err());
    assert!(world.stored().await.is_empty());
    assert_eq!(manager.status().opened, 1);
}
