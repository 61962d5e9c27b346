//! Entities that keep when they were created, and when they last changed.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::seaorm::{Backend, Timestamped};
use ports::Clock as _;
use sea_orm::{ActiveValue::Set, IntoActiveModel as _, entity::prelude::*};

use super::{clock::StoppedClock, store::Store};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub text: String,
    pub created_at: DateTimeUtc,
    pub updated_at: Option<DateTimeWithTimeZone>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Timestamped for Entity {
    const CREATED_AT: Column = Column::CreatedAt;
    const UPDATED_AT: Column = Column::UpdatedAt;
}

adapters::conventions!(Entity: Timestamped);

fn text(text: &str) -> ActiveModel {
    ActiveModel {
        text: Set(text.to_owned()),
        ..Default::default()
    }
}

fn moments(row: &Model) -> (DateTimeUtc, DateTimeUtc) {
    (row.created_at, row.updated_at.unwrap().to_utc())
}

async fn a_row_knows_when_it_was_created_and_changed<B: Backend>(store: Store<B>) {
    let clock = StoppedClock::new();
    let notes = store
        .new_adapter::<Entity>()
        .await
        .with_clock(clock.clone());
    let created_at = clock.now();
    let row = notes.create(text("first")).await.unwrap();
    assert_eq!(moments(&row), (created_at, created_at));

    let changed_at = clock.advance();
    let mut change = row.into_active_model();
    change.text = Set("second".to_owned());
    let row = notes.update(change).await.unwrap().unwrap();
    assert_eq!(moments(&row), (created_at, changed_at));

    clock.advance();
    let found = notes.find_by_id(row.id).await.unwrap().unwrap();
    assert_eq!(moments(&found), (created_at, changed_at));
}

async fn a_moment_that_is_set_is_kept_and_creation_is_final<B: Backend>(store: Store<B>) {
    let notes = store
        .new_adapter::<Entity>()
        .await
        .with_clock(StoppedClock::new());
    let chosen: DateTimeUtc = "2001-02-03T04:05:06Z".parse().unwrap();
    let later: DateTimeUtc = "2002-02-03T04:05:06Z".parse().unwrap();
    let mut row = text("old");
    row.created_at = Set(chosen);
    row.updated_at = Set(Some(chosen.into()));
    let row = notes.create(row).await.unwrap();
    assert_eq!(moments(&row), (chosen, chosen));

    let mut change = row.into_active_model();
    change.created_at = Set(later);
    change.updated_at = Set(Some(later.into()));
    let row = notes.update(change).await.unwrap().unwrap();
    assert_eq!(moments(&row), (chosen, later));
}

async fn many_rows_have_their_moments_too<B: Backend>(store: Store<B>) {
    let clock = StoppedClock::new();
    let notes = store
        .new_adapter::<Entity>()
        .await
        .with_clock(clock.clone());
    notes.create_many((0..3).map(|_| text("x"))).await.unwrap();
    let found = Entity::find().all(&store.session()).await.unwrap();
    assert!(
        found
            .iter()
            .all(|row| moments(row) == (clock.now(), clock.now()))
    );
}

async fn the_systems_clock_shows_one_moment_for_a_new_row<B: Backend>(store: Store<B>) {
    let notes = store.new_adapter::<Entity>().await;
    let row = notes.create(text("x")).await.unwrap();
    let (created_at, updated_at) = moments(&row);
    assert_eq!(created_at, updated_at);
}

on_every_backend!(
    a_row_knows_when_it_was_created_and_changed,
    a_moment_that_is_set_is_kept_and_creation_is_final,
    many_rows_have_their_moments_too,
    the_systems_clock_shows_one_moment_for_a_new_row,
);
