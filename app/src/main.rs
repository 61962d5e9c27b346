//! The program. `--help` says what it can do.

use std::process::ExitCode;

use app::{
    cli::{Cli, Failure},
    config::Config,
    telemetry,
};
use mimalloc::MiMalloc;

/// What a request needs is many small pieces, freed by whichever thread is done with them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// No runtime is started here: of the commands, only `serve` needs one.
fn main() -> ExitCode {
    let cli = Cli::of_process();
    run(cli).unwrap_or_else(Failure::report)
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    if let Some(ended) = cli.run_unconfigured() {
        return ended;
    }
    let config = Config::from_env()?;
    let telemetry = telemetry::start(&config.log);
    let ended = cli.run(&config);
    telemetry.end();
    ended
}
