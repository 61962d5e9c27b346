//! Pages by key: the cursor, and what happens to a list between two pages.

use std::sync::Arc;

use adapters::{
    config::Variables,
    repository::AsyncAdapter,
    seaorm::{AsyncManager, Backend},
    sqlite::SqliteConfig,
};
use ports::{Cursor, DatabaseError, Filter, PageRequest, Sort};
use sea_orm::{ActiveValue::Set, sqlx::Sqlite};

use super::{
    sample::{self, Column, Entity, named},
    store::{Store, refusal},
};

#[expect(unreachable_pub, reason = "SeaORM derives public items around it")]
mod twin {
    use sea_orm::entity::prelude::*;

    /// Has the columns of a sample, and another table.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "twins")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub medium: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

adapters::conventions!(twin::Entity);

fn with(medium: Option<i32>) -> sample::ActiveModel {
    sample::ActiveModel {
        medium: Set(medium),
        ..named("x")
    }
}

async fn first<B: Backend>(samples: &AsyncAdapter<Entity, B>, sort: &[Sort<Column>]) -> Cursor {
    let page = PageRequest::first(2).unwrap();
    samples.list(&[], sort, &page).await.unwrap().next.unwrap()
}

async fn inserts_do_not_move_the_pages_that_follow<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many((0..30).map(|n| with((n % 7 > 0).then_some(n % 7))))
        .await
        .unwrap();
    let sort = [Sort::descending(Column::Medium)];
    let mut seen = Vec::new();
    let mut page = PageRequest::first(4).unwrap();
    for round in 0.. {
        let found = samples.list(&[], &sort, &page).await.unwrap();
        seen.extend(found.items.iter().map(|row| row.id));
        // Before, beside and behind the place where the next page begins.
        samples
            .create_many([with(None), with(Some(3)), with(Some(9))])
            .await
            .unwrap();
        samples.delete(seen[seen.len() / 2]).await.unwrap();
        let Some(next) = found.next.filter(|_| round < 40) else {
            break;
        };
        page = PageRequest::after(next, 4).unwrap();
    }
    let mut old: Vec<i64> = seen.iter().copied().filter(|id| *id <= 30).collect();
    old.sort_unstable();
    assert_eq!(old, (1..=30).collect::<Vec<_>>(), "each old row once");
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() < 150, "the walk comes to an end");
}

async fn the_last_page_has_no_cursor<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let empty = samples
        .list(&[], &[], &PageRequest::first(2).unwrap())
        .await
        .unwrap();
    assert_eq!((empty.items.len(), empty.next), (0, None));
    samples
        .create_many((0..4).map(|_| named("x")))
        .await
        .unwrap();
    let next = PageRequest::after(first(&samples, &[]).await, 2).unwrap();
    let last = samples.list(&[], &[], &next).await.unwrap();
    assert_eq!((last.items.len(), last.next), (2, None));
}

async fn a_cursor_is_good_for_its_own_list_alone<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let twins = store.new_adapter::<twin::Entity>().await;
    samples
        .create_many((0..5).map(|n| with(Some(n))))
        .await
        .unwrap();
    let cursor = first(&samples, &[Sort::ascending(Column::Medium)]).await;
    let after = PageRequest::after(cursor.clone(), 2).unwrap();
    assert!(
        cursor
            .as_str()
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    );

    samples
        .list(&[], &[Sort::ascending(Column::Medium)], &after)
        .await
        .unwrap();
    for sort in [
        vec![],
        vec![Sort::descending(Column::Medium)],
        vec![Sort::ascending(Column::Small)],
        vec![
            Sort::ascending(Column::Medium),
            Sort::ascending(Column::Small),
        ],
    ] {
        refusal(samples.list(&[], &sort, &after).await);
    }
    refusal(
        twins
            .list(&[], &[Sort::ascending(twin::Column::Medium)], &after)
            .await,
    );
}

async fn a_changed_cursor_is_refused<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many((0..5).map(|n| with(Some(n))))
        .await
        .unwrap();
    let text = first(&samples, &[]).await.as_str().to_owned();
    let mut wrong: Vec<String> = ["", "x", "%00", "=", "ä", &text[1..], &format!("{text}A")]
        .map(str::to_owned)
        .to_vec();
    for at in 0..text.len() {
        let with = if &text[at..=at] == "A" { "B" } else { "A" };
        wrong.push(format!("{}{with}{}", &text[..at], &text[at + 1..]));
    }
    for text in wrong {
        let after = PageRequest::after(Cursor::new(text), 2).unwrap();
        refusal(samples.list(&[], &[], &after).await);
    }
}

async fn a_cursor_of_another_database_is_refused<B: Backend>(store: Store<B>, other: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many((0..5).map(|_| named("x")))
        .await
        .unwrap();
    let after = PageRequest::after(first(&samples, &[]).await, 2).unwrap();
    refusal(
        other
            .new_adapter::<Entity>()
            .await
            .list(&[], &[], &after)
            .await,
    );
}

#[tokio::test]
async fn cursors_do_not_cross_databases() {
    a_cursor_of_another_database_is_refused(Store::postgres().await, Store::postgres().await).await;
    a_cursor_of_another_database_is_refused(Store::sqlite(), Store::sqlite()).await;
}

async fn filters_hold_on_every_page<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many((0..20).map(|n| with(Some(n % 2))))
        .await
        .unwrap();
    let odd = [Filter::equal(Column::Medium, 1)];
    let page = samples
        .list(&odd, &[], &PageRequest::first(6).unwrap())
        .await
        .unwrap();
    let next = PageRequest::after(page.next.unwrap(), 6).unwrap();
    let last = samples.list(&odd, &[], &next).await.unwrap();
    assert_eq!(
        (page.items.len(), last.items.len(), last.next),
        (6, 4, None)
    );
    assert!(
        page.items
            .iter()
            .chain(&last.items)
            .all(|row| row.medium == Some(1))
    );
}

on_every_backend!(
    inserts_do_not_move_the_pages_that_follow,
    the_last_page_has_no_cursor,
    a_cursor_is_good_for_its_own_list_alone,
    a_changed_cursor_is_refused,
    filters_hold_on_every_page,
);

/// As two instances of a service would be configured.
fn instance(url: &str, key: &str) -> AsyncAdapter<Entity, Sqlite> {
    let variables = [("DATABASE_URL", url), ("DATABASE_CURSOR_KEY", key)];
    let variables = Variables::of("DATABASE", variables).unwrap();
    let config = SqliteConfig::from_variables(&variables).unwrap();
    AsyncAdapter::new(Arc::new(AsyncManager::<Sqlite>::new(config).unwrap()))
}

#[tokio::test]
async fn instances_with_the_same_key_take_each_others_cursors() {
    let store = Store::sqlite();
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many(["a", "b", "c", "d"].map(named))
        .await
        .unwrap();
    let url = store.manager.config().file().unwrap();
    let url = format!("sqlite://{}", url.display());
    let key = "a secret that all instances have in common";

    let first = PageRequest::first(2).unwrap();
    let page = instance(&url, key).list(&[], &[], &first).await.unwrap();
    let next = PageRequest::after(page.next.unwrap(), 2).unwrap();
    let found = instance(&url, key).list(&[], &[], &next).await.unwrap();
    assert_eq!(found.items.len(), 2);

    let other = "a secret that nobody else has, not one of them";
    let refused = instance(&url, other).list(&[], &[], &next).await;
    assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
    // Without one, the key is the process's own.
    let refused = samples.list(&[], &[], &next).await;
    assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
}
