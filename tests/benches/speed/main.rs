//! Speed: this skeleton next to the limit and to what one would use instead, in one run, the
//! rounds interleaved, on a PostgreSQL of its own.
//!
//! ```text
//! cargo bench -p tests --features contenders --bench speed
//! cargo bench -p tests --features contenders --bench speed -- --help
//! ```
//!
//! `docs/performance.md` says what is measured, and how to read it.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its figures, and fails by panicking"
)]

mod blocking;
mod bulk;
mod contender;
mod entry;
mod figures;
mod grid;
mod keyset;
// sample: begin
mod ledger_http;
// sample: end
mod lineup;
mod load;
mod operation;
mod options;
mod pgbench;
mod results;
mod stage;
mod statement;
mod table;
mod to_reach;
mod wallet;
mod wire;

use clap::Parser as _;
use tokio::runtime::Builder;

use options::Options;
use results::Results;
use stage::Stage;

fn main() {
    // sample: begin
    if let Some((kind, url)) = ledger_http::is_asked_for() {
        return ledger_http::serve(kind, &url);
    }
    // sample: end
    // `cargo test --benches` builds and starts benches too; only `cargo bench` runs this one.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let options = Options::parse();
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let stage = Stage::start();
    println!("PostgreSQL {}", stage.version());
    let results = Results::measure(&stage, &options, &runtime);
    println!("\n{}", results.report());
    println!("{}", to_reach::table(&results));
}
