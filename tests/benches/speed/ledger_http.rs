//! Requests per second of the ledger's HTTP API, next to bare axum handlers that run the same
//! SQL on sqlx's own pool. Each contender is a process of its own; `wrk` makes the load.

mod bare;
mod contender;
mod load;
mod log;
mod schema;

pub(crate) use contender::{Kind, is_asked_for, serve, task};
pub(crate) use load::Operation;

use std::{collections::BTreeMap, process::Command};

use contender::Contender;
use load::Rates;
use log::Log;

use super::{
    figures::{Figures, Ratio},
    load::turns,
    options::Options,
    stage::Stage,
    table::Table,
};

/// Connections that `wrk` keeps busy.
const CONNECTIONS: usize = 16;

/// Connections to the database that each contender may have: the service's default.
const POOL_SIZE: usize = 20;

/// How many more for a while, when all are in use.
const OVERFLOW: u32 = 1;

/// The service's and the other's.
pub(crate) struct LedgerHttp(BTreeMap<Operation, [Rates; 2]>);

impl LedgerHttp {
    /// How many times as fast the service is.
    pub(crate) fn ratio(&self, operation: Operation) -> Option<Ratio> {
        let [ours, bare] = self.0.get(&operation)?;
        Some(ours.rates().against(&bare.rates()))
    }

    pub(crate) fn table(&self) -> String {
        let mut table = Table::new([
            "request",
            "the service",
            "bare axum",
            "the service: times as fast",
            "p99, the service",
            "p99, bare axum",
        ]);
        for (operation, [ours, bare]) in &self.0 {
            table.row([
                operation.name().to_owned(),
                ours.to_string(),
                bare.to_string(),
                ours.rates().against(&bare.rates()).to_string(),
                millis(&ours.p99()),
                millis(&bare.p99()),
            ]);
        }
        table.markdown()
    }
}

/// `None` without `wrk`.
pub(crate) fn run(stage: &Stage, options: &Options) -> Option<LedgerHttp> {
    if Command::new("wrk").arg("--version").output().is_err() {
        println!("\nhttp: skipped, because there is no wrk (Debian's package wrk)");
        return None;
    }
    let [ours, bare] = ["ours", "bare"].map(|name| schema::prepare(stage.cluster(), name));
    let ours = Contender::start(Kind::Ours, &ours);
    let bare = Contender::start(Kind::Bare, &bare);
    warm_up(stage, &ours, &bare);
    let all =
        Operation::ALL.map(|operation| (operation, compare(options, operation, &ours, &bare)));
    Some(LedgerHttp(all.into()))
}

/// A round of each that does not count. Fails when one sends other SQL than the other.
fn warm_up(stage: &Stage, ours: &Contender, bare: &Contender) {
    let log = Log::of(stage.cluster());
    for operation in Operation::ALL {
        let [ours, bare] = [ours, bare].map(|contender| {
            schema::tidy(contender.url());
            log.statements(|| {
                load::run(operation, contender.addr(), 0);
            })
        });
        assert!(!ours.is_empty(), "the log has no statements");
        assert_eq!(ours, bare, "{}: not the same SQL", operation.name());
    }
}

fn compare(
    options: &Options,
    operation: Operation,
    ours: &Contender,
    bare: &Contender,
) -> [Rates; 2] {
    let mut rates = [Rates::default(), Rates::default()];
    for round in 1..=options.long_rounds(operation.has_goal()) {
        for index in turns(round, rates.len()) {
            let contender = [ours, bare][index];
            load::refill(contender.addr());
            schema::tidy(contender.url());
            rates[index].add(load::run(operation, contender.addr(), round));
        }
    }
    rates
}

fn millis(figures: &Figures) -> String {
    let (low, high) = (figures.lowest(), figures.highest());
    format!("{:.1} ms ({low:.1} to {high:.1})", figures.median())
}
