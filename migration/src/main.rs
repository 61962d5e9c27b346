//! The command line of the migrations: `cargo run -p migration -- --help`.

use std::{io, process::ExitCode};

use clap::Parser as _;
use migration::cli::{Arguments, Terminal, log_to_stderr, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr(arguments.verbose);
    run(
        arguments,
        &mut Terminal,
        &mut io::stdout(),
        &mut io::stderr(),
    )
    .await
}
