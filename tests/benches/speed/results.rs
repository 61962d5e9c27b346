//! All that was measured in one run.

use std::{fmt::Write as _, path::Path};

use tokio::runtime::Runtime;

use super::{
    bulk,
    grid::{self, Grid},
    instructions::{self, Instructions},
    keyset::{self, Keyset},
    load::Side,
    memory::{self, Weights},
    operation::Operation,
    options::Options,
    stage::Stage,
    start::{self, Starts},
    table, to_reach,
    wire::{self, Wire},
};
// sample: begin
use super::ledger_http::{self, LedgerHttp};
// sample: end

/// What the workers are.
const SIDES: [(Side, &str); 2] = [(Side::Async, "tasks"), (Side::Sync, "threads")];

pub(crate) struct Results {
    pub(crate) wire: Option<Wire>,
    pub(crate) grid: Grid,
    pub(crate) bulk: bulk::Rates,
    pub(crate) keyset: Option<Keyset>,
    pub(crate) weights: Option<Weights>,
    pub(crate) instructions: Option<Instructions>,
    pub(crate) starts: Option<Starts>,
    // sample: begin
    pub(crate) ledger_http: Option<LedgerHttp>,
    // sample: end
}

impl Results {
    /// Runs the parts that are asked for, one after the other.
    pub(crate) fn measure(stage: &Stage, options: &Options, runtime: &Runtime) -> Self {
        let has = |part| options.has_part(part);
        Self {
            wire: has("wire").then(|| wire::run(stage, options, runtime)),
            grid: grid::run(stage, options, runtime),
            bulk: bulk::run(stage, options, runtime),
            keyset: has("keyset").then(|| keyset::run(stage, options, runtime)),
            weights: has("memory").then(|| memory::run(stage, options)),
            instructions: has("instructions")
                .then(|| instructions::run(stage, options))
                .flatten(),
            starts: has("start").then(|| start::run(stage, options)),
            // sample: begin
            ledger_http: has("http")
                .then(|| ledger_http::run(stage, options))
                .flatten(),
            // sample: end
        }
    }

    /// All of it as Markdown, and what was wanted first. The plot is shown if there is one, from
    /// beside the page.
    pub(crate) fn report(&self, machine: &str, plot: Option<&Path>) -> String {
        let mut text = String::new();
        let mut part = |head: &str, body: &str| {
            let _ = write!(text, "### {head}\n\n{}\n\n", body.trim_end());
        };
        part("The machine", machine);
        part("To reach", &to_reach::table(self));
        part("Next to pools that test nothing", &to_reach::untested(self));
        part("Threads next to tasks", &to_reach::threads(self));
        if let Some(plot) = plot.and_then(Path::file_name) {
            let plot = plot.to_string_lossy();
            part(
                "Throughput with 16 workers",
                &format!("Longer is faster; the session layer is 1.\n\n![Throughput]({plot})"),
            );
        }
        for operation in Operation::ALL {
            for (side, workers) in SIDES {
                if let Some(table) = table::operation(&self.grid, operation, side) {
                    part(&format!("{operation}, {side}: {workers}"), &table);
                }
            }
        }
        if !self.bulk.is_empty() {
            part("100,000 rows at once", &self.bulk.table());
        }
        if let Some(wire) = &self.wire {
            part("Round trips of one operation", &wire.trips);
            part("Round trips of 100,000 rows, one worker", &wire.bulk);
            part(
                "Statements that are not the same to the letter",
                &wire.others,
            );
        }
        if let Some(keyset) = &self.keyset {
            part("A page by key, deep in a list", &keyset.table());
        }
        if let Some(weights) = &self.weights {
            for (side, workers) in SIDES {
                if let Some(table) = weights.held(side) {
                    part(&format!("Memory that is held, {side}: {workers}"), &table);
                }
            }
            for (side, workers) in SIDES {
                if let Some(table) = weights.passing(side) {
                    let head = format!("Allocations of one operation, {side}: {workers}");
                    part(&head, &table);
                }
            }
        }
        if let Some(instructions) = &self.instructions {
            part("Instructions of one operation", &instructions.table());
        }
        if let Some(starts) = &self.starts {
            part(
                "From the start of the process to its first answer",
                &starts.table(),
            );
            // sample: begin
            part("The same, next to bare axum", &starts.compared());
            // sample: end
        }
        // sample: begin
        if let Some(http) = &self.ledger_http {
            part("Requests per second", &http.table());
        }
        // sample: end
        text.trim_end().to_owned()
    }
}
