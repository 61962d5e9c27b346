//! What can be set from outside, the database apart: that is `adapters::Database`.

mod http;
mod log;

use ports::DatabaseError;

pub use http::HttpConfig;
pub use log::{LogConfig, LogFormat};

/// The settings of the service.
#[derive(Debug, Clone)]
pub struct Config {
    /// `HTTP_..`.
    pub http: HttpConfig,
    /// `LOG` and `LOG_FORMAT`.
    pub log: LogConfig,
}

impl Config {
    /// The settings of the process: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// One line, with the variable that is wrong, its value and what is allowed.
    pub fn from_env() -> Result<Self, DatabaseError> {
        Ok(Self {
            http: HttpConfig::from_env()?,
            log: LogConfig::from_env()?,
        })
    }
}
