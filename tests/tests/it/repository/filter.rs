//! Filters by comparison, on columns of every kind, with NULLs in the data.

use adapters::{repository::AsyncAdapter, seaorm::Backend};
use ports::{Filter, PageRequest, Sort, Value};
use sea_orm::entity::prelude::*;

use super::{
    sample::{Column, Entity, full, moment, named},
    store::Store,
};

type Samples<B> = AsyncAdapter<Entity, B>;

/// The names of the rows that filters leave, oldest first.
async fn names<B: Backend>(samples: &Samples<B>, filters: &[Filter<Column>]) -> Vec<String> {
    let by_id = [Sort::ascending(Column::Id)];
    let page = PageRequest::number(1, 100).unwrap();
    let found = samples.search(filters, &by_id, &page).await;
    let (rows, total) = found.unwrap_or_else(|error| panic!("{filters:?}: {error:?}"));
    assert_eq!(rows.len() as u64, total, "{filters:?}");
    assert_eq!(samples.count(filters).await.unwrap(), total, "{filters:?}");
    // Its text is kept, and used for whatever else has the same.
    let page = PageRequest::first(100).unwrap();
    let by_key = samples.list(filters, &by_id, &page).await.unwrap();
    assert_eq!(by_key.items, rows, "{filters:?}");
    rows.into_iter().map(|row| row.name).collect()
}

async fn samples<B: Backend>(store: &Store<B>) -> Samples<B> {
    let samples = store.new_adapter::<Entity>().await;
    for (rank, name) in (0..).zip(["low", "mid", "high"]) {
        samples.create(full(name, rank)).await.unwrap();
    }
    samples.create(named("none")).await.unwrap();
    samples
}

/// Each column with its lowest, middle and highest value.
fn ladders() -> Vec<(Column, [Value; 3])> {
    let text = |values: [&str; 3]| values.map(Value::from);
    let [low, mid, high] = [0, 1, 2].map(moment);
    vec![
        (
            Column::Small,
            [i16::MIN, 0, i16::MAX].map(|n| Value::Int(n.into())),
        ),
        (Column::Medium, [i32::MIN, 0, i32::MAX].map(Value::from)),
        (Column::Big, [i64::MIN, 0, i64::MAX].map(Value::from)),
        (Column::Natural, [0, 7, 2_147_483_647].map(Value::from)),
        (Column::Single, [-0.1, 0.0, 0.1].map(Value::from)),
        (Column::Double, [-1e300, 0.5, 1e300].map(Value::from)),
        (Column::Note, text(["a", "é", "ü"])),
        (
            Column::Key,
            [Uuid::nil(), Uuid::from_u128(7), Uuid::max()].map(Value::from),
        ),
        (
            Column::Key,
            [Uuid::nil(), Uuid::from_u128(7), Uuid::max()].map(|id| id.to_string().into()),
        ),
        (
            Column::Day,
            text(["1969-12-31", "2026-02-28", "2026-03-01"]),
        ),
        (Column::Moment, [low, mid, high].map(Value::from)),
        (
            Column::Moment,
            [low, mid, high].map(|moment| moment.to_rfc3339().into()),
        ),
        (Column::Mood, text(["angry", "calm", "happy"])),
        (Column::Temper, text(["bad", "good", "so-so"])),
    ]
}

async fn every_comparison_works_on_every_kind_of_column<B: Backend>(store: Store<B>) {
    let samples = samples(&store).await;
    for (column, [low, mid, high]) in ladders() {
        let none: [Value; 0] = [];
        let cases = [
            (Filter::equal(column, mid.clone()), vec!["mid"]),
            (Filter::not_equal(column, mid.clone()), vec!["low", "high"]),
            (Filter::less_than(column, mid.clone()), vec!["low"]),
            (
                Filter::less_than_or_equal(column, mid.clone()),
                vec!["low", "mid"],
            ),
            (Filter::greater_than(column, mid.clone()), vec!["high"]),
            (
                Filter::greater_than_or_equal(column, mid.clone()),
                vec!["mid", "high"],
            ),
            (
                Filter::in_list(column, [low.clone(), high.clone()]),
                vec!["low", "high"],
            ),
            (
                Filter::in_list(column, [mid.clone(), mid.clone()]),
                vec!["mid"],
            ),
            (Filter::in_list(column, none.clone()), vec![]),
            (Filter::not_in_list(column, [low, high]), vec!["mid"]),
            (
                Filter::not_in_list(column, none),
                vec!["low", "mid", "high"],
            ),
            (Filter::is_null(column), vec!["none"]),
            (Filter::is_not_null(column), vec!["low", "mid", "high"]),
        ];
        for (filter, expected) in cases {
            let found = names(&samples, std::slice::from_ref(&filter)).await;
            assert_eq!(found, expected, "{filter:?}");
        }
    }
}

async fn truth_is_compared_too<B: Backend>(store: Store<B>) {
    let samples = samples(&store).await;
    let flag = Column::Flag;
    assert_eq!(
        names(&samples, &[Filter::equal(flag, true)]).await,
        ["mid", "high"]
    );
    assert_eq!(
        names(&samples, &[Filter::not_equal(flag, true)]).await,
        ["low"]
    );
    assert_eq!(
        names(&samples, &[Filter::in_list(flag, [false])]).await,
        ["low"]
    );
    assert_eq!(
        names(&samples, &[Filter::not_in_list(flag, [false])]).await,
        ["mid", "high"]
    );
    assert_eq!(names(&samples, &[Filter::is_null(flag)]).await, ["none"]);
}

async fn filters_hold_together<B: Backend>(store: Store<B>) {
    let samples = samples(&store).await;
    let both = [
        Filter::greater_than(Column::Medium, -1),
        Filter::equal(Column::Name, "high"),
    ];
    assert_eq!(names(&samples, &both).await, ["high"]);
    let neither = [Filter::is_null(Column::Big), Filter::equal(Column::Big, 0)];
    assert!(names(&samples, &neither).await.is_empty());
    assert_eq!(names(&samples, &[]).await.len(), 4);
}

async fn a_whole_number_compares_with_a_floating_one<B: Backend>(store: Store<B>) {
    let samples = samples(&store).await;
    let above = Filter::greater_than(Column::Double, 5_000_000_000_i64);
    assert_eq!(names(&samples, &[above]).await, ["high"]);
    assert_eq!(
        names(&samples, &[Filter::equal(Column::Single, 0)]).await,
        ["mid"]
    );
}

on_every_backend!(
    every_comparison_works_on_every_kind_of_column,
    truth_is_compared_too,
    filters_hold_together,
    a_whole_number_compares_with_a_floating_one,
);
