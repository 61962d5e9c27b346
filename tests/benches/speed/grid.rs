//! The grid: each operation with few and many workers, near the server and far from it.

use std::{collections::BTreeMap, fmt, thread::sleep, time::Duration};

use tokio::runtime::Runtime;

use super::{
    figures::{Figures, Ratio},
    lineup::lineup,
    load::{Length, Load, Runner, Side, turns},
    one_core::OneCore,
    operation::Operation,
    options::Options,
    stage::Stage,
};

pub(crate) const WORKERS: [usize; 3] = [1, 16, 64];

/// One field of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) operation: Operation,
    pub(crate) workers: usize,
    /// Whether a round trip takes a millisecond more.
    pub(crate) delayed: bool,
}

impl Cell {
    /// Whether `to_reach` has a goal for it.
    fn has_goal(&self) -> bool {
        let is_single = self.workers == 1;
        let is_shared =
            self.workers == 16 && matches!(self.operation, Operation::Read | Operation::Transfer);
        !self.delayed && (is_single || is_shared)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x{}", self.operation, self.workers)?;
        if self.delayed {
            write!(f, " delayed")?;
        }
        Ok(())
    }
}

/// Operations per second of each contender in each cell.
#[derive(Debug, Default)]
pub(crate) struct Grid(BTreeMap<Cell, Vec<Row>>);

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) side: Side,
    pub(crate) name: &'static str,
    pub(crate) rates: Figures,
}

impl Grid {
    pub(crate) fn cell(&self, cell: &Cell) -> Option<&[Row]> {
        self.0.get(cell).map(Vec::as_slice)
    }

    pub(crate) fn rates(&self, cell: &Cell, side: Side, name: &str) -> Option<&Figures> {
        let mut rows = self.0.get(cell)?.iter();
        let row = rows.find(|row| row.side == side && row.name == name)?;
        Some(&row.rates)
    }

    /// How many times as fast the first is as the second.
    pub(crate) fn ratio(
        &self,
        cell: &Cell,
        ours: (Side, &str),
        theirs: (Side, &str),
    ) -> Option<Ratio> {
        let ours = self.rates(cell, ours.0, ours.1)?;
        Some(ours.against(self.rates(cell, theirs.0, theirs.1)?))
    }
}

/// Runs what was asked for, and prints each cell when it is done.
pub(crate) fn run(stage: &Stage, options: &Options, runtime: &Runtime) -> Grid {
    let mut grid = Grid::default();
    for delayed in [false, true] {
        for workers in WORKERS {
            let cells: Vec<_> = Operation::ALL
                .into_iter()
                .map(|operation| Cell {
                    operation,
                    workers,
                    delayed,
                })
                .filter(|cell| options.has_cell(cell))
                .collect();
            if cells.is_empty() {
                continue;
            }
            let _core = (workers == 1 && !delayed).then(|| OneCore::take(stage.cluster()));
            let far = delayed.then(|| stage.far());
            let url = far.as_ref().map_or(stage.url(), |far| far.url().to_owned());
            let mut all = lineup(runtime, stage.cluster(), &url, workers);
            all.retain(|runner| runner.fits(workers) && options.has(runner.side(), runner.name()));
            for cell in cells {
                let rows = measure(stage, options, &all, cell);
                super::table::print_cell(&cell, &rows);
                grid.0.insert(cell, rows);
            }
        }
    }
    grid
}

/// The first round opens connections and prepares statements, and does not count. Each has
/// an order of its own.
fn measure(stage: &Stage, options: &Options, all: &[Box<dyn Runner>], cell: Cell) -> Vec<Row> {
    stage.tidy();
    let mut rows: Vec<_> = all
        .iter()
        .map(|runner| Row {
            side: runner.side(),
            name: runner.name(),
            rates: Figures::default(),
        })
        .collect();
    for round in 0..=options.rounds(cell.has_goal()) {
        for index in turns(round, all.len()) {
            // `pgbench` opens connections and prepares statements anew each time.
            if round == 0 && all[index].side() == Side::Limit {
                continue;
            }
            let load = Load {
                operation: cell.operation,
                workers: cell.workers,
                delayed: cell.delayed,
                length: Length::For(options.round()),
                seed: round as u64,
                versions: stage.reset(cell.operation),
            };
            let rate = all[index].run(&load);
            if round > 0 {
                rows[index].rates.add(rate);
            }
            // What comes after the last answer, such as giving a connection back, is part of
            // nobody else's round.
            sleep(Duration::from_millis(3));
        }
    }
    rows
}
