//! All settings as they count, and all that is wrong with them.

use adapters::{
    Database,
    config::{Environment, Reading, Survey},
};
use ports::DatabaseError;

use super::Config;

/// What the settings of a process come to. Whatever the service reads is in it, because it is
/// made by reading: nothing has to be added for a new setting.
#[derive(Debug)]
pub struct Effective {
    /// Every setting, with where its value is from.
    pub readings: Vec<Reading>,
    /// All that is wrong, a line each.
    pub wrong: Vec<String>,
    /// Variables that look like settings of ours and are none.
    pub unread: Vec<String>,
    /// What the service would run with, if nothing is wrong.
    pub config: Option<Config>,
    /// The database, if nothing is wrong with its settings.
    pub database: Option<Database>,
    /// Whether `serve` brings the schema of a server's database up to date.
    pub migrates_on_start: bool,
}

impl Effective {
    /// Reads everything, although some of it may be wrong.
    pub fn read(environment: Environment) -> Self {
        let survey = Survey::new();
        let environment = environment.surveyed(&survey);
        let mut wrong = Vec::new();
        let config = kept(Config::read(&environment), &mut wrong);
        let database = kept(Database::read(&environment), &mut wrong);
        kept(migration::guard::read(&environment), &mut wrong);
        let migrates = environment
            .variables("DATABASE")
            .and_then(|variables| variables.flag_or("migrate_on_start", true));
        let readings = survey.readings();
        let is_wrong = |prefix: &str| {
            let mut ours = readings
                .iter()
                .filter(|known| known.name.starts_with(prefix));
            ours.any(|known| known.wrong.is_some())
        };
        let database = database.filter(|_| !is_wrong("DATABASE"));
        wrong.extend(survey.wrongs());
        Self {
            unread: survey.unread(),
            config: config.filter(|_| wrong.is_empty()),
            readings,
            wrong,
            database,
            migrates_on_start: migrates.unwrap_or(true),
        }
    }
}

/// What was read, unless that ended with a complaint.
fn kept<T>(read: Result<T, DatabaseError>, wrong: &mut Vec<String>) -> Option<T> {
    read.map_err(|error| wrong.push(error.to_string())).ok()
}

#[cfg(test)]
mod tests;
