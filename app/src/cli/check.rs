//! A look at everything that `serve` needs, without changing anything.

mod access;
mod clock;
mod database;
mod finding;
mod login;
mod port;
mod schema;

use std::process::ExitCode;

use adapters::{Database, config::Environment};
use clap::{Args, ValueEnum};
use tokio::runtime;

use super::{Failure, console::say};
use crate::config::Effective;
use finding::shown;
pub use finding::{Finding, Verdict};

const HELP: &str = "\
Each line says ok, warn, fail or skip; below it, what to do. Exit code 0: nothing failed; 1:
something did.

Examples:
  app check
  app check --json | jq -r '.[] | select(.verdict == \"fail\") | .advice'
  app check --skip port                        while the service runs";

/// What `check` is told.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct CheckArguments {
    /// Show it as JSON
    #[arg(long)]
    json: bool,
    /// Leave something out; may be given more than once
    #[arg(long, value_name = "NAME", value_enum)]
    skip: Vec<Name>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Name {
    /// Whether any setting is wrong
    Settings,
    /// Whether the database can be reached
    Database,
    /// Whether the schema is current
    Schema,
    /// Whether the clock of this machine is right
    Clock,
    /// Whether the service may listen where it is to
    Port,
    /// Whether it is known who may use the service
    Access,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<ExitCode, Failure> {
    let effective = Effective::read(Environment::of_process()?);
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::new)?;
    let found = runtime.block_on(find(&effective, &arguments.skip));
    say(&shown(&found, arguments.json))?;
    let failed = found.iter().any(|found| found.verdict == Verdict::Fail);
    Ok(ExitCode::from(u8::from(failed)))
}

/// Looks at everything but these.
pub async fn find(effective: &Effective, skip: &[Name]) -> Vec<Finding> {
    let is_wanted = |name| !skip.contains(&name);
    let mut found = Vec::new();
    if is_wanted(Name::Settings) {
        found.extend(settings(effective));
    }
    if let Some(database) = &effective.database {
        found.extend(stored(database, effective, &is_wanted).await);
    }
    if let Some(config) = &effective.config {
        let addr = config.http.addr;
        if is_wanted(Name::Port) {
            found.push(port::find(addr));
        }
        if is_wanted(Name::Access) {
            found.push(access::find(addr, config.auth.is_some()));
        }
    }
    found
}

/// What there is to find in a database; what needs one is left out without it.
async fn stored(
    database: &Database,
    effective: &Effective,
    is_wanted: &impl Fn(Name) -> bool,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let reached = database::find(database).await;
    let is_reached = reached.verdict != Verdict::Fail;
    if is_wanted(Name::Database) {
        found.push(reached);
    }
    if is_reached && is_wanted(Name::Schema) {
        found.push(schema::find(database, effective.migrates_on_start).await);
    }
    if is_reached && is_wanted(Name::Clock) {
        found.push(clock::find(database).await);
    }
    found
}

fn settings(effective: &Effective) -> Vec<Finding> {
    let name = Name::Settings;
    let advice = "`app config` shows every setting with where it is from";
    let wrong = effective.wrong.iter();
    let wrong = wrong.map(|wrong| Finding::fail(name, wrong, advice));
    let unread = effective.unread.iter().map(|unread| {
        let text = format!("{unread} is set, but is no setting of this service");
        Finding::warn(name, text, "correct its name, if it was meant to be one")
    });
    let mut found: Vec<_> = wrong.chain(unread).collect();
    if found.is_empty() {
        found.push(Finding::ok(name, "every setting can be used"));
    }
    found
}
