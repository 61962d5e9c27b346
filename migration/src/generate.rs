//! A new migration: a file, and its place in the lists of `lib.rs`.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use crate::MigrationError;

const TEMPLATE: &str = include_str!("generate/template.txt");
const MODULES: &str = "// Modules of new migrations go above this line.";
const LIST: &str = "// New migrations go above this line.";

/// The longest name: with time and ending it stays a file name everywhere.
const MAX_CHARS: usize = 100;

/// Writes `mYYYYMMDD_HHMMSS_name.rs` into `source`, the directory of this crate's `lib.rs`, and
/// adds it to the lists there. Answers the file.
///
/// # Errors
///
/// [`MigrationError::Generate`] for a bad name, a missing list, or a file that can not be
/// written; then the lists are as they were.
pub fn generate(source: &Path, name: &str, now: DateTime<Utc>) -> Result<PathBuf, MigrationError> {
    check(name)?;
    let module = format!("m{}_{name}", now.format("%Y%m%d_%H%M%S"));
    let library = source.join("lib.rs");
    let text = fs::read_to_string(&library).map_err(|error| unusable(&library, &error))?;
    let text = insert(&text, MODULES, &format!("mod {module};"))?;
    let text = insert(&text, LIST, &format!("Box::new({module}::Migration),"))?;

    let path = source.join(module).with_extension("rs");
    write_new(&path).map_err(|error| unusable(&path, &error))?;
    fs::write(&library, text).map_err(|error| unusable(&library, &error))?;
    Ok(path)
}

/// The sources of this crate, from anywhere inside of the workspace.
///
/// # Errors
///
/// [`MigrationError::Generate`] outside of it.
pub fn find_source(from: &Path) -> Result<PathBuf, MigrationError> {
    let sources = from.ancestors().map(|above| above.join("migration/src"));
    let mut sources = sources.filter(|source| source.join("lib.rs").is_file());
    sources.next().ok_or_else(|| {
        MigrationError::Generate(format!(
            "there is no migration/src/lib.rs in {} or above it: call this inside of the workspace",
            from.display()
        ))
    })
}

fn check(name: &str) -> Result<(), MigrationError> {
    let is_allowed = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    let is_good = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(is_allowed)
        && !name.ends_with('_')
        && name.len() <= MAX_CHARS;
    if is_good {
        return Ok(());
    }
    Err(MigrationError::Generate(format!(
        "{name:?} is no name for a migration; allowed are up to {MAX_CHARS} lower-case letters, \
         digits and underscores that begin with a letter, such as add_email_to_accounts"
    )))
}

/// The text with one more line above the marker, as far indented as that.
fn insert(text: &str, marker: &str, line: &str) -> Result<String, MigrationError> {
    let place = text.lines().find(|found| found.trim() == marker);
    let place = place.ok_or_else(|| {
        MigrationError::Generate(format!(
            "lib.rs has no line {marker:?} above which to add the migration"
        ))
    })?;
    let indentation = place.split(marker).next().unwrap_or_default();
    Ok(text.replacen(place, &format!("{indentation}{line}\n{place}"), 1))
}

/// Never over a file that is there.
fn write_new(path: &Path) -> io::Result<()> {
    File::create_new(path)?.write_all(TEMPLATE.as_bytes())
}

fn unusable(path: &Path, error: &io::Error) -> MigrationError {
    MigrationError::Generate(format!("{}: {error}", path.display()))
}
