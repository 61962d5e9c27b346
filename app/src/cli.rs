//! The command line.

mod console;
mod failure;
// sample: begin
pub mod ledger;
// sample: end
mod serve;

use std::process::ExitCode;

use adapters::Database;
use clap::{Parser, Subcommand};

pub use failure::Failure;

use crate::config::Config;
// sample: begin
use ledger::{ImportArguments, ReportArguments};
// sample: end

const EXAMPLES: &str = "\
Without DATABASE_URL, everything is in the embedded SQLite file data/hexacoral.db.

Settings (environment, or a file .env):
  DATABASE_URL               postgres://user:password@host:port/database, or sqlite://FILE?mode=rwc
  DATABASE_MIGRATE_ON_START  false leaves the schema of a PostgreSQL database alone
  HTTP_ADDR                  where serve listens [default: 127.0.0.1:3000]
  LOG, LOG_FORMAT            such as warn,app::http=debug [default: info], human or json

Examples:
  app                                          serve on the embedded database
  HTTP_ADDR=0.0.0.0:80 app serve               serve to everybody
  DATABASE_URL=postgres://user:password@localhost/database app serve on PostgreSQL";

/// A service on PostgreSQL or SQLite: serves its HTTP API, and does batch work.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Default, Subcommand)]
enum Command {
    /// Serve the HTTP API until SIGTERM or ctrl-c (the default)
    #[default]
    Serve,
    // sample: begin
    /// Open the accounts of a CSV file: all of them, or none
    Import(ImportArguments),
    /// Show how many accounts there are and what they hold, by currency
    Report(ReportArguments),
    // sample: end
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    ///
    /// What ends the program with one line on stderr.
    pub fn run(self, config: &Config) -> Result<ExitCode, Failure> {
        let database = Database::from_env()?;
        match self.command.unwrap_or_default() {
            Command::Serve => serve::run(config, &database),
            // sample: begin
            Command::Import(arguments) => ledger::import(&arguments, &database),
            Command::Report(arguments) => ledger::report(&arguments, &database),
            // sample: end
        }
    }
}
