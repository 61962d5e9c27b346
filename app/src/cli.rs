//! The command line.
//!
//! To add a command: a file here with its arguments and a `run`, a variant of `Command`, and a
//! line in one of the two `match`es below; `docs/cli.md` has a table of them. Every command has
//! examples in its help.

pub mod check;
mod completions;
mod config;
mod console;
mod failure;
mod health;
// sample: begin
pub mod ledger;
// sample: end
mod migrate;
mod openapi;
mod serve;
mod token;

use std::process::ExitCode;

use adapters::Database;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use failure::Failure;
pub use token::TokenArguments;

use crate::{bootstrap::Sources, config::Config};
use check::CheckArguments;
use completions::CompletionsArguments;
use config::ConfigArguments;
use health::HealthArguments;
use openapi::OpenApiArguments;
// sample: begin
use ledger::{ImportArguments, ReportArguments, SeedArguments};
// sample: end

const HELP: &str = "\
Without DATABASE_URL, everything is in the embedded SQLite file data/hexacoral.db. `app config`
shows every setting with where its value is from; those most often set (environment, or a file
.env) are:

  DATABASE_URL               postgres://user:password@host:port/database, or sqlite://FILE?mode=rwc
  DATABASE_MIGRATE_ON_START  false leaves the schema of a PostgreSQL database alone
  HTTP_ADDR                  where serve listens [default: 127.0.0.1:3000]
  AUTH_SECRET, or AUTH_JWKS  whose tokens are taken; without either, serve runs open, and on
                             loopback alone
  LOG, LOG_FORMAT            such as warn,app::http=debug [default: info], human or json

Exit codes:
  0  done
  1  it could not be done, or `check` has found something
  2  wrong usage or wrong settings: nothing was tried

Examples:
  app                                          serve on the embedded database
  HTTP_ADDR=127.0.0.1:8080 app serve           serve somewhere else
  AUTH_SECRET=.. HTTP_ADDR=0.0.0.0:80 app      serve to those who have a token
  AUTH_SECRET=.. app token --sub Ada           make one
  DATABASE_URL=postgres://user:password@localhost/database app
                                               serve on PostgreSQL
  app check && app serve                       look before you start";

const SERVE_HELP: &str = "\
The first line on stdout says which database it is, another one where it listens; the log goes
to stderr. SIGTERM and ctrl-c let the requests that are being worked on finish.

Examples:
  app serve
  HTTP_ADDR=127.0.0.1:0 app serve              any free port
  LOG=debug LOG_FORMAT=json app serve 2> log.json";

/// A service on PostgreSQL or SQLite: serves its HTTP API, and does batch work.
#[derive(Debug, Parser)]
#[command(name = "app", version, after_help = HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Default, Subcommand)]
enum Command {
    /// Serve the HTTP API until SIGTERM or ctrl-c (the default)
    #[default]
    #[command(after_help = SERVE_HELP)]
    Serve,
    /// Change the schema of the database, or show what is pending
    #[command(long_about = migrate::ABOUT, after_help = migrate::HELP)]
    Migrate(migration::cli::Arguments),
    /// Make a token for development
    Token(TokenArguments),
    // sample: begin
    /// Open the accounts of a CSV file: all of them, or none
    Import(ImportArguments),
    /// Show how many accounts there are and what they hold, by currency
    Report(ReportArguments),
    /// Fill the ledger with demonstration data
    Seed(SeedArguments),
    // sample: end
    /// Print what the API takes and answers, as OpenAPI 3.1
    #[command(name = "openapi")]
    OpenApi(OpenApiArguments),
    /// Show every setting, with where its value is from
    Config(ConfigArguments),
    /// Look whether `serve` would work, without changing anything
    Check(CheckArguments),
    /// Ask the service that runs here whether it is well
    Health(HealthArguments),
    /// Print a script that completes commands and options in a shell
    Completions(CompletionsArguments),
}

impl Cli {
    /// What the command line of this process says. Ends the process when it says nothing that
    /// can be done, or asks for help.
    pub fn of_process() -> Self {
        let matches = Self::described().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The commands, as they are shown here: a migration can be written only where sources are.
    pub fn described() -> clap::Command {
        let has_sources = std::env::current_dir()
            .is_ok_and(|directory| migration::generate::find_source(&directory).is_ok());
        Self::command().mut_subcommand("migrate", |migrate| {
            migrate::described(migrate, has_sources)
        })
    }

    /// Does what needs no settings, or only some of them: it works although others are wrong.
    pub fn run_unconfigured(&self) -> Option<Result<ExitCode, Failure>> {
        Some(match self.command.as_ref()? {
            Command::Migrate(arguments) => migrate::run(arguments.clone()),
            Command::Config(arguments) => config::run(arguments),
            Command::Check(arguments) => check::run(arguments),
            Command::Health(arguments) => health::run(arguments),
            Command::OpenApi(arguments) => openapi::run(arguments),
            Command::Completions(arguments) => completions::run(arguments),
            Command::Token(arguments) => token::run(arguments),
            _ => return None,
        })
    }

    /// Does what was asked for.
    ///
    /// # Errors
    ///
    /// What ends the program with one line on stderr.
    pub fn run(self, config: &Config) -> Result<ExitCode, Failure> {
        self.run_from(config, &Sources::default())
    }

    /// The same; `serve` takes time and identities from here.
    ///
    /// # Errors
    ///
    /// As with [`run`](Self::run).
    pub fn run_from(self, config: &Config, sources: &Sources) -> Result<ExitCode, Failure> {
        if let Some(ended) = self.run_unconfigured() {
            return ended;
        }
        let database = Database::from_env()?;
        match self.command.unwrap_or_default() {
            // sample: begin
            Command::Import(arguments) => ledger::import(&arguments, &database),
            Command::Report(arguments) => ledger::report(&arguments, &database),
            Command::Seed(arguments) => ledger::seed(&arguments, &database),
            // sample: end
            _ => serve::run(config, &database, sources),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_examples_in_its_help() {
        let cli = Cli::described();
        let mut commands: Vec<_> = cli.get_subcommands().collect();
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands());
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            assert!(help.contains("Example"), "{}: {help}", command.get_name());
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
    }

    #[test]
    fn the_description_is_one_that_clap_can_use() {
        Cli::described().debug_assert();
    }

    #[test]
    fn every_command_is_in_the_page_about_them() {
        let page = include_str!("../../docs/cli.md");
        for command in Cli::described().get_subcommands() {
            let row = format!("| `{}", command.get_name());
            assert!(page.contains(&row), "docs/cli.md has no row {row}");
        }
    }

    #[test]
    fn every_page_is_in_the_index_and_the_other_way_round() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let files = std::fs::read_dir(&docs).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let pages = names.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned()));
        let mut pages: Vec<_> = pages.filter(|page| page != "README").collect();
        pages.sort();
        let index = std::fs::read_to_string(docs.join("README.md")).unwrap();
        let rows = index.lines().filter_map(|line| line.strip_prefix("| ["));
        let links = rows.filter_map(|row| row.split(['(', ')']).nth(1)?.strip_suffix(".md"));
        let mut links: Vec<_> = links.map(str::to_owned).collect();
        links.sort();
        assert_eq!(links, pages, "docs/README.md, and what is in docs");
    }
}
