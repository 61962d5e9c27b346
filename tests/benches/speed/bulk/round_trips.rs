//! How often one worker waits for the server while it stores all rows.

use tests::Proxy;
use tokio::runtime::Runtime;

use super::{ROWS, contenders, parts};
use crate::{
    options::Options,
    stage::{Stage, execute},
    table::Table,
};

/// Counted by a proxy, the second time: the first opens connections and prepares statements.
pub(crate) fn round_trips(stage: &Stage, options: &Options, runtime: &Runtime) -> String {
    let proxy = Proxy::to(&stage.url());
    let mut table = Table::new(["", "", "round trips"]);
    for bulk in contenders(options, runtime, proxy.url(), 1) {
        for _ in 0..2 {
            execute(&stage.url(), &["TRUNCATE entries"]);
            proxy.round_trips();
            bulk.store(parts(1, 1));
            stage.expect_entries(ROWS);
        }
        // Nobody stores them without waiting: the proxy could not follow.
        let trips = match proxy.round_trips() {
            0 => "–".to_owned(),
            trips => trips.to_string(),
        };
        table.row([bulk.side().to_string(), bulk.name().to_owned(), trips]);
    }
    stage.tidy();
    table.markdown()
}
