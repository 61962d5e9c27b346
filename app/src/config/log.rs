//! `LOG` and `LOG_FORMAT`.

use adapters::config::{Allowed, Variables};
use ports::DatabaseError;
use tracing_subscriber::EnvFilter;

/// The start of the service tells of the migrations it applied; their library does too, and the
/// server tells of everything that it did not have to make.
const DEFAULT: &str = "info,sea_orm_migration=warn,sqlx::postgres::notice=warn";

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `LOG`: which events, such as `info` or `warn,app::http=debug`.
    pub filter: String,
    /// `LOG_FORMAT`: for people or for programs.
    pub format: LogFormat,
}

/// Who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Human,
    /// An object of JSON in each line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: DEFAULT.to_owned(),
            format: LogFormat::Human,
        }
    }
}

impl LogConfig {
    /// The settings of the process.
    pub fn from_env() -> Result<Self, DatabaseError> {
        Self::from_variables(&Variables::of_process("LOG")?)
    }

    /// The settings in these variables.
    pub fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        let default = Self::default();
        let formats = [("human", LogFormat::Human), ("json", LogFormat::Json)];
        let allowed = "levels and targets, such as info or warn,app::http=debug";
        variables.otherwise("", DEFAULT);
        let filter = variables.read("", allowed, |text| {
            EnvFilter::try_new(text).ok().map(|_| text.to_owned())
        })?;
        Ok(Self {
            filter: filter.unwrap_or(default.filter),
            format: variables.one_of_or("format", &Allowed(&formats), default.format)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<LogConfig, DatabaseError> {
        LogConfig::from_variables(&Variables::of("LOG", pairs.iter().copied())?)
    }

    #[test]
    fn the_filter_is_the_variable_without_an_ending() -> Result<(), DatabaseError> {
        let config = read(&[("LOG", "warn"), ("LOG_FORMAT", "JSON")])?;
        assert_eq!(
            (config.filter.as_str(), config.format),
            ("warn", LogFormat::Json)
        );
        Ok(())
    }

    #[test]
    fn notices_of_the_server_are_not_logged_unless_asked_for() -> Result<(), DatabaseError> {
        let filter = read(&[])?.filter;
        assert!(filter.contains("sqlx::postgres::notice=warn"), "{filter}");
        Ok(())
    }

    #[test]
    fn a_wrong_filter_is_refused() {
        let refused = read(&[("LOG", "app=loud")]).map_err(|error| error.to_string());
        assert_eq!(
            refused.err().as_deref(),
            Some(
                "LOG is \"app=loud\"; allowed are levels and targets, such as info or \
                 warn,app::http=debug"
            )
        );
    }
}
