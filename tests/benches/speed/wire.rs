//! How often a client waits for the server in one operation, counted on the wire.

use std::{thread::sleep, time::Duration};

use tests::Proxy;
use tokio::runtime::Runtime;

use super::{
    lineup::{lineup, title},
    load::{Length, Load, Runner},
    operation::{Operation, Versions},
    options::Options,
    stage::Stage,
    table::Table,
};

/// How much more often the second time, so that what each run begins with is not counted.
const TIMES: u32 = 100;

/// Counts, and answers the table.
pub(crate) fn run(stage: &Stage, options: &Options, runtime: &Runtime) -> String {
    let proxy = Proxy::to(&stage.url());
    let mut all = lineup(runtime, stage.cluster(), proxy.url(), 1);
    all.retain(|runner| options.has(runner.side(), runner.name()));
    let mut table = Table::new([
        "",
        "",
        "point read",
        "list of 20",
        "insert",
        "update",
        "transfer",
    ]);
    stage.tidy();
    for runner in &all {
        let counts = Operation::ALL.map(|operation| {
            trips(stage, &proxy, runner.as_ref(), operation, 1);
            let once = trips(stage, &proxy, runner.as_ref(), operation, 1);
            let more = trips(
                stage,
                &proxy,
                runner.as_ref(),
                operation,
                1 + u64::from(TIMES),
            );
            format!("{:.1}", f64::from(more - once) / f64::from(TIMES))
        });
        let head = [
            runner.side().to_string(),
            title(runner.side(), runner.name()),
        ];
        table.row(head.into_iter().chain(counts));
    }
    table.markdown()
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
        length: Length::Times(times),
        seed: times,
        versions,
    });
    // A connection may be given back after the answer.
    sleep(Duration::from_millis(20));
    u32::try_from(proxy.round_trips()).unwrap()
}
