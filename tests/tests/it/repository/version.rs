//! Entities that count their changes.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::seaorm::{Backend, Versioned};
use ports::{Atomic as _, DatabaseError};
use sea_orm::{ActiveValue::Set, IntoActiveModel as _, entity::prelude::*};

use super::store::{Store, refusal};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "drafts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub text: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Versioned for Entity {
    const VERSION: Column = Column::Version;
}

adapters::conventions!(Entity: Versioned);

const ID: Uuid = Uuid::from_u128(5);

fn draft() -> ActiveModel {
    ActiveModel {
        id: Set(ID),
        text: Set("first".to_owned()),
        ..Default::default()
    }
}

async fn versions_count_from_one<B: Backend>(store: Store<B>) {
    let drafts = store.new_adapter::<Entity>().await;
    let mut row = drafts.create(draft()).await.unwrap();
    for version in 1..4 {
        assert_eq!(row.version, version);
        row = drafts
            .update(row.into_active_model())
            .await
            .unwrap()
            .unwrap();
    }
}

async fn a_stale_version_is_a_conflict<B: Backend>(store: Store<B>) {
    let drafts = store.new_adapter::<Entity>().await;
    let read = drafts.create(draft()).await.unwrap();
    let changed = drafts
        .update(read.clone().into_active_model())
        .await
        .unwrap()
        .unwrap();

    let mut late = read.into_active_model();
    late.text = Set("late".to_owned());
    match drafts.update(late).await {
        Err(DatabaseError::Conflict { entity, id }) => {
            assert_eq!((&*entity, id), ("drafts", ID.to_string()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(drafts.find_by_id(ID).await.unwrap(), Some(changed));
}

async fn a_conflict_is_no_failure_of_the_unit_of_work<B: Backend>(store: Store<B>) {
    let drafts = store.new_adapter::<Entity>().await;
    let read = drafts.create(draft()).await.unwrap();
    let work = store.manager.atomic(|| async {
        let mut stale = read.clone().into_active_model();
        stale.version = Set(9);
        let refused = drafts.update(stale).await;
        assert!(
            matches!(refused, Err(DatabaseError::Conflict { .. })),
            "{refused:?}"
        );
        drafts.update(read.clone().into_active_model()).await
    });
    assert_eq!(work.await.unwrap().unwrap().version, 2);
}

async fn an_update_says_what_it_is_based_on<B: Backend>(store: Store<B>) {
    let drafts = store.new_adapter::<Entity>().await;
    drafts.create(draft()).await.unwrap();
    let text = refusal(drafts.update(draft()).await);
    assert!(text.contains("version"), "{text}");
    let mut nobody = draft();
    (nobody.id, nobody.version) = (Set(Uuid::nil()), Set(1));
    assert_eq!(drafts.update(nobody).await.unwrap(), None);
}

async fn of_updates_at_the_same_time_exactly_one_wins<B: Backend>(store: Store<B>) {
    let drafts = store.new_adapter::<Entity>().await;
    let mut row = drafts.create(draft()).await.unwrap();
    for _ in 0..5 {
        let racing = (0..8).map(|_| {
            let (drafts, row) = (drafts.clone(), row.clone());
            tokio::spawn(async move { drafts.update(row.into_active_model()).await })
        });
        let mut winners = Vec::new();
        for racer in racing.collect::<Vec<_>>() {
            match racer.await.unwrap() {
                Ok(changed) => winners.extend(changed),
                Err(DatabaseError::Conflict { .. }) => (),
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(winners.len(), 1);
        row = winners.remove(0);
    }
    assert_eq!(row.version, 6);
}

on_every_backend!(
    versions_count_from_one,
    a_stale_version_is_a_conflict,
    a_conflict_is_no_failure_of_the_unit_of_work,
    an_update_says_what_it_is_based_on,
    of_updates_at_the_same_time_exactly_one_wins,
);
