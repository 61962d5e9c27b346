//! The API's description, for other tools.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;

use super::{Failure, console::say};
use crate::http;

const HELP: &str = "\
No database is needed. A service that runs has the same at /openapi.json.

Examples:
  app openapi > openapi.json
  app openapi --output openapi.json";

/// What `openapi` is told.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct OpenApiArguments {
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &OpenApiArguments) -> Result<ExitCode, Failure> {
    let text = http::document().to_pretty_json().map_err(Failure::new)?;
    match &arguments.output {
        None => say(&text)?,
        Some(file) => fs::write(file, text + "\n").map_err(|error| {
            Failure::new(format!("{} can not be written: {error}", file.display()))
        })?,
    }
    Ok(ExitCode::SUCCESS)
}
