//! Filters by pattern.

use adapters::{repository::AsyncAdapter, seaorm::Backend};
use ports::{Filter, PageRequest, Sort};

use super::{
    sample::{Column, Entity, named},
    store::Store,
};

const NAMES: [&str; 9] = [
    "plain", "Plain", "100%", "1000", "a_b", "axb", r"c\d", "cd", "Ähre",
];

async fn names<B: Backend>(store: &Store<B>) -> AsyncAdapter<Entity, B> {
    let samples = store.new_adapter::<Entity>().await;
    for name in NAMES {
        let mut row = named(name);
        row.note = sea_orm::Set(Some(name.to_owned()));
        samples.create(row).await.unwrap();
    }
    samples.create(named("no note")).await.unwrap();
    samples
}

/// What a filter leaves, in the order of the names above.
async fn found<B: Backend>(
    samples: &AsyncAdapter<Entity, B>,
    filter: Filter<Column>,
) -> Vec<String> {
    let by_id = [Sort::ascending(Column::Id)];
    let page = PageRequest::first(100).unwrap();
    let found = samples
        .list(std::slice::from_ref(&filter), &by_id, &page)
        .await;
    let rows = found
        .unwrap_or_else(|error| panic!("{filter:?}: {error:?}"))
        .items;
    rows.into_iter().map(|row| row.name).collect()
}

async fn text_is_taken_literally<B: Backend>(store: Store<B>) {
    let samples = names(&store).await;
    let note = Column::Note;
    let cases = [
        (Filter::starts_with(note, "100%"), vec!["100%"]),
        (Filter::starts_with(note, "a_"), vec!["a_b"]),
        (Filter::starts_with(note, r"c\"), vec![r"c\d"]),
        (Filter::starts_with(note, "pl"), vec!["plain"]),
        (Filter::ends_with(note, "%"), vec!["100%"]),
        (Filter::ends_with(note, "_b"), vec!["a_b"]),
        (Filter::ends_with(note, r"\d"), vec![r"c\d"]),
        (Filter::ends_with(note, "lain"), vec!["plain", "Plain"]),
        (Filter::contains(note, "0%"), vec!["100%"]),
        (Filter::contains(note, "_"), vec!["a_b"]),
        (Filter::contains(note, r"\"), vec![r"c\d"]),
        (Filter::contains(note, "hr"), vec!["Ähre"]),
        (Filter::contains(note, ""), NAMES.to_vec()),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            found(&samples, filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
}

async fn patterns_have_wildcards_and_a_way_around_them<B: Backend>(store: Store<B>) {
    let samples = names(&store).await;
    let note = Column::Note;
    let cases = [
        (Filter::like(note, "plain"), vec!["plain"]),
        (Filter::like(note, "P%"), vec!["Plain"]),
        (Filter::like(note, "a_b"), vec!["a_b", "axb"]),
        (Filter::like(note, r"a\_b"), vec!["a_b"]),
        (Filter::like(note, r"100\%"), vec!["100%"]),
        (Filter::like(note, r"c\\d"), vec![r"c\d"]),
        (Filter::like(note, r"c\d"), vec!["cd"]),
        (Filter::like(note, ""), vec![]),
        (Filter::ilike(note, "PLAIN"), vec!["plain", "Plain"]),
        (Filter::ilike(note, "A_B"), vec!["a_b", "axb"]),
        (Filter::ilike(note, r"A\_B"), vec!["a_b"]),
        (Filter::ilike(note, r"C\D"), vec!["cd"]),
        (Filter::ilike(note, "%HRE"), vec!["Ähre"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            found(&samples, filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
}

on_every_backend!(
    text_is_taken_literally,
    patterns_have_wildcards_and_a_way_around_them,
);
