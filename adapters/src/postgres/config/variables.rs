//! What the environment says of a PostgreSQL database.

use std::{path::PathBuf, time::Duration};

use ports::{DatabaseError, Isolation};

use super::{
    PostgresConfig, SslMode,
    url::{self, Parts},
};
use crate::{
    config::{Allowed, Variables},
    postgres::error::unreadable,
    seaorm::{SETTING_KEYS, SessionSettings},
};

/// Nobody waits for ever, unless they ask for it with 0.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The settings that PostgreSQL has beyond those of every database.
const KEYS: &[&str] = &[
    "host",
    "port",
    "name",
    "username",
    "password",
    "connection_check_interval",
    "idle_in_transaction_timeout",
    "isolation_level",
    "application_name",
    "search_path",
    "ssl_mode",
    "ssl_root_cert",
];

impl PostgresConfig {
    /// The configuration in these variables: `DATABASE_URL`, or its parts, which make
    /// or override it.
    pub fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        variables.refuse_unknown(&[SETTING_KEYS, KEYS].concat())?;
        let url = match variables.text("url") {
            Some(text) => url::parse(text)?,
            None => Parts::default(),
        };
        let text = |key, part: Option<String>| variables.text(key).map(str::to_owned).or(part);
        let username = text("username", url.username).unwrap_or_else(|| "postgres".to_owned());
        let allowed_ports = "whole numbers from 1 to 65535";
        let port = variables.read("port", allowed_ports, |text| {
            text.parse().ok().filter(|port| *port != 0)
        })?;
        Ok(Self {
            host: text("host", url.host).unwrap_or_else(|| "localhost".to_owned()),
            port: port.or(url.port).unwrap_or(5432),
            name: text("name", url.name).unwrap_or_else(|| username.clone()),
            username,
            password: variables.secret("password").or(url.password),
            ssl_mode: variables
                .one_of("ssl_mode", &Allowed(&SslMode::WORDS))?
                .or(url.ssl_mode)
                .unwrap_or_default(),
            ssl_root_cert: root_certificate(variables, url.ssl_root_cert)?,
            statement_timeout: variables.duration("statement_timeout")?,
            lock_timeout: variables.duration("lock_timeout")?.or(Some(LOCK_TIMEOUT)),
            connection_check_interval: variables
                .duration("connection_check_interval")?
                .or(Some(CHECK_INTERVAL)),
            idle_in_transaction_timeout: variables.duration("idle_in_transaction_timeout")?,
            isolation_level: isolation(variables)?,
            statement_cache_size: variables
                .number("statement_cache_size", 1..=100_000)?
                .unwrap_or(500),
            application_name: text("application_name", url.application_name)
                .unwrap_or_else(|| "hexacoral".to_owned()),
            search_path: text("search_path", None),
            session: SessionSettings::from_variables(variables)?,
        })
    }
}

fn isolation(variables: &Variables) -> Result<Option<Isolation>, DatabaseError> {
    let allowed = Isolation::ALL
        .map(|level| level.as_sql().to_lowercase())
        .join(", ");
    variables.parsed("isolation_level", allowed)
}

/// A certificate that can not be read is found out now, not with the first connection.
fn root_certificate(
    variables: &Variables,
    from_url: Option<String>,
) -> Result<Option<PathBuf>, DatabaseError> {
    let Some(path) = variables
        .text("ssl_root_cert")
        .map(str::to_owned)
        .or(from_url)
    else {
        return Ok(None);
    };
    std::fs::File::open(&path).map_err(|error| {
        let name = variables.name("ssl_root_cert");
        DatabaseError::configuration(format!("{name}: {}", unreadable(&path, &error)))
    })?;
    Ok(Some(path.into()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<PostgresConfig, DatabaseError> {
        PostgresConfig::from_variables(&Variables::of("DATABASE", pairs.iter().copied())?)
    }

    #[test]
    fn the_parts_override_the_url() {
        let config = read(&[
            ("DATABASE_URL", "postgres://a:b@c:1/d"),
            ("DATABASE_HOST", "e"),
            ("DATABASE_PASSWORD", "@:/%# é"),
        ])
        .unwrap();
        assert_eq!((config.host.as_str(), config.port), ("e", 1));
        assert_eq!((config.username.as_str(), config.name.as_str()), ("a", "d"));
        let password = config.password.as_ref().map(ExposeSecret::expose_secret);
        assert_eq!(password, Some("@:/%# é"));
    }

    #[test]
    fn the_parts_alone_are_enough() {
        let config = read(&[("DATABASE_HOST", "h"), ("DATABASE_USERNAME", "u")]).unwrap();
        assert_eq!((config.host.as_str(), config.port), ("h", 5432));
        assert_eq!(config.name, "u");
    }

    #[test]
    fn defaults_are_as_documented() {
        let config = read(&[]).unwrap();
        let session = &config.session;
        assert_eq!((session.pool_size, session.pool_max_overflow), (20, 1));
        assert_eq!(session.pool_timeout, Duration::from_secs(30));
        assert_eq!(session.pool_recycle, Duration::from_mins(10));
        assert_eq!(config.statement_cache_size, 500);
    }

    #[test]
    fn no_debug_output_shows_a_password() {
        let config = read(&[("DATABASE_URL", "postgres://u:hunter2@h/x")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn wrong_values_are_refused_by_name_with_what_is_allowed() {
        for (name, value, allowed) in [
            ("DATABASE_PORT", "0", "whole numbers from 1 to 65535"),
            (
                "DATABASE_SSL_MODE",
                "maybe",
                "disable, prefer, require, verify-ca, verify-full",
            ),
            (
                "DATABASE_ISOLATION_LEVEL",
                "strict",
                "read uncommitted, read committed, repeatable read, serializable",
            ),
            (
                "DATABASE_POOL_PRE_PING",
                "often",
                "always, never, or the idle time after which to try, such as 30s",
            ),
            ("DATABASE_POOL_RESET_ON_RETURN", "commit", "rollback, none"),
        ] {
            let message = read(&[(name, value)]).err().map(|error| error.to_string());
            let expected = format!("{name} is {value:?}; allowed are {allowed}");
            assert_eq!(message, Some(expected));
        }
    }

    #[test]
    fn a_certificate_that_is_not_there_is_refused() {
        let message = read(&[("DATABASE_SSL_ROOT_CERT", "/no/such/file")]).err();
        let message = message.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            message.starts_with("DATABASE_SSL_ROOT_CERT: the file /no/such/file"),
            "{message}"
        );
    }
}
