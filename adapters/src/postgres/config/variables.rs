//! What the environment says of a PostgreSQL database.

use std::{path::PathBuf, time::Duration};

use ports::{DatabaseError, Isolation};
use secrecy::SecretString;

use super::{PostgresConfig, SslMode, url};
use crate::{
    config::{Allowed, Variables},
    postgres::error::unreadable,
    seaorm::{SETTING_KEYS, SessionSettings},
};

/// Nobody waits for ever, unless they ask for it with 0.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// What says the parts that are not set one by one.
const URL: &str = "DATABASE_URL";

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
        let url = variables.try_read("url", url::parse)?.unwrap_or_default();
        let text = |key, part: Option<String>, default: &str| {
            variables.otherwise(key, default);
            if let Some(part) = &part {
                variables.otherwise_from(key, part, URL);
            }
            let found = variables.text(key).map(str::to_owned).or(part);
            found.unwrap_or_else(|| default.to_owned())
        };
        let username = text("username", url.username, "postgres");
        Ok(Self {
            host: text("host", url.host, "localhost"),
            port: port(variables, url.port)?,
            name: text("name", url.name, &username),
            password: password(variables, url.password),
            ssl_mode: ssl_mode(variables, url.ssl_mode)?,
            ssl_root_cert: root_certificate(variables, url.ssl_root_cert)?,
            statement_timeout: variables.duration(the_servers(variables, "statement_timeout"))?,
            lock_timeout: Some(variables.duration_or("lock_timeout", LOCK_TIMEOUT)?),
            connection_check_interval: Some(
                variables.duration_or("connection_check_interval", CHECK_INTERVAL)?,
            ),
            idle_in_transaction_timeout: variables
                .duration(the_servers(variables, "idle_in_transaction_timeout"))?,
            isolation_level: isolation(variables)?,
            statement_cache_size: variables.number_or("statement_cache_size", 1..=100_000, 500)?,
            application_name: text("application_name", url.application_name, "hexacoral"),
            search_path: variables
                .text(the_servers(variables, "search_path"))
                .map(str::to_owned),
            session: SessionSettings::from_variables(variables)?,
            username,
        })
    }
}

/// A setting that is left to the server unless it is set here.
fn the_servers(variables: &Variables, key: &'static str) -> &'static str {
    variables.otherwise(key, "the server's");
    key
}

fn port(variables: &Variables, from_url: Option<u16>) -> Result<u16, DatabaseError> {
    const DEFAULT: u16 = 5432;
    variables.otherwise("port", DEFAULT);
    if let Some(port) = from_url {
        variables.otherwise_from("port", port, URL);
    }
    let allowed = "whole numbers from 1 to 65535";
    let found = variables.read("port", allowed, |text| {
        text.parse().ok().filter(|port| *port != 0)
    })?;
    Ok(found.or(from_url).unwrap_or(DEFAULT))
}

fn password(variables: &Variables, from_url: Option<SecretString>) -> Option<SecretString> {
    if from_url.is_some() {
        variables.otherwise_from("password", "(hidden)", URL);
    }
    variables.secret("password").or(from_url)
}

fn ssl_mode(variables: &Variables, from_url: Option<SslMode>) -> Result<SslMode, DatabaseError> {
    let words = Allowed(&SslMode::WORDS);
    if let Some(mode) = from_url {
        variables.otherwise_from("ssl_mode", words.word(mode), URL);
        return Ok(variables.one_of("ssl_mode", &words)?.unwrap_or(mode));
    }
    variables.one_of_or("ssl_mode", &words, SslMode::default())
}

fn isolation(variables: &Variables) -> Result<Option<Isolation>, DatabaseError> {
    let allowed = Isolation::ALL
        .map(|level| level.as_sql().to_lowercase())
        .join(", ");
    variables.parsed(the_servers(variables, "isolation_level"), allowed)
}

/// A certificate that can not be read is found out now, not with the first connection.
fn root_certificate(
    variables: &Variables,
    from_url: Option<String>,
) -> Result<Option<PathBuf>, DatabaseError> {
    if let Some(path) = &from_url {
        variables.otherwise_from("ssl_root_cert", path, URL);
    }
    let found = variables.text("ssl_root_cert").map(str::to_owned);
    let Some(path) = found.or(from_url) else {
        return Ok(None);
    };
    if let Err(error) = std::fs::File::open(&path) {
        let name = variables.name("ssl_root_cert");
        let error = format!("{name}: {}", unreadable(&path, &error));
        variables.refuse("ssl_root_cert", DatabaseError::configuration(error))?;
    }
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
