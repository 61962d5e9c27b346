//! Pages by number, and the order of lists.

use adapters::seaorm::{Backend, Timestamped};
use ports::{DatabaseError, Direction, Filter, PageRequest, Sort};
use sea_orm::ActiveValue::Set;

use super::{
    sample::{self, named},
    store::Store,
};

#[expect(unreachable_pub, reason = "SeaORM derives public items around it")]
mod event {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Timestamped for event::Entity {
    const CREATED_AT: event::Column = event::Column::CreatedAt;
    const UPDATED_AT: event::Column = event::Column::UpdatedAt;
}

adapters::conventions!(event::Entity: Timestamped);

async fn a_page_by_number_comes_with_the_total<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<sample::Entity>().await;
    samples
        .create_many((0..25).map(|n| named(&n.to_string())))
        .await
        .unwrap();
    let by_id = [Sort::descending(sample::Column::Id)];
    for (page, ids) in [
        (1, Some((16, 25))),
        (2, Some((6, 15))),
        (3, Some((1, 5))),
        (4, None),
    ] {
        let request = PageRequest::number(page, 10).unwrap();
        let (rows, total) = samples.search(&[], &by_id, &request).await.unwrap();
        let expected: Vec<i64> = ids.map_or(vec![], |(last, first)| (last..=first).rev().collect());
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), expected);
        assert_eq!(total, 25);
        let listed = samples.list(&[], &by_id, &request).await.unwrap();
        assert_eq!(
            (listed.items, listed.total, listed.next),
            (rows, Some(25), None)
        );
    }
}

async fn a_search_by_key_comes_with_the_total_of_all_pages<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<sample::Entity>().await;
    samples
        .create_many((0..7).map(|_| named("x")))
        .await
        .unwrap();
    let seven = Filter::equal(sample::Column::Name, "x");
    let first = PageRequest::first(3).unwrap();
    let page = samples
        .list(std::slice::from_ref(&seven), &[], &first)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.total), (3, None));
    let second = PageRequest::after(page.next.unwrap(), 3).unwrap();
    let (rows, total) = samples.search(&[seven], &[], &second).await.unwrap();
    assert_eq!((rows.len(), total), (3, 7));
}

async fn pages_out_of_range_are_refused_before_any_sql<B: Backend>(_: Store<B>) {
    for (page, size) in [
        (0, 1),
        (1, 0),
        (1, 101),
        (10_001, 1),
        (101, 100),
        (u64::MAX, 2),
    ] {
        let refused = PageRequest::number(page, size);
        assert!(
            matches!(refused, Err(DatabaseError::InvalidQuery(_))),
            "{page} {size}"
        );
    }
    PageRequest::number(10_000, 1).unwrap();
    PageRequest::number(100, 100).unwrap();
}

async fn no_sort_means_newest_first_then_by_id<B: Backend>(store: Store<B>) {
    let events = store.new_adapter::<event::Entity>().await;
    for (id, second) in [(3, 1), (1, 2), (2, 2), (4, 0)] {
        let at = format!("2026-01-01T00:00:0{second}Z").parse().unwrap();
        let row = event::ActiveModel {
            id: Set(id),
            created_at: Set(at),
            ..Default::default()
        };
        events.create(row).await.unwrap();
    }
    for page in [
        PageRequest::number(1, 10).unwrap(),
        PageRequest::first(10).unwrap(),
    ] {
        let (rows, _) = events.search(&[], &[], &page).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            [2, 1, 3, 4]
        );
    }
}

async fn nothing_counts_as_the_greatest<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<sample::Entity>().await;
    for (name, medium) in [("none", None), ("two", Some(2)), ("one", Some(1))] {
        let mut row = named(name);
        row.medium = Set(medium);
        samples.create(row).await.unwrap();
    }
    let page = PageRequest::number(1, 10).unwrap();
    for (direction, expected) in [
        (Direction::Ascending, ["one", "two", "none"]),
        (Direction::Descending, ["none", "two", "one"]),
    ] {
        let sort = [Sort {
            field: sample::Column::Medium,
            direction,
        }];
        let (rows, _) = samples.search(&[], &sort, &page).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| &*row.name).collect::<Vec<_>>(),
            expected
        );
    }
}

on_every_backend!(
    a_page_by_number_comes_with_the_total,
    a_search_by_key_comes_with_the_total_of_all_pages,
    pages_out_of_range_are_refused_before_any_sql,
    no_sort_means_newest_first_then_by_id,
    nothing_counts_as_the_greatest,
);
