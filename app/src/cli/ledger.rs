//! Batch work on the sample's ledger: plain threads, no runtime, the same services.

mod accounts_file;
mod import;
mod report;
mod seed;

use std::{path::PathBuf, process::ExitCode};

use adapters::Database;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

pub use accounts_file::{AccountsFile, BadRow, FileError, Row};
pub use import::{Import, Imported};
pub use report::{Report, render};
pub use seed::{Seed, Seeded};

use super::{
    Failure,
    console::{complain, say},
};
use crate::bootstrap::{self, Job};

const IMPORT_HELP: &str = "\
FILE has the columns owner, currency and opening_balance, in any order, in UTF-8:

  owner,currency,opening_balance
  Ada Lovelace,EUR,500

Balances are whole numbers of minor units: 500 is 5.00 EUR.

Exit code 0: every row was stored; 1: some row was not, or none was; 2: wrong usage or settings.

Examples:
  app import accounts.csv
  app import accounts.csv --keep-good 2> bad-rows.txt";

const REPORT_HELP: &str = "\
Closed accounts hold nothing and are not counted. In csv and json, sums are minor units.

Examples:
  app report
  app report --format json | jq '.[] | select(.currency == \"EUR\")'";

/// What `import` is told.
#[derive(Debug, Args)]
#[command(after_help = IMPORT_HELP)]
pub struct ImportArguments {
    /// The CSV file
    file: PathBuf,
    /// Store the good rows although there are bad ones
    #[arg(long)]
    keep_good: bool,
}

/// What `report` is told.
#[derive(Debug, Args)]
#[command(after_help = REPORT_HELP)]
pub struct ReportArguments {
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

const SEED_HELP: &str = "\
Owners, seven currencies, balances, and transfers that the rules of the ledger allow, of 2024 and
early 2025. The same three numbers make the same data, with the same ids; what is there already
is left alone, so that a command that failed can be repeated. It is stored in chunks of at most
1,000 accounts, each of them whole or not at all.

A database that is not on this machine, or where APP_ENV or ENVIRONMENT means production, has to
be named.

Examples:
  app seed
  app seed --accounts 100000 --transfers 300000
  app seed --seed 2                            other data, beside the first
  app seed --database-name books               on another machine";

/// What `seed` is told.
#[derive(Debug, Args)]
#[command(after_help = SEED_HELP)]
pub struct SeedArguments {
    /// How many accounts
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    accounts: u64,
    /// How many transfers between them
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    transfers: u64,
    /// Another number makes other data
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// The name of the database, if it looks like production's
    #[arg(long, value_name = "NAME")]
    database_name: Option<String>,
}

/// How a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// A table for people
    #[default]
    Text,
    /// Comma-separated values
    Csv,
    /// An array of objects
    Json,
}

pub(super) fn import(
    arguments: &ImportArguments,
    database: &Database,
) -> Result<ExitCode, Failure> {
    let name = arguments.file.display();
    let file = AccountsFile::open(&arguments.file)
        .map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let progress = progress(file.rows.len() as u64);
    let job = Import {
        file,
        keep_good: arguments.keep_good,
        progress: progress.clone(),
    };
    let imported = work(database, job)??;
    progress.finish_and_clear();
    for BadRow { line, reason } in &imported.bad {
        complain(&format!("{name}:{line}: {reason}"));
    }
    say(&imported.to_string())?;
    Ok(if imported.bad.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

pub(super) fn report(
    arguments: &ReportArguments,
    database: &Database,
) -> Result<ExitCode, Failure> {
    let progress = progress(0);
    let job = Report {
        progress: progress.clone(),
    };
    let totals = work(database, job)??;
    progress.finish_and_clear();
    say(render(&totals, arguments.format).trim_end())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn seed(arguments: &SeedArguments, database: &Database) -> Result<ExitCode, Failure> {
    if arguments.transfers > 0 && arguments.accounts < 2 {
        return Err(Failure::of_settings(
            "--transfers need at least 2 --accounts to be between",
        ));
    }
    seed::permit(database, arguments.database_name.as_deref())?;
    let progress = progress(0);
    let job = Seed {
        accounts: arguments.accounts,
        transfers: arguments.transfers,
        seed: arguments.seed,
        progress: progress.clone(),
    };
    let seeded = work(database, job)?;
    progress.finish_and_clear();
    say(&seeded?.to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn work<J: Job>(database: &Database, job: J) -> Result<J::Output, Failure> {
    bootstrap::work(database, job).map_err(|error| Failure::of_database(database, error))
}

/// A bar on stderr; hidden when that is no terminal.
fn progress(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {eta}");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
