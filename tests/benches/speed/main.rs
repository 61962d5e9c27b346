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
mod instructions;
mod keyset;
// sample: begin
mod ledger_http;
// sample: end
mod lineup;
mod load;
mod machine;
mod memory;
mod name;
mod one_core;
mod operation;
mod options;
mod page;
mod pgbench;
mod plot;
mod results;
mod stage;
mod start;
mod statement;
mod table;
mod to_reach;
mod wallet;
mod wire;

use std::{
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use mimalloc::MiMalloc;
use tokio::runtime::Builder;

use options::Options;
use results::Results;
use stage::Stage;

/// The program's, for everybody.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Children that serve are this program, too.
    if start::is_asked_for() {
        return start::serve();
    }
    if instructions::is_asked_for() {
        return ExitCode::SUCCESS;
    }
    // sample: begin
    if let Some((kind, url)) = ledger_http::is_asked_for() {
        ledger_http::serve(kind, &url);
        return ExitCode::SUCCESS;
    }
    // sample: end
    // `cargo test --benches` builds and starts benches too; only `cargo bench` runs this one.
    if std::env::args().any(|argument| argument == "--bench") {
        run(&Options::of_process());
    }
    ExitCode::SUCCESS
}

fn run(options: &Options) {
    let begun = Instant::now();
    // With 64 workers from far each contender has sockets here, and the proxy has two for each.
    app::files::make_room_for(2_000);
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let stage = Stage::start();
    if pgbench::program(stage.cluster()).is_none() {
        println!("\npgbench: skipped, because there is none (it comes with Debian's postgresql)");
    }
    let machine = machine::table(&stage, &Options::call());
    println!("{machine}");
    let results = Results::measure(&stage, options, &runtime);
    let page = options.page();
    let svg = page.as_ref().and_then(|_| plot::svg(&results.grid));
    let plot = page.as_ref().map(|page| page.with_extension("svg"));
    let plot = plot.as_deref().zip(svg);
    let report = results.report(&machine, plot.as_ref().map(|(path, _)| *path));
    println!("\n{report}");
    if let Some(page) = &page {
        page::write(page, &report).unwrap();
        if let Some((path, svg)) = plot {
            fs::write(path, svg).unwrap();
        }
        println!("Written: {}", page.display());
    }
    println!(
        "It took {:?}.",
        Duration::from_secs(begun.elapsed().as_secs())
    );
}
