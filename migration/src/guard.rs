//! What has to be said before data is destroyed.
//!
//! A database counts as production unless it looks like a developer's or a test's: it is a
//! file, or behind a Unix socket or a loopback address, and neither `APP_ENV` nor `ENVIRONMENT`
//! (of the process, else of `.env`) is set to anything but [`HARMLESS`] words. On such a
//! database `--yes` is enough, or a `y` at a terminal. For production it has to be said twice:
//! `--yes`, and `--database-name` with the database's real name.
//!
//! The far end of a tunnel looks local. Set `APP_ENV=production` where you keep one open.

use std::collections::HashMap;

use adapters::{Database, config::Environment};
use ports::DatabaseError;

/// The variables that say what a process is part of.
const VARIABLES: [&str; 2] = ["APP_ENV", "ENVIRONMENT"];

/// The values of `APP_ENV` and `ENVIRONMENT` that do not mean production. Anything else does:
/// a guard that knows every name of production does not exist.
pub const HARMLESS: [&str; 6] = ["dev", "development", "local", "test", "testing", "ci"];

/// A database that somebody is about to destroy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its real name.
    pub name: String,
    /// The name and where it is, for people.
    pub description: String,
    /// Why it counts as production, if it does.
    pub production: Option<String>,
}

/// What was said on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// `--yes`.
    pub yes: bool,
    /// `--database-name`.
    pub database_name: Option<String>,
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Do it.
    Proceed,
    /// Ask, if there is somebody to ask.
    Ask,
    /// Do not, for this reason.
    Refuse(String),
}

impl Target {
    /// A database, seen from a process whose environment has these variables.
    pub fn new(database: &Database, environment: &HashMap<String, String>) -> Self {
        let said = VARIABLES.iter().find_map(|name| {
            let value = environment.get(*name)?.trim();
            means_production(value).then(|| format!("{name} is {value}"))
        });
        let remote = (!database.is_local()).then(|| "it is not on this machine".to_owned());
        Self {
            name: database.name(),
            description: database.to_string(),
            production: said.or(remote),
        }
    }
}

fn means_production(value: &str) -> bool {
    let is_harmless = HARMLESS.iter().any(|word| word.eq_ignore_ascii_case(value));
    !value.is_empty() && !is_harmless
}

/// Whether data may be destroyed.
pub fn decide(target: &Target, consent: &Consent) -> Decision {
    let Target {
        name, description, ..
    } = target;
    if let Some(given) = &consent.database_name
        && given != name
    {
        return Decision::Refuse(format!(
            "--database-name is {given:?}, but this is {description}"
        ));
    }
    match &target.production {
        None if consent.yes => Decision::Proceed,
        None => Decision::Ask,
        Some(_) if consent.yes && consent.database_name.is_some() => Decision::Proceed,
        Some(reason) => Decision::Refuse(format!(
            "{description} counts as production ({reason}): this command destroys data there \
             only when it is told twice, with --yes and with --database-name and its name"
        )),
    }
}

/// The variables of the process that the guard looks at, over those of `.env`.
///
/// # Errors
///
/// [`DatabaseError::Configuration`] when `.env` is not well-formed: it might have said that
/// this is production.
pub fn environment() -> Result<HashMap<String, String>, DatabaseError> {
    read(&Environment::of_process()?)
}

/// The same, of this environment.
///
/// # Errors
///
/// As with [`environment`].
pub fn read(environment: &Environment) -> Result<HashMap<String, String>, DatabaseError> {
    let mut found = HashMap::new();
    for name in VARIABLES {
        let value = environment.variables(name)?.text("").map(str::to_owned);
        found.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(found)
}
