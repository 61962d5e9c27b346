//! What connections, units of work and statements cost in memory.
//!
//! Children with an allocator that counts say so: `memory_child.rs`, which has what is in `memory/`.

use std::process::Command;

use super::{
    figures::{Figures, beside, thousands},
    lineup::{DEADPOOL, DIESEL, OURS, POSTGRES, RAW, REPOSITORY, SEAORM, SQLX, title},
    load::{Side, turns},
    operation::Operation,
    options::Options,
    stage::Stage,
    table::Table,
};

/// How glibc is to allocate for its counts to be exact: what is free must not look used, as it
/// does in a thread's cache, and a thread must not begin a heap of its own.
const TUNABLES: &str = "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1";

const CONTENDERS: [(Side, &str); 12] = [
    (Side::Async, OURS),
    (Side::Async, REPOSITORY),
    (Side::Async, SEAORM),
    (Side::Async, SQLX),
    (Side::Async, DEADPOOL),
    (Side::Async, RAW),
    (Side::Sync, OURS),
    (Side::Sync, REPOSITORY),
    (Side::Sync, SEAORM),
    (Side::Sync, DIESEL),
    (Side::Sync, POSTGRES),
    (Side::Sync, RAW),
];

/// What the children say of one contender.
struct Weight {
    side: Side,
    name: &'static str,
    /// Bytes of an idle connection, and of an open unit of work on top of that.
    held: [Figures; 2],
    /// Allocations and bytes of each operation, unless they can not be counted.
    passing: Vec<[Figures; 2]>,
}

pub(crate) struct Weights(Vec<Weight>);

/// Each contender in a process of its own, by turns.
pub(crate) fn run(stage: &Stage, options: &Options) -> Weights {
    let contenders = CONTENDERS.into_iter();
    let mut all: Vec<_> = contenders
        .filter(|(side, name)| options.has(*side, name))
        .map(|(side, name)| Weight::of(side, name))
        .collect();
    for round in 1..=options.long_rounds(false) {
        for index in turns(round, all.len()) {
            all[index].weigh(&stage.url());
        }
    }
    stage.tidy();
    Weights(all)
}

impl Weight {
    fn of(side: Side, name: &'static str) -> Self {
        Self {
            side,
            name,
            held: Default::default(),
            passing: Vec::new(),
        }
    }

    /// One round.
    fn weigh(&mut self, url: &str) {
        let output = Command::new(env!("CARGO_BIN_EXE_speed-memory"))
            .args([url, &self.side.to_string(), self.name])
            .env("GLIBC_TUNABLES", TUNABLES)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the child has failed: {said}");
        let text = String::from_utf8(output.stdout).unwrap();
        let figures = text.trim_end().split('\t');
        let figures: Vec<f64> = figures.map(|figure| figure.parse().unwrap()).collect();
        let (held, passing) = figures.split_first_chunk().unwrap();
        add(&mut self.held, held);
        let (passing, _) = passing.as_chunks();
        self.passing.resize_with(passing.len(), Default::default);
        for (all, figures) in self.passing.iter_mut().zip(passing) {
            add(all, figures);
        }
    }
}

fn add(all: &mut [Figures; 2], figures: &[f64; 2]) {
    for (all, figure) in all.iter_mut().zip(figures) {
        all.add(*figure);
    }
}

impl Weights {
    /// Bytes that stay, with how many times as much that is as of ours.
    pub(crate) fn held(&self, side: Side) -> Option<String> {
        let mut table = Table::new(["", "idle connection", "open unit of work, on top"]);
        let ours = self.ours(side)?;
        for weight in self.of(side) {
            let cells = [0, 1].map(|index| {
                let (theirs, ours) = (&weight.held[index], &ours.held[index]);
                format!(
                    "{} bytes{}",
                    thousands(theirs.median()),
                    beside(weight.name == OURS, theirs, ours)
                )
            });
            table.row([weight.head()].into_iter().chain(cells));
        }
        Some(table.markdown())
    }

    /// Allocations that pass, with how many times as many bytes they have as ours.
    pub(crate) fn passing(&self, side: Side) -> Option<String> {
        let heads = Operation::ALL.map(|operation| operation.name().to_owned());
        let mut table = Table::with_head([String::new()].into_iter().chain(heads));
        let ours = self.ours(side)?;
        for weight in self.of(side).filter(|weight| !weight.passing.is_empty()) {
            let cells = weight.passing.iter().zip(&ours.passing);
            let cells = cells.map(|([allocations, theirs], [_, ours])| {
                let (allocations, bytes) = (allocations.median(), thousands(theirs.median()));
                format!(
                    "{allocations:.0} of {bytes} bytes{}",
                    beside(weight.name == OURS, theirs, ours)
                )
            });
            table.row([weight.head()].into_iter().chain(cells));
        }
        Some(table.markdown())
    }

    fn of(&self, side: Side) -> impl Iterator<Item = &Weight> {
        self.0.iter().filter(move |weight| weight.side == side)
    }

    fn ours(&self, side: Side) -> Option<&Weight> {
        self.of(side).find(|weight| weight.name == OURS)
    }
}

impl Weight {
    fn head(&self) -> String {
        let title = title(self.side, self.name);
        if self.name == OURS {
            format!("**{title}**")
        } else {
            title
        }
    }
}
