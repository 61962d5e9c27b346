//! What can be set from outside, the database apart: that is `adapters::Database`.

mod effective;
mod http;
mod idempotency;
mod log;

use adapters::{config::Environment, jwt::JwtConfig};
use ports::DatabaseError;

pub use effective::Effective;
pub use http::{ClientAddress, CorsOrigins, HttpConfig, RateLimit};
pub use idempotency::IdempotencyConfig;
pub use log::{LogConfig, LogFormat};

/// The settings of the service.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `HTTP_..`.
    pub http: HttpConfig,
    /// `AUTH_..`: which tokens are taken; without them the service runs open.
    pub auth: Option<JwtConfig>,
    /// `IDEMPOTENCY_..`.
    pub idempotency: IdempotencyConfig,
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
        Self::read(&Environment::of_process()?)
    }

    /// The settings of this environment. What is read here, `config` lists.
    ///
    /// # Errors
    ///
    /// As with [`from_env`](Self::from_env).
    pub fn read(environment: &Environment) -> Result<Self, DatabaseError> {
        Ok(Self {
            http: HttpConfig::from_variables(&environment.variables("HTTP")?)?,
            auth: JwtConfig::from_variables(&environment.variables("AUTH")?)?,
            idempotency: IdempotencyConfig::from_variables(&environment.variables("IDEMPOTENCY")?)?,
            log: LogConfig::from_variables(&environment.variables("LOG")?)?,
        })
    }
}
