//! `HTTP_..`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use adapters::config::Variables;
use ports::DatabaseError;

/// How the service listens, and what it takes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// `HTTP_ADDR`: where to listen. Port 0 is any free port.
    pub addr: SocketAddr,
    /// `HTTP_REQUEST_TIMEOUT`: the longest time that a request is worked on.
    pub request_timeout: Duration,
    /// `HTTP_MAX_IN_FLIGHT`: the most requests that are worked on at once.
    pub max_in_flight: usize,
    /// `HTTP_MAX_BODY_SIZE`: the largest body, in bytes.
    pub max_body_size: usize,
    /// `HTTP_SHUTDOWN_TIMEOUT`: how long requests may go on after the signal to stop.
    pub shutdown_timeout: Duration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            addr: (Ipv4Addr::LOCALHOST, 3000).into(),
            request_timeout: Duration::from_secs(10),
            max_in_flight: 1024,
            max_body_size: 64 * 1024,
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

impl HttpConfig {
    /// The settings of the process.
    pub fn from_env() -> Result<Self, DatabaseError> {
        Self::from_variables(&Variables::of_process("HTTP")?)
    }

    /// The settings in these variables. Unknown ones are left alone: the prefix is not ours
    /// alone, `HTTP_PROXY` is one of them.
    pub fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        let default = Self::default();
        Ok(Self {
            addr: variables.parsed_or(
                "addr",
                "an IP address and a port, such as 127.0.0.1:3000",
                default.addr,
            )?,
            request_timeout: variables.duration_or("request_timeout", default.request_timeout)?,
            max_in_flight: variables.number_or(
                "max_in_flight",
                1..=1_000_000,
                default.max_in_flight,
            )?,
            max_body_size: variables.number_or(
                "max_body_size",
                1..=1 << 30,
                default.max_body_size,
            )?,
            shutdown_timeout: variables
                .duration_or("shutdown_timeout", default.shutdown_timeout)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<HttpConfig, DatabaseError> {
        HttpConfig::from_variables(&Variables::of("HTTP", pairs.iter().copied())?)
    }

    #[test]
    fn what_is_not_set_has_its_default() -> Result<(), DatabaseError> {
        let config = read(&[("HTTP_ADDR", "[::1]:80"), ("HTTP_PROXY", "http://proxy")])?;
        assert_eq!(config.addr.to_string(), "[::1]:80");
        assert_eq!(config.max_in_flight, HttpConfig::default().max_in_flight);
        Ok(())
    }

    #[test]
    fn a_wrong_address_is_named_with_what_is_allowed() {
        let refused = read(&[("HTTP_ADDR", "localhost")]).map_err(|error| error.to_string());
        assert_eq!(
            refused,
            Err(
                "HTTP_ADDR is \"localhost\"; allowed are an IP address and a port, such as \
                 127.0.0.1:3000"
                    .to_owned()
            )
        );
    }
}
