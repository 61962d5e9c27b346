//! Entities that keep who created them, and who changed them last.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::{
    repository::AsyncAdapter,
    seaorm::{Audited, Backend, acting_as, acting_as_blocking, carry, current_actor},
};
use ports::{Actor, Atomic as _, DatabaseError};
use sea_orm::{ActiveValue::Set, IntoActiveModel as _, entity::prelude::*};

use super::store::Store;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Audited for Entity {
    const CREATED_BY: Column = Column::CreatedBy;
    const UPDATED_BY: Column = Column::UpdatedBy;
}

adapters::conventions!(Entity: Audited);

fn actor(name: &str) -> Actor {
    Actor::new(name).unwrap()
}

async fn create<B: Backend>(orders: &AsyncAdapter<Entity, B>) -> Model {
    orders.create(blank()).await.unwrap()
}

fn blank() -> ActiveModel {
    ActiveModel {
        id: sea_orm::NotSet,
        created_by: sea_orm::NotSet,
        updated_by: sea_orm::NotSet,
    }
}

fn by(row: &Model) -> (Option<&str>, Option<&str>) {
    (row.created_by.as_deref(), row.updated_by.as_deref())
}

async fn rows_have_the_name_of_who_is_acting<B: Backend>(store: Store<B>) {
    let orders = store.new_adapter::<Entity>().await;
    assert_eq!(by(&create(&orders).await), (None, None));

    let row = acting_as(actor("ada"), create(&orders)).await;
    assert_eq!(by(&row), (Some("ada"), Some("ada")));
    let mut change = row.into_active_model();
    change.created_by = Set(Some("nobody".to_owned()));
    let row = acting_as(actor("bob"), orders.update(change)).await;
    assert_eq!(by(&row.unwrap().unwrap()), (Some("ada"), Some("bob")));

    let many = orders.create_many([blank(), blank()]);
    acting_as(actor("eve"), many).await.unwrap();
    let by_eve = Entity::find().filter(Column::CreatedBy.eq("eve"));
    assert_eq!(by_eve.count(&store.session()).await.unwrap(), 2);
}

async fn a_name_that_is_set_is_kept<B: Backend>(store: Store<B>) {
    let orders = store.new_adapter::<Entity>().await;
    let mut row = blank();
    row.created_by = Set(Some("import".to_owned()));
    let row = acting_as(actor("ada"), orders.create(row)).await.unwrap();
    assert_eq!(by(&row), (Some("import"), Some("ada")));
}

async fn the_innermost_actor_acts<B: Backend>(store: Store<B>) {
    let orders = store.new_adapter::<Entity>().await;
    let nested = acting_as(actor("outer"), async {
        let inner = acting_as(actor("inner"), create(&orders)).await;
        (inner, create(&orders).await)
    });
    let (inner, outer) = nested.await;
    assert_eq!(inner.created_by.as_deref(), Some("inner"));
    assert_eq!(outer.created_by.as_deref(), Some("outer"));
    assert_eq!(current_actor(), None);
}

async fn a_spawned_task_acts_for_nobody_unless_carried<B: Backend>(store: Store<B>) {
    let orders = store.new_adapter::<Entity>().await;
    let (spawned, carried) = (orders.clone(), orders.clone());
    let both = acting_as(actor("ada"), async move {
        let spawned = tokio::spawn(async move { create(&spawned).await }).await;
        let carried = tokio::spawn(carry(async move { create(&carried).await })).await;
        (spawned.unwrap(), carried.unwrap())
    });
    let (spawned, carried) = both.await;
    assert_eq!(by(&spawned), (None, None));
    assert_eq!(by(&carried), (Some("ada"), Some("ada")));
}

async fn the_actor_acts_inside_of_a_unit_of_work<B: Backend>(store: Store<B>) {
    let orders = store.new_adapter::<Entity>().await;
    let work = store
        .manager
        .atomic(|| async { orders.create(blank()).await });
    let row = acting_as(actor("ada"), work).await.unwrap();
    assert_eq!(by(&row), (Some("ada"), Some("ada")));
    let work = store.manager.atomic(|| async {
        Ok::<_, DatabaseError>(acting_as(actor("bob"), create(&orders)).await)
    });
    assert_eq!(work.await.unwrap().created_by.as_deref(), Some("bob"));
}

on_every_backend!(
    rows_have_the_name_of_who_is_acting,
    a_name_that_is_set_is_kept,
    the_innermost_actor_acts,
    a_spawned_task_acts_for_nobody_unless_carried,
    the_actor_acts_inside_of_a_unit_of_work,
);

#[test]
fn blocking_code_acts_for_somebody_for_the_time_of_a_call() {
    let inside = acting_as_blocking(actor("ada"), || {
        let inner = acting_as_blocking(actor("bob"), current_actor);
        (inner, current_actor())
    });
    assert_eq!(inside, (Some(actor("bob")), Some(actor("ada"))));
    assert_eq!(current_actor(), None);
}
