//! How often a client waits for the server in one operation, counted on the wire.

use std::{thread::sleep, time::Duration};

use tests::Proxy;
use tokio::runtime::Runtime;

use super::{
    bulk,
    lineup::{lineup, title},
    load::{Length, Load, Runner, Side},
    operation::{Operation, Versions},
    options::Options,
    stage::Stage,
    statement,
    table::Table,
};

/// How much more often the second time, so that what each run begins with is not counted.
const TIMES: u32 = 100;

pub(crate) struct Wire {
    /// Round trips of each operation.
    pub(crate) trips: String,
    /// Round trips of 100,000 rows at once.
    pub(crate) bulk: String,
    /// Statements that are not those of the others, if there are any.
    pub(crate) others: String,
}

pub(crate) fn run(stage: &Stage, options: &Options, runtime: &Runtime) -> Wire {
    let proxy = Proxy::to(&stage.url());
    let mut all = lineup(runtime, stage.cluster(), proxy.url(), 1);
    all.retain(|runner| options.has(runner.side(), runner.name()));
    let names = Operation::ALL.map(|operation| operation.name().to_owned());
    let mut counts = Table::with_head([String::new(), String::new()].into_iter().chain(names));
    let mut others = Table::new(["", "", "operation", "statement"]);
    stage.tidy();
    for runner in &all {
        let head = [
            runner.side().to_string(),
            title(runner.side(), runner.name()),
        ];
        let row = Operation::ALL.map(|operation| {
            trips(stage, &proxy, runner.as_ref(), operation, 1);
            let once = trips(stage, &proxy, runner.as_ref(), operation, 1);
            let more = trips(
                stage,
                &proxy,
                runner.as_ref(),
                operation,
                1 + u64::from(TIMES),
            );
            if let Some(usual) = statement::of(operation)
                && runner.side() != Side::Limit
            {
                let sent = stage.last_statement();
                if sent != usual {
                    let row = [operation.name().to_owned(), format!("`{sent}`")];
                    others.row(head.iter().cloned().chain(row));
                }
            }
            format!("{:.1}", f64::from(more - once) / f64::from(TIMES))
        });
        counts.row(head.iter().cloned().chain(row));
    }
    Wire {
        trips: counts.markdown(),
        bulk: bulk::round_trips(stage, options, runtime),
        others: others.markdown(),
    }
}

fn trips(
    stage: &Stage,
    proxy: &Proxy,
    runner: &dyn Runner,
    operation: Operation,
    times: u64,
) -> u32 {
    let versions: Versions = stage.reset(operation);
    proxy.round_trips();
    runner.run(&Load {
        operation,
        workers: 1,
        delayed: false,
        length: Length::Times(times),
        seed: times,
        versions,
    });
    // A connection may be given back after the answer.
    sleep(Duration::from_millis(20));
    u32::try_from(proxy.round_trips()).unwrap()
}
