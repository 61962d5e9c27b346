//! `HTTP_..`.

mod client;
mod cors;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use adapters::config::Variables;
use ports::DatabaseError;

pub use client::{ClientAddress, RateLimit};
pub use cors::CorsOrigins;

/// How the service listens, and what it takes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// `HTTP_ADDR`: where to listen. Port 0 is any free port.
    pub addr: SocketAddr,
    /// `HTTP_REQUEST_TIMEOUT`: the longest time that a request is worked on.
    pub request_timeout: Duration,
    /// `HTTP_MAX_IN_FLIGHT`: the most requests that are worked on at once.
    pub max_in_flight: usize,
    /// `HTTP_QUEUE_TIMEOUT`: the longest wait for one of those places.
    pub queue_timeout: Duration,
    /// `HTTP_MAX_BODY_SIZE`: the largest body, in bytes.
    pub max_body_size: usize,
    /// `HTTP_MAX_CONNECTIONS`: the most connections of clients. Others wait to be accepted.
    pub max_connections: usize,
    /// `HTTP_HEADER_TIMEOUT`: the longest time that the head of a request may take to arrive.
    pub header_timeout: Duration,
    /// `HTTP_BODY_TIMEOUT`: the same for the body.
    pub body_timeout: Duration,
    /// `HTTP_IDLE_TIMEOUT`: how long a connection is kept between two requests.
    pub idle_timeout: Duration,
    /// `HTTP_SHUTDOWN_DELAY`: how long requests are still taken after SIGTERM, while `/readyz`
    /// says that no more should be sent.
    pub shutdown_delay: Duration,
    /// `HTTP_SHUTDOWN_TIMEOUT`: how long requests may go on once no more are taken.
    pub shutdown_timeout: Duration,
    /// `HTTP_RATE_LIMIT` and `HTTP_RATE_BURST`: how much one client may ask for, if that is
    /// limited.
    pub rate_limit: Option<RateLimit>,
    /// `HTTP_CLIENT_IP_SOURCE`: who a client is.
    pub client_address: ClientAddress,
    /// `HTTP_CORS_ORIGINS`: which web pages of other origins may use the API.
    pub cors_origins: Option<CorsOrigins>,
    /// `HTTP_HSTS`: for how long browsers are told to use TLS alone, if they are.
    pub hsts: Option<Duration>,
    /// `HTTP_COMPRESSION`: whether answers are compressed for those who accept it.
    pub compression: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            addr: (Ipv4Addr::LOCALHOST, 3000).into(),
            request_timeout: Duration::from_secs(10),
            max_in_flight: 64,
            queue_timeout: Duration::from_secs(1),
            max_body_size: 64 * 1024,
            max_connections: 4096,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            shutdown_delay: Duration::from_secs(1),
            shutdown_timeout: Duration::from_secs(10),
            rate_limit: None,
            client_address: ClientAddress::default(),
            cors_origins: None,
            hsts: None,
            compression: true,
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
            queue_timeout: variables.duration_or("queue_timeout", default.queue_timeout)?,
            max_body_size: variables.number_or(
                "max_body_size",
                1..=1 << 30,
                default.max_body_size,
            )?,
            max_connections: variables.number_or(
                "max_connections",
                1..=1_000_000,
                default.max_connections,
            )?,
            header_timeout: variables.duration_or("header_timeout", default.header_timeout)?,
            body_timeout: variables.duration_or("body_timeout", default.body_timeout)?,
            idle_timeout: variables.duration_or("idle_timeout", default.idle_timeout)?,
            shutdown_delay: variables.duration_or("shutdown_delay", default.shutdown_delay)?,
            shutdown_timeout: variables
                .duration_or("shutdown_timeout", default.shutdown_timeout)?,
            rate_limit: RateLimit::from_variables(variables)?,
            client_address: ClientAddress::from_variables(variables)?,
            cors_origins: CorsOrigins::from_variables(variables)?,
            hsts: hsts(variables)?,
            compression: variables.flag_or("compression", default.compression)?,
        })
    }
}

fn hsts(variables: &Variables) -> Result<Option<Duration>, DatabaseError> {
    variables.otherwise("hsts", "not sent");
    variables.duration("hsts")
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
