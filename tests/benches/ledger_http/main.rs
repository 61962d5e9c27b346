//! Requests per second of the ledger's HTTP API, next to bare axum handlers that run the same
//! SQL on sqlx's own pool: in one run, their rounds interleaved, against a PostgreSQL of its
//! own. Each contender is a process of its own; `wrk` makes the load (Debian's package `wrk`).
//!
//! ```text
//! cargo bench -p tests --bench ledger_http
//! ```

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its figures, and fails by panicking"
)]

mod bare;
mod contender;
mod load;
mod schema;

use std::time::Duration;

use contender::{Contender, Kind};
use load::{Operation, Rates};
use tests::{Cluster, ClusterOptions};

/// Connections that `wrk` keeps busy.
const CONNECTIONS: usize = 16;
/// Connections to the database that each contender may have: the service's default.
const POOL_SIZE: usize = 20;
/// Rounds of every contender.
const ROUNDS: usize = 7;
/// The length of a round.
const ROUND: Duration = Duration::from_secs(2);

fn main() {
    if let Some((kind, url)) = contender::is_asked_for() {
        return contender::serve(kind, &url);
    }
    // `cargo test --benches` and `cargo clippy` build benches too; only `cargo bench` runs
    // this one.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let cluster = Cluster::start(&ClusterOptions::default());
    let [ours, bare] = ["ours", "bare"].map(|name| schema::prepare(&cluster, name));
    let ours = Contender::start(Kind::Ours, &ours);
    let bare = Contender::start(Kind::Bare, &bare);
    println!(
        "requests per second, wrk with {CONNECTIONS} connections, {POOL_SIZE} connections to the \
         database,\nmedian of {ROUNDS} rounds of {ROUND:?} (lowest to highest)\n"
    );
    println!(
        "| request | the service | bare axum on sqlx's pool | ratio | p99, the service | p99, bare |"
    );
    println!("|---|---|---|---|---|---|");
    for operation in Operation::ALL {
        let [ours, bare] = compare(operation, &ours, &bare);
        println!(
            "| {} | {ours} | {bare} | {:.2} | {:.1} ms | {:.1} ms |",
            operation.name(),
            ours.median() / bare.median(),
            ours.p99(),
            bare.p99(),
        );
    }
}

/// The first round of each warms up, and does not count.
fn compare(operation: Operation, ours: &Contender, bare: &Contender) -> [Rates; 2] {
    let mut rates = [Rates::default(), Rates::default()];
    for round in 0..=ROUNDS {
        for (rates, contender) in rates.iter_mut().zip([ours, bare]) {
            let outcome = load::run(operation, contender.addr());
            if round > 0 {
                rates.add(outcome);
            }
        }
    }
    rates
}
