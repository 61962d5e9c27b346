//! What is wrong when the server is there and a session can not be opened.

use std::io::ErrorKind;

use adapters::postgres::{PostgresConfig, SslMode};
use sea_orm::sqlx::Error;

use super::database::Trouble;
use crate::http::chain;

/// What is wrong, by SQLSTATE or by the kind of the error, and what to do.
pub(super) fn trouble(config: &PostgresConfig, error: &Error) -> Trouble {
    let PostgresConfig {
        host,
        port,
        name,
        username,
        ..
    } = config;
    let said = chain(error);
    match error {
        Error::Database(refusal) => {
            let (text, advice) = match refusal.code().as_deref() {
                Some("28P01") => (
                    format!("the password of {username} is wrong"),
                    "correct DATABASE_PASSWORD, or the password in DATABASE_URL",
                ),
                Some("28000") => (
                    format!("{username} may not log in: {said}"),
                    "correct DATABASE_USERNAME, DATABASE_SSL_MODE, or the server's pg_hba.conf",
                ),
                Some("3D000") => (
                    format!("there is no database {name} on {host}:{port}"),
                    "create it (createdb), or correct DATABASE_NAME",
                ),
                Some("42501") => (
                    format!("{username} may not use the database {name}"),
                    "GRANT CONNECT ON DATABASE, or use another role",
                ),
                Some("53300") => (
                    format!("{host}:{port} has no connection left"),
                    "raise max_connections there, or lower DATABASE_POOL_SIZE of all instances",
                ),
                Some("57P03") => (
                    format!("{host}:{port} is starting or stopping"),
                    "try again in a moment",
                ),
                _ => (
                    format!("{host}:{port} refuses: {said}"),
                    "see the server's log",
                ),
            };
            (text, advice.to_owned())
        }
        Error::Tls(_) => tls(config, &said),
        // What a certificate is refused with comes as an error of the stream.
        Error::Io(error) if error.kind() == ErrorKind::InvalidData => tls(config, &said),
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => (
            format!("{host}:{port} took the connection and says nothing"),
            "see whether it is PostgreSQL that listens there, and not too busy".to_owned(),
        ),
        _ => (
            format!("no session with {host}:{port}: {said}"),
            "see whether it is PostgreSQL that listens there".to_owned(),
        ),
    }
}

fn tls(config: &PostgresConfig, said: &str) -> Trouble {
    let advice = match config.ssl_mode {
        SslMode::VerifyCa | SslMode::VerifyFull => {
            "correct DATABASE_SSL_ROOT_CERT, or the host: it must be the certificate's"
        }
        SslMode::Require if config.ssl_root_cert.is_some() => "correct DATABASE_SSL_ROOT_CERT",
        _ => "switch TLS on at the server, or lower DATABASE_SSL_MODE",
    };
    let (host, port) = (&config.host, config.port);
    (
        format!("no TLS with {host}:{port}: {said}"),
        advice.to_owned(),
    )
}
