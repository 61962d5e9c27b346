//! Entities of which every earlier state is kept.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::{
    repository::AsyncAdapter,
    seaorm::{Archived, Backend},
};
use ports::{Clock as _, DatabaseError, PageRequest, Sort};
use sea_orm::{ActiveValue::Set, DbBackend, IntoActiveModel as _, entity::prelude::*};

use super::{clock::StoppedClock, store::Store};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub cents: i64,
    pub origin_id: Option<Uuid>,
    pub archived_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Archived for Entity {
    const ORIGIN_ID: Column = Column::OriginId;
    const ARCHIVED_AT: Column = Column::ArchivedAt;
}

adapters::conventions!(Entity: Archived);

mod counted {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "counted_prices")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub cents: i64,
        pub origin_id: Option<i64>,
        pub archived_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Archived for counted::Entity {
    const ORIGIN_ID: counted::Column = counted::Column::OriginId;
    const ARCHIVED_AT: counted::Column = counted::Column::ArchivedAt;
}

adapters::conventions!(counted::Entity: Archived);

const ID: Uuid = Uuid::from_u128(1);

fn price(cents: i64) -> ActiveModel {
    ActiveModel {
        id: Set(ID),
        cents: Set(cents),
        ..Default::default()
    }
}

/// The copies, lowest price first.
async fn copies<B: Backend>(prices: &AsyncAdapter<Entity, B>) -> Vec<Model> {
    let page = PageRequest::number(1, 100).unwrap();
    let by_cents = [Sort::ascending(Column::Cents)];
    let all = prices.with_archived().search(&[], &by_cents, &page).await;
    let (rows, _) = all.unwrap();
    rows.into_iter()
        .filter(|row| row.origin_id.is_some())
        .collect()
}

async fn an_update_keeps_what_was<B: Backend>(store: Store<B>) {
    let clock = StoppedClock::new();
    let prices = store
        .new_adapter::<Entity>()
        .await
        .with_clock(clock.clone());
    prices.create(price(1)).await.unwrap();
    let mut moments = Vec::new();
    for cents in [2, 3] {
        moments.push(Some(clock.advance()));
        let changed = prices.update(price(cents)).await.unwrap().unwrap();
        assert_eq!(
            (changed.id, changed.cents, changed.origin_id),
            (ID, cents, None)
        );
    }
    let copies = copies(&prices).await;
    assert_eq!(
        copies.iter().map(|copy| copy.cents).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(
        copies
            .iter()
            .map(|copy| copy.archived_at)
            .collect::<Vec<_>>(),
        moments
    );
    assert!(
        copies
            .iter()
            .all(|copy| copy.origin_id == Some(ID) && copy.id != ID)
    );
    assert_ne!(copies[0].id, copies[1].id);
    assert!(clock.now() >= copies[1].archived_at.unwrap());
}

async fn reads_leave_copies_out_and_copies_do_not_change<B: Backend>(store: Store<B>) {
    let prices = store.new_adapter::<Entity>().await;
    prices.create(price(1)).await.unwrap();
    prices.update(price(2)).await.unwrap();
    let copy = copies(&prices).await.remove(0);
    assert_eq!(prices.count(&[]).await.unwrap(), 1);
    assert_eq!(prices.find_by_id(copy.id).await.unwrap(), None);
    let mut change = copy.clone().into_active_model();
    change.cents = Set(9);
    assert_eq!(prices.update(change).await.unwrap(), None);
    assert!(!prices.delete(copy.id).await.unwrap());
    assert_eq!(copies(&prices).await, [copy]);
}

async fn a_key_that_counts_by_itself_counts_for_copies<B: Backend>(store: Store<B>) {
    let prices = store.new_adapter::<counted::Entity>().await;
    let row = counted::ActiveModel {
        cents: Set(1),
        ..Default::default()
    };
    let row = prices.create(row).await.unwrap();
    let mut change = row.clone().into_active_model();
    change.cents = Set(2);
    prices.update(change).await.unwrap();
    let copy = prices
        .with_archived()
        .find_by_id(row.id + 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((copy.cents, copy.origin_id), (1, Some(row.id)));
}

async fn an_update_that_fails_leaves_no_copy<B: Backend>(store: Store<B>) {
    let table = if B::DIALECT == DbBackend::Postgres {
        "uuid, cents bigint"
    } else {
        "blob, cents"
    };
    store
        .script(&format!(
            "CREATE TABLE prices (id {table} CHECK (cents < 10), origin_id {}, archived_at {})",
            table.split(',').next().unwrap(),
            if B::DIALECT == DbBackend::Postgres {
                "timestamptz"
            } else {
                "text"
            },
        ))
        .await;
    let prices = store.adapter::<Entity>();
    prices.create(price(1)).await.unwrap();
    let refused = prices.update(price(10)).await;
    assert!(
        matches!(refused, Err(DatabaseError::CheckViolation(_))),
        "{refused:?}"
    );
    let mut nobody = price(2);
    nobody.id = Set(Uuid::nil());
    assert_eq!(prices.update(nobody).await.unwrap(), None);
    assert_eq!(prices.with_archived().count(&[]).await.unwrap(), 1);
}

async fn no_state_is_kept_twice_or_lost_in_a_race<B: Backend>(store: Store<B>) {
    let prices = store.new_adapter::<Entity>().await;
    prices.create(price(0)).await.unwrap();
    let racing = (1..=12).map(|cents| {
        let prices = prices.clone();
        tokio::spawn(async move { prices.update(price(cents)).await })
    });
    for racer in racing.collect::<Vec<_>>() {
        racer.await.unwrap().unwrap();
    }
    let mut states: Vec<i64> = copies(&prices)
        .await
        .iter()
        .map(|copy| copy.cents)
        .collect();
    states.push(prices.find_by_id(ID).await.unwrap().unwrap().cents);
    states.sort_unstable();
    assert_eq!(states, (0..=12).collect::<Vec<_>>());
}

on_every_backend!(
    an_update_keeps_what_was,
    reads_leave_copies_out_and_copies_do_not_change,
    a_key_that_counts_by_itself_counts_for_copies,
    an_update_that_fails_leaves_no_copy,
    no_state_is_kept_twice_or_lost_in_a_race,
);
