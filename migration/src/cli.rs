//! The command line. `main` is one call of it, so that other programs can offer it too.

#[expect(clippy::doc_markdown, reason = "the texts are shown as help")]
mod arguments;
mod failure;
mod questions;
mod table;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use adapters::{Database, SystemClock};
use ports::Clock as _;
use tracing_subscriber::EnvFilter;

use crate::{
    Change, MigrationError, Report, change,
    generate::{find_source, generate},
    guard::{Decision, Target, decide, environment},
    status,
};
pub use arguments::{Arguments, Command, Consent};
pub use questions::{Answers, Terminal};

/// What a command ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    /// `status --check`: something is pending.
    Behind,
}

/// Does what the arguments say and answers the exit code: 0 when it is done, 1 when
/// `status --check` finds something pending, 2 after a failure, which is one line on `err`.
pub async fn run(
    arguments: Arguments,
    answers: &mut (dyn Answers + Send),
    out: &mut (dyn Write + Send),
    err: &mut (dyn Write + Send),
) -> ExitCode {
    match try_run(arguments, answers, out).await {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::Behind) => ExitCode::from(1),
        Err(error) => {
            // Nobody is left to tell when stderr is closed.
            drop(writeln!(err, "error: {}", failure::line(error.as_ref())));
            ExitCode::from(2)
        }
    }
}

/// Whoever listened may have heard enough: that is no failure.
fn heard(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Shows what the migrations do, on stderr. `RUST_LOG` chooses otherwise.
pub fn log_to_stderr(verbose: bool) {
    let usual = if verbose { "debug" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let subscriber = tracing_subscriber::fmt().with_writer(io::stderr);
    // A program that offers these commands may have set up its own already.
    drop(subscriber.with_env_filter(filter).try_init());
}

async fn try_run(
    arguments: Arguments,
    answers: &mut (dyn Answers + Send),
    out: &mut (dyn Write + Send),
) -> Result<End, Box<dyn std::error::Error + Send + Sync>> {
    let (wanted, consent) = match &arguments.command {
        Command::Generate { name } => {
            let source = find_source(&std::env::current_dir()?)?;
            let file = generate(&source, name, SystemClock.now())?;
            let file = file.display();
            heard(writeln!(out, "{file} is written and listed in lib.rs"))?;
            return Ok(End::Done);
        }
        Command::Status { check } => return show_status(&arguments, *check, out).await,
        Command::Up { steps } => (Change::Up(*steps), None),
        Command::Down { steps, consent } => (Change::Down(*steps), Some(consent)),
        Command::Fresh { consent } => (Change::Fresh, Some(consent)),
        Command::Refresh { consent } => (Change::Refresh, Some(consent)),
        Command::Reset { consent } => (Change::Reset, Some(consent)),
    };
    let database = database(&arguments)?;
    if let Some(consent) = consent {
        confirm(&database, wanted, &consent.clone().into(), answers)?;
    }
    let report = change(&database, wanted, arguments.lock_timeout).await?;
    heard(show_report(&database, &report, out))?;
    Ok(End::Done)
}

fn database(arguments: &Arguments) -> Result<Database, MigrationError> {
    Ok(match &arguments.database_url {
        Some(url) => Database::from_url(url)?,
        None => Database::from_env()?,
    })
}

fn confirm(
    database: &Database,
    change: Change,
    consent: &crate::guard::Consent,
    answers: &mut (dyn Answers + Send),
) -> Result<(), MigrationError> {
    let target = Target::new(database, &environment()?);
    match decide(&target, consent) {
        Decision::Proceed => Ok(()),
        Decision::Refuse(reason) => Err(MigrationError::Refused(reason)),
        Decision::Ask => {
            let question = format!("{change} in {}? Rows get lost.", target.description);
            match answers.yes_or_no(&question) {
                Some(true) => Ok(()),
                Some(false) => Err(MigrationError::Refused("nothing was changed".into())),
                None => Err(MigrationError::Refused(format!(
                    "this destroys data in {}: add --yes if that is wanted",
                    target.description
                ))),
            }
        }
    }
}

async fn show_status(
    arguments: &Arguments,
    check: bool,
    out: &mut (dyn Write + Send),
) -> Result<End, Box<dyn std::error::Error + Send + Sync>> {
    let database = database(arguments)?;
    let status = status(&database).await?;
    heard(write!(out, "{}", table::Table(&database, &status)))?;
    let is_behind = check && !status.pending.is_empty();
    Ok(if is_behind { End::Behind } else { End::Done })
}

fn show_report(database: &Database, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for name in &report.reverted {
        writeln!(out, "took back {name}")?;
    }
    for name in &report.applied {
        writeln!(out, "applied {name}")?;
    }
    for name in &report.unknown {
        writeln!(out, "left alone {name}, which this program does not know")?;
    }
    let nothing = report.reverted.is_empty() && report.applied.is_empty();
    let what = if nothing { "nothing to do" } else { "done" };
    writeln!(out, "{what}: {database}")
}
