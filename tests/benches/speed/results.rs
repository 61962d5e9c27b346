//! All that was measured in one run.

use std::fmt::Write as _;

use tokio::runtime::Runtime;

use super::{
    bulk,
    grid::{self, Grid},
    keyset::{self, Keyset},
    load::Side,
    operation::Operation,
    options::Options,
    stage::Stage,
    table, wire,
};
// sample: begin
use super::ledger_http::{self, LedgerHttp};
// sample: end

pub(crate) struct Results {
    pub(crate) wire: Option<String>,
    pub(crate) grid: Grid,
    pub(crate) bulk: bulk::Rates,
    pub(crate) keyset: Option<Keyset>,
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
            // sample: begin
            ledger_http: has("http")
                .then(|| ledger_http::run(stage, options))
                .flatten(),
            // sample: end
        }
    }

    /// The tables, as Markdown.
    pub(crate) fn report(&self) -> String {
        let mut text = String::new();
        for operation in Operation::ALL {
            for (side, workers) in [(Side::Async, "tasks"), (Side::Sync, "threads")] {
                if let Some(table) = table::operation(&self.grid, operation, side) {
                    let _ = write!(text, "### {operation}, {side} ({workers})\n\n{table}\n");
                }
            }
        }
        if !self.bulk.is_empty() {
            let _ = write!(text, "### 100,000 rows at once\n\n{}\n", self.bulk.table());
        }
        if let Some(wire) = &self.wire {
            let _ = write!(text, "### Round trips of one operation\n\n{wire}\n");
        }
        if let Some(keyset) = &self.keyset {
            let _ = write!(text, "### Keyset pages\n\n{}\n", keyset.table());
        }
        // sample: begin
        if let Some(http) = &self.ledger_http {
            let _ = write!(text, "### HTTP\n\n{}\n", http.table());
        }
        // sample: end
        text
    }
}
