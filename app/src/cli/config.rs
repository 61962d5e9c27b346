//! Every setting as it counts.

use std::process::ExitCode;

use adapters::config::{Environment, Origin, Reading, Source};
use clap::Args;
use serde::Serialize;

use super::{
    Failure,
    console::{columns, complain, say},
};
use crate::config::Effective;

const HELP: &str = "\
Secrets are hidden. What is wrong with the settings is on stderr, all of it; the exit code is 2
then. Settings that the chosen database does not have are left out.

Examples:
  app config
  app config --set                             only what is set somewhere
  app config --json | jq -r '.settings[] | select(.source != \"default\") | .name'
  DATABASE_URL=postgres://localhost app config";

/// What `config` is told.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct ConfigArguments {
    /// Show it as JSON
    #[arg(long)]
    json: bool,
    /// Leave out what has its default
    #[arg(long)]
    set: bool,
}

pub(super) fn run(arguments: &ConfigArguments) -> Result<ExitCode, Failure> {
    let effective = Effective::read(Environment::of_process()?);
    let is_shown = |known: &&Reading| !arguments.set || known.origin != Origin::Default;
    let shown: Vec<_> = effective.readings.iter().filter(is_shown).collect();
    if arguments.json {
        say(&json(&shown, &effective))?;
    } else {
        say(&table(&shown))?;
        for name in &effective.unread {
            complain(&format!("{name} is set, but is no setting of this service"));
        }
        for wrong in &effective.wrong {
            complain(&format!("error: {wrong}"));
        }
    }
    Ok(ExitCode::from(if effective.wrong.is_empty() {
        0
    } else {
        Failure::SETTINGS
    }))
}

fn table(readings: &[&Reading]) -> String {
    let title = ["setting", "value", "from"].map(str::to_owned);
    let rows = readings.iter().map(|known| {
        let value = known.value.clone().unwrap_or_else(|| "-".to_owned());
        let wrong = if known.wrong.is_some() { ", wrong" } else { "" };
        [known.name.clone(), value, source(known).to_owned() + wrong]
    });
    columns(&[title].into_iter().chain(rows).collect::<Vec<_>>())
}

fn source(known: &Reading) -> &'static str {
    match known.origin {
        Origin::Set(Source::Environment) => "environment",
        Origin::Set(Source::File) => ".env",
        Origin::Other(name) => name,
        Origin::Default => "default",
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    settings: Vec<Setting<'a>>,
    errors: &'a [String],
    unknown: &'a [String],
}

#[derive(Serialize)]
struct Setting<'a> {
    name: &'a str,
    value: Option<&'a str>,
    source: &'static str,
    error: Option<&'a str>,
}

fn json(readings: &[&Reading], effective: &Effective) -> String {
    let settings = readings.iter().map(|known| Setting {
        name: &known.name,
        value: known.value.as_deref(),
        source: source(known),
        error: known.wrong.as_deref(),
    });
    let shown = Shown {
        settings: settings.collect(),
        errors: &effective.wrong,
        unknown: &effective.unread,
    };
    // Texts are always JSON.
    serde_json::to_string_pretty(&shown).unwrap_or_default()
}
