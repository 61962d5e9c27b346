//! What this program is when the suite starts it once more: the service itself, or threads of
//! the blocking side.

use std::{
    env,
    io::{self, Read as _},
    iter,
    process::{self, ExitCode},
    thread,
};

use app::{
    cli::{Cli, Failure},
    config::Config,
    telemetry,
};
use clap::Parser as _;

use super::{clock, threads};

/// The arguments of the service, each on a line; without it, this is no service.
pub(super) const ARGUMENTS: &str = "FAULTS_ARGUMENTS";

/// The file that says by how much the service's clock is wrong.
pub(super) const CLOCK: &str = "FAULTS_CLOCK";

/// Runs the service, or the threads, when this process was started to be one, and answers how
/// that ended. What calls this ends the process with it, and does nothing else before.
pub fn run_if_asked() -> Option<ExitCode> {
    if let Some(ended) = threads::serve() {
        return Some(ended);
    }
    let arguments = env::var(ARGUMENTS).ok()?;
    thread::spawn(end_with_parent);
    let arguments = arguments
        .split('\n')
        .filter(|argument| !argument.is_empty());
    let cli = Cli::parse_from(iter::once("app").chain(arguments));
    Some(run(cli).unwrap_or_else(Failure::report))
}

/// As `main` does it, but for the clock.
fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let config = Config::from_env()?;
    let telemetry = telemetry::start(&config.log);
    let ended = match env::var_os(CLOCK) {
        Some(path) => cli.run_from(&config, &clock::sources(path.into())),
        None => cli.run(&config),
    };
    telemetry.end();
    ended
}

/// The suite holds the other end of the input: when it is gone, in whichever way, so is this.
fn end_with_parent() {
    drop(io::stdin().read_to_end(&mut Vec::new()));
    process::exit(1);
}
