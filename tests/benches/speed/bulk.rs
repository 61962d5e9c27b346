//! Many rows at once, against COPY and UNNEST.

mod round_trips;
mod tasks;
mod threads;

pub(crate) use round_trips::round_trips;

use std::{
    collections::BTreeMap,
    fmt,
    thread::sleep,
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;

use super::{
    entry,
    figures::{Figures, Ratio, thousands},
    grid::WORKERS,
    load::{Side, rate, turns},
    one_core::OneCore,
    operation::Jobs,
    options::Options,
    stage::{Stage, execute},
    table::Table,
};

/// Rows of one round, of all workers together.
pub(crate) const ROWS: usize = 100_000;

pub(crate) const OURS: &str = "repository, `create_many`";
pub(crate) const SEAORM: &str = "SeaORM, `insert_many`";
pub(crate) const UNNEST: &str = "sqlx, UNNEST";
pub(crate) const COPY: &str = "sqlx, COPY (text)";
pub(crate) const BINARY_COPY: &str = "tokio-postgres, COPY (binary)";
pub(crate) const DIESEL: &str = "Diesel, `insert_into`";
pub(crate) const POSTGRES_COPY: &str = "postgres, COPY (binary)";

/// All of them.
pub(crate) const NAMES: [(Side, &str); 8] = [
    (Side::Async, OURS),
    (Side::Async, SEAORM),
    (Side::Async, UNNEST),
    (Side::Async, COPY),
    (Side::Async, BINARY_COPY),
    (Side::Sync, OURS),
    (Side::Sync, DIESEL),
    (Side::Sync, POSTGRES_COPY),
];

/// Rows of one statement that has three parameters for each, of 65,535.
const CHUNK: usize = 20_000;

/// How those begin who send rows in binary.
const COPY_BINARY: &str = "COPY entries (wallet_id, amount, memo) FROM STDIN BINARY";

/// A library that stores each part on a worker of its own, and all of a part or nothing.
trait Bulk {
    fn side(&self) -> Side;

    fn name(&self) -> &'static str;

    fn fits(&self, workers: usize) -> bool;

    fn store(&self, parts: Vec<Vec<entry::New>>);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) workers: usize,
    pub(crate) delayed: bool,
}

/// The cell that goals are set for.
pub(crate) const NEAR_X1: Cell = Cell {
    workers: 1,
    delayed: false,
};

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let far = if self.delayed { " delayed" } else { "" };
        write!(f, "bulk x{}{far}", self.workers)
    }
}

/// Rows per second.
#[derive(Debug, Default)]
pub(crate) struct Rates(BTreeMap<Cell, Vec<(Side, &'static str, Figures)>>);

impl Rates {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, cell: Cell, side: Side, name: &str) -> Option<&Figures> {
        let mut rows = self.0.get(&cell)?.iter();
        let found = rows.find(|(s, n, _)| *s == side && *n == name)?;
        Some(&found.2)
    }

    /// How many times as fast as this one the repository is.
    pub(crate) fn ratio(&self, cell: Cell, side: Side, name: &str) -> Option<Ratio> {
        let ours = self.of(cell, side, OURS)?;
        Some(ours.against(self.of(cell, side, name)?))
    }

    pub(crate) fn table(&self) -> String {
        let cells: Vec<Cell> = self.0.keys().copied().collect();
        let heads = cells.iter().map(|cell| {
            let far = if cell.delayed { ", far" } else { "" };
            format!("{}{far}", cell.workers)
        });
        let mut table = Table::with_head(
            [String::new(), "against".to_owned()]
                .into_iter()
                .chain(heads),
        );
        let rows = self.0.values().next().into_iter().flatten();
        for (side, name, _) in rows {
            let figures = cells.iter().map(|cell| match self.of(*cell, *side, name) {
                None => "–".to_owned(),
                Some(rates) if *name == OURS => format!("{} rows/s", thousands(rates.median())),
                Some(_) => {
                    let ratio = self.ratio(*cell, *side, name);
                    ratio.map_or("–".to_owned(), |ratio| ratio.to_string())
                }
            });
            let name = if *name == OURS {
                format!("**{name}**")
            } else {
                (*name).to_owned()
            };
            table.row([side.to_string(), name].into_iter().chain(figures));
        }
        table.markdown()
    }
}

pub(crate) fn run(stage: &Stage, options: &Options, runtime: &Runtime) -> Rates {
    let mut rates = Rates::default();
    for delayed in [false, true] {
        for workers in WORKERS {
            let cell = Cell { workers, delayed };
            if options.has_bulk(&cell) {
                let _core = (cell == NEAR_X1).then(|| OneCore::take(stage.cluster()));
                rates.0.insert(cell, measure(stage, options, runtime, cell));
            }
        }
    }
    rates
}

fn measure(
    stage: &Stage,
    options: &Options,
    runtime: &Runtime,
    cell: Cell,
) -> Vec<(Side, &'static str, Figures)> {
    let far = cell.delayed.then(|| stage.far());
    let url = far.as_ref().map_or(stage.url(), |far| far.url().to_owned());
    let all = contenders(options, runtime, &url, cell.workers);
    let mut rows: Vec<_> = all
        .iter()
        .map(|bulk| (bulk.side(), bulk.name(), Figures::default()))
        .collect();
    stage.tidy();
    // The first round opens connections and prepares statements, and does not count.
    for round in 0..=options.long_rounds(cell == NEAR_X1) {
        for index in turns(round, all.len()) {
            let parts = parts(round, cell.workers);
            execute(&stage.url(), &["TRUNCATE entries"]);
            let begun = Instant::now();
            all[index].store(parts);
            let rate = rate(ROWS as u64, begun.elapsed());
            stage.expect_entries(ROWS);
            if round > 0 {
                rows[index].2.add(rate);
            }
            sleep(Duration::from_millis(5));
        }
    }
    println!("\n{cell}");
    for (side, name, figures) in &rows {
        let ours = rows.iter().find(|row| row.0 == *side && row.1 == OURS);
        let ratio = ours.map(|ours| ours.2.against(figures).to_string());
        println!(
            "  {side:<5} {name:<30} {:>9} rows/s   repository: {}",
            thousands(figures.median()),
            ratio.unwrap_or_default()
        );
    }
    rows
}

/// Those who take part, each with connections of its own.
fn contenders(
    options: &Options,
    runtime: &Runtime,
    url: &str,
    workers: usize,
) -> Vec<Box<dyn Bulk>> {
    let mut all = tasks::all(runtime, url);
    all.extend(threads::all(url, workers));
    all.retain(|bulk| bulk.fits(workers) && options.has(bulk.side(), bulk.name()));
    all
}

/// The rows of a round, for each worker its own.
fn parts(round: usize, workers: usize) -> Vec<Vec<entry::New>> {
    let mut jobs = Jobs::new(round as u64, 0, 1, [].into());
    let rows: Vec<_> = (0..ROWS).map(|_| jobs.entry()).collect();
    let size = ROWS.div_ceil(workers);
    rows.chunks(size).map(<[entry::New]>::to_vec).collect()
}
