//! What ends the program, as one line and an exit code.

use std::{
    fmt::{self, Display},
    process::ExitCode,
};

use adapters::Database;
use migration::MigrationError;
use ports::DatabaseError;

use super::console::complain;
use crate::http::chain;

/// Why the program ends early: one line, and an exit code.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// The exit code for wrong settings: that of clap for a wrong command line.
    pub(super) const SETTINGS: u8 = 2;

    /// What was asked for can not be done: exit code 1.
    pub fn new(text: impl Display) -> Self {
        Self {
            text: text.to_string(),
            code: 1,
        }
    }

    /// The settings are wrong: exit code 2, as for a wrong command line.
    pub fn of_settings(text: impl Display) -> Self {
        Self {
            text: text.to_string(),
            code: Self::SETTINGS,
        }
    }

    /// The database could not be made ready. Which one is said where the failure does not tell:
    /// the address may come from any of several variables.
    pub fn of_database(database: &Database, error: MigrationError) -> Self {
        match error {
            MigrationError::Database(
                error @ (DatabaseError::Connection(_) | DatabaseError::PoolTimeout { .. }),
            ) => Self::new(format!("{database} can not be used: {}", chain(&error))),
            other => other.into(),
        }
    }

    /// Says so on stderr.
    pub fn report(self) -> ExitCode {
        complain(&format!("error: {}", self.text));
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Configuration(text) => Self::of_settings(text),
            other => Self::new(chain(&other)),
        }
    }
}

impl From<MigrationError> for Failure {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::Database(error) => error.into(),
            other => Self::new(chain(&other)),
        }
    }
}
