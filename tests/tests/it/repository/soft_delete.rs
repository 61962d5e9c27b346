//! Entities that are marked as deleted.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::{
    repository::AsyncAdapter,
    seaorm::{Backend, SoftDelete},
};
use ports::{Atomic as _, Clock as _, DatabaseError, PageRequest};
use sea_orm::{ActiveValue::Set, IntoActiveModel as _, entity::prelude::*};

use super::{clock::StoppedClock, store::Store};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl SoftDelete for Entity {
    const DELETED_AT: Column = Column::DeletedAt;
}

adapters::conventions!(Entity: SoftDelete);

fn user(name: &str) -> ActiveModel {
    ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

async fn users<B: Backend>(store: &Store<B>) -> AsyncAdapter<Entity, B> {
    let users = store.new_adapter::<Entity>().await;
    store
        .script("CREATE UNIQUE INDEX one_alive ON users (name) WHERE deleted_at IS NULL")
        .await;
    users
}

async fn names<B: Backend>(users: &AsyncAdapter<Entity, B>) -> Vec<String> {
    let mut found = Vec::new();
    for page in [
        PageRequest::number(1, 9).unwrap(),
        PageRequest::first(9).unwrap(),
    ] {
        let (rows, total) = users.search(&[], &[], &page).await.unwrap();
        assert_eq!(rows.len() as u64, total);
        assert_eq!(users.count(&[]).await.unwrap(), total);
        found = rows.into_iter().map(|row| row.name).collect();
    }
    found
}

async fn reads_leave_out_what_is_deleted_unless_asked<B: Backend>(store: Store<B>) {
    let clock = StoppedClock::new();
    let users = users(&store).await.with_clock(clock.clone());
    let ada = users.create(user("ada")).await.unwrap();
    users.create(user("bob")).await.unwrap();

    assert!(users.delete(ada.id).await.unwrap());
    assert!(
        !users.delete(ada.id).await.unwrap(),
        "it is deleted already"
    );
    let deleted_at = clock.now();
    clock.advance();

    assert_eq!(names(&users).await, ["bob"]);
    assert_eq!(users.find_by_id(ada.id).await.unwrap(), None);
    let all = users.with_deleted();
    assert_eq!(names(&all).await, ["ada", "bob"]);
    let found = all.find_by_id(ada.id).await.unwrap().unwrap();
    assert_eq!(found.deleted_at, Some(deleted_at));

    let locked = store.manager.atomic(|| async {
        Ok::<_, DatabaseError>((users.lock(ada.id).await?, all.lock(ada.id).await?))
    });
    let (hidden, seen) = locked.await.unwrap();
    assert!(hidden.is_none() && seen.is_some());
}

async fn a_name_can_be_used_again<B: Backend>(store: Store<B>) {
    let users = users(&store).await;
    for _ in 0..2 {
        let ada = users.create(user("ada")).await.unwrap();
        let taken = users.create(user("ada")).await;
        assert!(
            matches!(taken, Err(DatabaseError::UniqueViolation(_))),
            "{taken:?}"
        );
        assert!(users.delete(ada.id).await.unwrap());
    }
    assert_eq!(users.with_deleted().count(&[]).await.unwrap(), 2);
}

async fn what_is_deleted_does_not_change<B: Backend>(store: Store<B>) {
    let users = users(&store).await;
    let ada = users.create(user("ada")).await.unwrap();
    users.delete(ada.id).await.unwrap();
    let mut change = ada.clone().into_active_model();
    change.name = Set("eve".to_owned());
    assert_eq!(users.update(change.clone()).await.unwrap(), None);
    assert_eq!(
        users.update(ada.clone().into_active_model()).await.unwrap(),
        None
    );

    change.deleted_at = Set(None);
    let restored = users.with_deleted().update(change).await.unwrap().unwrap();
    assert_eq!(restored.name, "eve");
    assert_eq!(users.find_by_id(ada.id).await.unwrap(), Some(restored));
}

async fn many_are_marked_at_once<B: Backend>(store: Store<B>) {
    let users = users(&store).await;
    users.create_many(["a", "b", "c"].map(user)).await.unwrap();
    assert_eq!(users.delete_many([1_i64, 2, 9]).await.unwrap(), 2);
    assert_eq!(users.delete_many([1_i64, 3]).await.unwrap(), 1);
    assert_eq!(users.with_deleted().count(&[]).await.unwrap(), 3);
    assert_eq!(names(&users).await, [""; 0]);
}

on_every_backend!(
    reads_leave_out_what_is_deleted_unless_asked,
    a_name_can_be_used_again,
    what_is_deleted_does_not_change,
    many_are_marked_at_once,
);
