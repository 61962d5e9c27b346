//! Walking a list by key, whatever is in it and however it is sorted.

use std::cmp::Ordering;

use adapters::{repository::AsyncAdapter, seaorm::Backend};
use ports::{Direction, PageRequest, Sort};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::{
    sample::{ActiveModel, Column, Entity, Model, Mood, Temper, moment, named},
    store::Store,
};

const ROWS: u64 = 80;
const WALKS: u64 = 25;
const COLUMNS: [Column; 13] = [
    Column::Id,
    Column::Name,
    Column::Flag,
    Column::Small,
    Column::Big,
    Column::Natural,
    Column::Single,
    Column::Double,
    Column::Note,
    Column::Key,
    Column::Day,
    Column::Moment,
    Column::Mood,
];

/// Few different values and many NULLs: ties everywhere.
fn random_row(random: &mut fastrand::Rng) -> ActiveModel {
    let mut pick = || random.usize(0..3);
    let day = ["1999-12-31", "2026-01-01", "2026-01-02"];
    let mut row = ActiveModel {
        name: Set(["a", "b", "c"][pick()].to_owned()),
        flag: Set(Some(pick() > 0)),
        small: Set(Some([-1, 0, 1][pick()])),
        big: Set(Some([i64::MIN, 0, i64::MAX][pick()])),
        natural: Set(Some([0, 1, 2_147_483_647][pick()])),
        single: Set(Some([-0.1, 0.0, 0.3][pick()])),
        double: Set(Some([-0.1, 0.2, 0.3][pick()])),
        note: Set(Some(["", "x", "y"][pick()].to_owned())),
        key: Set(Some([Uuid::nil(), Uuid::from_u128(5), Uuid::max()][pick()])),
        day: Set(Some(day[pick()].parse().unwrap())),
        moment: Set(Some(moment(pick()))),
        mood: Set(Some([Mood::Angry, Mood::Calm, Mood::Happy][pick()])),
        temper: Set(Some([Temper::Bad, Temper::Good, Temper::SoSo][pick()])),
        ..named("")
    };
    for column in COLUMNS.into_iter().skip(2) {
        if random.u8(0..4) == 0 {
            row.not_set(column);
        }
    }
    row
}

fn random_sort(random: &mut fastrand::Rng) -> Vec<Sort<Column>> {
    let uniform = random.bool();
    let first = random.usize(0..2);
    let directions = [Direction::Ascending, Direction::Descending];
    (0..random.usize(0..4))
        .map(|_| Sort {
            field: COLUMNS[random.usize(..COLUMNS.len())],
            direction: directions[if uniform { first } else { random.usize(0..2) }],
        })
        .collect()
}

/// How two rows compare in a column; nothing is the greatest.
fn compare(column: Column, a: &Model, b: &Model) -> Ordering {
    fn option<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap(),
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    }
    match column {
        Column::Id => a.id.cmp(&b.id),
        Column::Name => a.name.cmp(&b.name),
        Column::Flag => option(a.flag, b.flag),
        Column::Small => option(a.small, b.small),
        Column::Big => option(a.big, b.big),
        Column::Natural => option(a.natural, b.natural),
        Column::Single => option(a.single, b.single),
        Column::Double => option(a.double, b.double),
        Column::Note => option(a.note.as_ref(), b.note.as_ref()),
        Column::Key => option(a.key, b.key),
        Column::Day => option(a.day, b.day),
        Column::Moment => option(a.moment, b.moment),
        Column::Mood => option(a.mood.map(|m| m as u8), b.mood.map(|m| m as u8)),
        _ => unreachable!("not sorted by"),
    }
}

fn in_order(rows: &mut [Model], sort: &[Sort<Column>]) {
    let ids = sort
        .last()
        .map_or(Direction::Ascending, |last| last.direction);
    let id = Sort {
        field: Column::Id,
        direction: ids,
    };
    rows.sort_by(|a, b| {
        let keys = sort.iter().chain([&id]).map(|sort| {
            let order = compare(sort.field, a, b);
            match sort.direction {
                Direction::Ascending => order,
                Direction::Descending => order.reverse(),
            }
        });
        keys.fold(Ordering::Equal, Ordering::then)
    });
}

async fn walk<B: Backend>(
    samples: &AsyncAdapter<Entity, B>,
    sort: &[Sort<Column>],
    limit: u64,
) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut page = PageRequest::first(limit).unwrap();
    loop {
        let found = samples.list(&[], sort, &page).await;
        let found = found.unwrap_or_else(|error| panic!("{sort:?}: {error:?}"));
        ids.extend(found.items.into_iter().map(|row| row.id));
        assert!(ids.len() as u64 <= ROWS, "{sort:?}: the walk does not end");
        match found.next {
            Some(next) => page = PageRequest::after(next, limit).unwrap(),
            None => return ids,
        }
    }
}

async fn a_walk_by_key_is_the_whole_list_in_order<B: Backend>(store: Store<B>) {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let samples = store.new_adapter::<Entity>().await;
    let rows = (0..ROWS)
        .map(|_| random_row(&mut random))
        .collect::<Vec<_>>();
    samples.create_many(rows).await.unwrap();
    let mut all = Entity::find().all(&store.session()).await.unwrap();
    for _ in 0..WALKS {
        let sort = random_sort(&mut random);
        in_order(&mut all, &sort);
        let expected: Vec<i64> = all.iter().map(|row| row.id).collect();
        let by_number = PageRequest::number(1, 100).unwrap();
        let (listed, _) = samples.search(&[], &sort, &by_number).await.unwrap();
        let listed: Vec<i64> = listed.iter().map(|row| row.id).collect();
        assert_eq!(listed, expected, "seed {seed}, by number, {sort:?}");
        let limit = random.u64(1..30);
        let walked = walk(&samples, &sort, limit).await;
        assert_eq!(walked, expected, "seed {seed}, by {limit}, {sort:?}");
    }
}

async fn enums_of_both_kinds_can_be_walked<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let mut random = fastrand::Rng::with_seed(1);
    let rows = (0..ROWS)
        .map(|_| random_row(&mut random))
        .collect::<Vec<_>>();
    samples.create_many(rows).await.unwrap();
    for column in [Column::Mood, Column::Temper] {
        for sort in [Sort::ascending(column), Sort::descending(column)] {
            let mut ids = walk(&samples, &[sort], 7).await;
            ids.sort_unstable();
            assert_eq!(ids, (1..=80).collect::<Vec<_>>());
        }
    }
}

on_every_backend!(
    a_walk_by_key_is_the_whole_list_in_order,
    enums_of_both_kinds_can_be_walked,
);
