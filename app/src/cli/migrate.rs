//! The commands of the migrations, as commands of this program.

use std::{io, process::ExitCode};

use clap::Command;
use migration::cli::{Arguments, Terminal};
use tokio::runtime;

use super::Failure;
use crate::{config::LogConfig, telemetry};

pub(super) const ABOUT: &str = "\
Changes the schema of the database, or shows what is pending.

Which database: --database-url, else DATABASE_URL or DATABASE_HOST and its like from the
environment or from .env, else the file data/hexacoral.db.";

pub(super) const HELP: &str = "\
Whoever changes the schema holds a lock: any number of these may run at once.

Exit codes:
  0  done
  1  `status --check`: something is pending
  2  it failed, or was refused

Examples:
  app migrate status --check                   before a deployment
  app migrate up
  app migrate down -n 1 --yes";

/// What each of them looks like when it is used.
const EXAMPLES: [(&str, &str); 7] = [
    (
        "up",
        "  app migrate up\n  app migrate up -n 1 --lock-timeout 5min",
    ),
    (
        "down",
        "  app migrate down\n  app migrate down -n 2 --yes --database-name books",
    ),
    (
        "status",
        "  app migrate status\n  app migrate status --check || app migrate up",
    ),
    ("fresh", "  app migrate fresh --yes"),
    ("refresh", "  app migrate refresh --yes"),
    ("reset", "  app migrate reset --yes"),
    ("generate", "  app migrate generate add_email_to_accounts"),
];

/// The commands with their examples; without sources, nothing can be generated.
pub(super) fn described(mut migrate: Command, has_sources: bool) -> Command {
    for (name, examples) in EXAMPLES {
        let help = format!("Examples:\n{examples}");
        migrate = migrate.mut_subcommand(name, |command| command.after_help(help));
    }
    migrate.mut_subcommand("generate", |generate| generate.hide(!has_sources))
}

pub(super) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut log = LogConfig::from_env()?;
    if arguments.verbose {
        "debug".clone_into(&mut log.filter);
    }
    telemetry::start(&log);
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::new)?;
    let (mut answers, mut out, mut err) = (Terminal, io::stdout(), io::stderr());
    let run = migration::cli::run(arguments, &mut answers, &mut out, &mut err);
    Ok(runtime.block_on(run))
}
