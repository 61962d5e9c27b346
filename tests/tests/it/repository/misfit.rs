//! Values that do not fit their column are refused before any SQL, by the column's name.

use adapters::{repository::AsyncAdapter, seaorm::Backend};
use ports::{Condition, Filter, PageRequest, Sort, Value};
use sea_orm::entity::prelude::*;

use super::{
    sample::{Column, Entity},
    store::{Store, refusal},
};

/// The table does not exist: what reaches the database fails as something else.
fn nothing<B: Backend>(store: &Store<B>) -> AsyncAdapter<Entity, B> {
    store.adapter()
}

fn misfits() -> Vec<(Column, Value)> {
    vec![
        (Column::Flag, 1.into()),
        (Column::Flag, "true".into()),
        (Column::Small, 32_768.into()),
        (Column::Small, (-32_769).into()),
        (Column::Medium, 2_147_483_648_i64.into()),
        (Column::Medium, 1.5.into()),
        (Column::Big, "1".into()),
        (Column::Big, true.into()),
        (Column::Natural, (-1).into()),
        (Column::Natural, 4_294_967_296_i64.into()),
        (Column::Double, i64::MAX.into()),
        (Column::Double, "0.5".into()),
        (Column::Note, 1.into()),
        (Column::Note, "a\0b".into()),
        (Column::Key, "no uuid".into()),
        (Column::Day, "2026-02-30".into()),
        (Column::Moment, "yesterday".into()),
        (Column::Mood, "sad".into()),
        (Column::Mood, 1.into()),
        (Column::Temper, "sad".into()),
        (Column::Bytes, "x".into()),
        (Column::Payload, "{}".into()),
    ]
}

async fn a_misfit_is_refused_by_name<B: Backend>(store: Store<B>) {
    let samples = nothing(&store);
    for (column, value) in misfits() {
        for condition in [
            Condition::Equal(value.clone()),
            Condition::NotEqual(value.clone()),
            Condition::LessThan(value.clone()),
            Condition::LessThanOrEqual(value.clone()),
            Condition::GreaterThan(value.clone()),
            Condition::GreaterThanOrEqual(value.clone()),
            Condition::InList(vec![value.clone()]),
            Condition::NotInList(vec![value.clone()]),
        ] {
            let filter = Filter::new(column, condition);
            let text = refusal(samples.count(std::slice::from_ref(&filter)).await);
            assert!(text.contains(column.as_str()), "{filter:?}: {text}");
            assert!(text.contains("allowed is"), "{filter:?}: {text}");
        }
    }
}

async fn only_text_is_searched_by_pattern<B: Backend>(store: Store<B>) {
    let samples = nothing(&store);
    let patterns = [
        Column::Big,
        Column::Key,
        Column::Mood,
        Column::Temper,
        Column::Bytes,
    ]
    .map(|column| (column, "x"));
    let more = [
        (Column::Note, "a\0"),
        (Column::Note, "a\\"),
        (Column::Note, "a\\\\\\"),
    ];
    for (column, pattern) in patterns.into_iter().chain(more) {
        let text = refusal(samples.count(&[Filter::like(column, pattern)]).await);
        assert!(text.contains(column.as_str()), "{pattern:?}: {text}");
        refusal(samples.count(&[Filter::ilike(column, pattern)]).await);
    }
}

async fn rows_are_not_paged_by_what_has_no_place_in_a_cursor<B: Backend>(store: Store<B>) {
    let samples = nothing(&store);
    let page = PageRequest::first(10).unwrap();
    for column in [Column::Bytes, Column::Payload] {
        let sort = [Sort::ascending(column)];
        let text = refusal(samples.list(&[], &sort, &page).await);
        assert!(text.contains(column.as_str()), "{text}");
    }
}

on_every_backend!(
    a_misfit_is_refused_by_name,
    only_text_is_searched_by_pattern,
    rows_are_not_paged_by_what_has_no_place_in_a_cursor,
);
