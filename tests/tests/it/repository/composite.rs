//! Primary keys of more than one column.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::{repository::AsyncAdapter, seaorm::Backend};
use ports::{Atomic as _, PageRequest, Sort};
use sea_orm::{ActiveValue::Set, IntoActiveModel as _, entity::prelude::*};

use super::store::{Store, refusal};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub book: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub text: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

adapters::conventions!(Entity);

fn book(n: i32) -> Uuid {
    Uuid::from_u128(u128::try_from(n % 2).unwrap())
}

async fn lines<B: Backend>(store: &Store<B>, count: i32) -> AsyncAdapter<Entity, B> {
    let lines = store.new_adapter::<Entity>().await;
    let rows = (0..count).map(|n| ActiveModel {
        book: Set(book(n)),
        number: Set(n),
        ..Default::default()
    });
    lines.create_many(rows).await.unwrap();
    lines
}

async fn a_row_is_found_changed_and_deleted_by_all_of_its_key<B: Backend>(store: Store<B>) {
    let lines = lines(&store, 4).await;
    assert_eq!(lines.find_by_id((book(1), 2)).await.unwrap(), None);
    let row = lines.find_by_id((book(2), 2)).await.unwrap().unwrap();
    let mut change = row.into_active_model();
    change.text = Set(Some("new".to_owned()));
    lines.update(change.clone()).await.unwrap().unwrap();
    let changed = Entity::find()
        .filter(Column::Text.is_not_null())
        .all(&store.session())
        .await;
    assert_eq!(changed.unwrap().len(), 1);

    change.number = sea_orm::NotSet;
    let text = refusal(lines.update(change).await);
    assert!(text.contains("number"), "{text}");
    assert!(lines.delete((book(2), 2)).await.unwrap());
    assert!(!lines.delete((book(1), 2)).await.unwrap());
    assert_eq!(lines.count(&[]).await.unwrap(), 3);
}

async fn many_rows_are_deleted_by_all_of_their_keys<B: Backend>(store: Store<B>) {
    let lines = lines(&store, 20_000).await;
    let wrong = [(book(1), 2), (book(0), 1), (book(1), 1)];
    assert_eq!(lines.delete_many(wrong).await.unwrap(), 1);
    assert_eq!(
        lines
            .delete_many((0..20_000).map(|n| (book(n), n)))
            .await
            .unwrap(),
        19_999
    );
}

async fn many_rows_are_locked_by_all_of_their_keys<B: Backend>(store: Store<B>) {
    let lines = lines(&store, 6).await;
    let asked = [(book(1), 5), (book(0), 1), (book(0), 4), (book(1), 3)];
    let locked = store.manager.atomic(|| lines.lock_many(asked));
    let locked = locked.await.unwrap();
    let numbers: Vec<_> = locked.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [4, 3, 5]);
}

async fn ties_are_broken_by_all_of_the_key<B: Backend>(store: Store<B>) {
    let lines = lines(&store, 10).await;
    for sort in [vec![], vec![Sort::descending(Column::Text)]] {
        let mut page = PageRequest::first(3).unwrap();
        let mut walked = Vec::new();
        loop {
            let found = lines.list(&[], &sort, &page).await.unwrap();
            walked.extend(found.items.iter().map(|row| row.number));
            let Some(next) = found.next else { break };
            page = PageRequest::after(next, 3).unwrap();
        }
        let mut expected = vec![0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
        if !sort.is_empty() {
            expected.reverse();
        }
        assert_eq!(walked, expected);
    }
}

on_every_backend!(
    a_row_is_found_changed_and_deleted_by_all_of_its_key,
    many_rows_are_deleted_by_all_of_their_keys,
    many_rows_are_locked_by_all_of_their_keys,
    ties_are_broken_by_all_of_the_key,
);
