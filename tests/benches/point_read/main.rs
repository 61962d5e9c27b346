//! Point reads by primary key: the session layer next to SeaORM's own pool and to raw
//! sqlx connections, in one run, their rounds interleaved, against a PostgreSQL of its
//! own.
//!
//! ```text
//! cargo bench -p tests --bench point_read
//! ```

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its figures, and fails by panicking"
)]

mod async_side;
mod entity;
mod sync_side;

use std::time::Duration;

use tests::{Cluster, ClusterOptions};

/// Rows to read from, each as likely as the others.
const ROWS: i64 = 10_000;
/// Tasks or threads, and connections for them.
const WORKERS: usize = 16;
/// Rounds of every contender.
const ROUNDS: usize = 9;
/// The length of a round.
const ROUND: Duration = Duration::from_secs(1);

/// Reads per second of one contender, round by round.
struct Figures {
    name: &'static str,
    rates: Vec<f64>,
}

impl Figures {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            rates: Vec::new(),
        }
    }

    fn median(&self) -> f64 {
        let mut sorted = self.rates.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    fn spread(&self) -> (f64, f64) {
        let low = self.rates.iter().copied().fold(f64::MAX, f64::min);
        let high = self.rates.iter().copied().fold(0.0, f64::max);
        (low, high)
    }
}

fn main() {
    // `cargo test --benches` and `cargo clippy` build benches too; only `cargo bench` runs
    // this one.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let cluster = Cluster::start(&ClusterOptions::default());
    let url = cluster.url("postgres");
    async_side::prepare(&url);
    println!(
        "point reads per second, {WORKERS} at a time, median of {ROUNDS} rounds (lowest to highest)\n"
    );
    println!("async, {WORKERS} tasks on {WORKERS} connections");
    report(&async_side::run(&url));
    println!("\nsync, {WORKERS} threads on {WORKERS} connections");
    report(&sync_side::run(&url));
}

/// The first contender is ours; the others are what it is measured against.
fn report(all: &[Figures]) {
    let Some(ours) = all.first() else { return };
    for figures in all {
        let (low, high) = figures.spread();
        println!(
            "  {:<34} {:>9.0}  ({low:.0} to {high:.0})   session layer: {:.2} times",
            figures.name,
            figures.median(),
            ours.median() / figures.median(),
        );
    }
}
