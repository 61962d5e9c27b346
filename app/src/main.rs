//! The program. `--help` says what it can do.

use std::process::ExitCode;

use app::{
    cli::{Cli, Failure},
    config::Config,
    telemetry,
};
use clap::Parser as _;

/// No runtime is started here: of the commands, only `serve` needs one.
fn main() -> ExitCode {
    let cli = Cli::parse();
    run(cli).unwrap_or_else(Failure::report)
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let config = Config::from_env()?;
    telemetry::start(&config.log);
    cli.run(&config)
}
