//! A page of a list at depth 100,000 rows against the first page, both by key.

use std::{sync::Arc, time::Instant};

use adapters::postgres::{AsyncPostgresAdapter, AsyncPostgresSessionManager};
use ports::{Cursor, PageRequest, Sort};
use tokio::runtime::Runtime;

use super::{
    contender::ours::config,
    entry::{Column, Entity},
    figures::{Figures, Ratio, thousands},
    load::{rate, turns},
    one_core::OneCore,
    options::Options,
    stage::{Stage, execute},
    table::Table,
};

const DEPTH: u32 = 100_000;

/// Rows of a page.
const SIZE: u64 = 20;

type Entries = AsyncPostgresAdapter<Entity>;

/// How many times as fast the deep page is as the first, and pages per second of the first, of
/// the second, which has a place to begin at as the deep one has, and of the deep one.
pub(crate) struct Keyset {
    pub(crate) ratio: Ratio,
    rates: [Figures; 3],
}

impl Keyset {
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new([
            "page of 20",
            "pages per second",
            "times as fast as page 1",
            "times as fast as page 2",
        ]);
        let [first, second, deep] = &self.rates;
        let deep_name = format!("after {} rows", thousands(f64::from(DEPTH)));
        for (name, figures) in [("page 1", first), ("page 2", second), (&deep_name, deep)] {
            table.row([
                name.to_owned(),
                thousands(figures.median()),
                figures.against(first).to_string(),
                figures.against(second).to_string(),
            ]);
        }
        table.markdown()
    }
}

pub(crate) fn run(stage: &Stage, options: &Options, runtime: &Runtime) -> Keyset {
    let fill = format!(
        "INSERT INTO entries (wallet_id, amount, memo) \
         SELECT i, i * 7919 % 1000, 'a memo' FROM generate_series(1, 2 * {DEPTH}) i"
    );
    let index = "CREATE INDEX entries_amount ON entries (amount DESC, id DESC)";
    execute(
        &stage.url(),
        &["TRUNCATE entries", &fill, index, "VACUUM ANALYZE entries"],
    );
    let _core = OneCore::take(stage.cluster());
    let _entered = runtime.enter();
    let manager = AsyncPostgresSessionManager::new(config(&stage.url())).unwrap();
    let entries = Entries::new(Arc::new(manager));
    let first = PageRequest::first(SIZE).unwrap();
    let second = runtime.block_on(list(&entries, &first)).1.unwrap();
    let deep = runtime.block_on(place(&entries));
    let [second, deep] = [second, deep].map(|place| PageRequest::after(place, SIZE).unwrap());
    let mut rates: [Figures; 3] = Default::default();
    for round in 0..=options.rounds(true) {
        for index in turns(round, rates.len()) {
            let page = [&first, &second, &deep][index];
            let rate = runtime.block_on(pages(&entries, page, options));
            if round > 0 {
                rates[index].add(rate);
            }
        }
    }
    execute(
        &stage.url(),
        &["DROP INDEX entries_amount", "TRUNCATE entries"],
    );
    let [first, _, deep] = &rates;
    Keyset {
        ratio: deep.against(first),
        rates,
    }
}

/// Where the page begins that comes after `DEPTH` rows: by walking there.
async fn place(entries: &Entries) -> Cursor {
    let mut page = PageRequest::first(100).unwrap();
    for _ in 1..DEPTH / 100 {
        let next = list(entries, &page).await.1.unwrap();
        page = PageRequest::after(next, 100).unwrap();
    }
    list(entries, &page).await.1.unwrap()
}

async fn pages(entries: &Entries, page: &PageRequest, options: &Options) -> f64 {
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < options.round() {
        assert_eq!(list(entries, page).await.0, usize::try_from(SIZE).unwrap());
        done += 1;
    }
    rate(done, begun.elapsed())
}

async fn list(entries: &Entries, page: &PageRequest) -> (usize, Option<Cursor>) {
    let sort = [Sort::descending(Column::Amount)];
    let page = entries.list(&[], &sort, page).await.unwrap();
    (page.items.len(), page.next)
}
