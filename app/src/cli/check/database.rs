//! Whether the database can be reached: its host, its port, and a session, one after the other,
//! so that what is wrong is told by where it went wrong.

use std::{
    io::{self, ErrorKind},
    net::{TcpStream, ToSocketAddrs as _},
    os::unix::net::UnixStream,
    path::Path,
};

use adapters::{Database, postgres::PostgresConfig, sqlite::SqliteConfig};
use sea_orm::sqlx::{ConnectOptions as _, Error, PgConnection, query_scalar};
use tokio::time::timeout;

use super::{Finding, Name, login};
use crate::http::chain;

/// What is wrong, and what to do.
pub(super) type Trouble = (String, String);

pub(super) async fn find(database: &Database) -> Finding {
    match database {
        Database::Postgres(config) => match reach(database, config).await {
            Ok(version) => {
                let text = format!("{database} answers: PostgreSQL {version}");
                Finding::ok(Name::Database, text)
            }
            Err((text, advice)) => Finding::fail(Name::Database, text, advice),
        },
        Database::Sqlite(config) => file(database, config).await,
    }
}

/// A session beside every pool.
pub(super) async fn session(database: &Database) -> Result<PgConnection, Error> {
    let connection = database.connection();
    let connection = connection.map_err(|error| Error::Configuration(error.into()))?;
    let options = connection.get_postgres_connection_pool().connect_options();
    options.connect().await
}

async fn reach(database: &Database, config: &PostgresConfig) -> Result<String, Trouble> {
    if config.host.starts_with('/') {
        let socket = Path::new(&config.host).join(format!(".s.PGSQL.{}", config.port));
        UnixStream::connect(&socket).map_err(|error| {
            let text = format!(
                "nothing answers at the socket {}: {error}",
                socket.display()
            );
            (
                text,
                "start the server, or correct DATABASE_HOST".to_owned(),
            )
        })?;
    } else {
        knock(config)?;
    }
    let patience = config.session.connect_timeout;
    let opened = timeout(patience, session(database)).await;
    let opened = opened.unwrap_or_else(|_| Err(Error::Io(ErrorKind::TimedOut.into())));
    let mut session = opened.map_err(|error| login::trouble(config, &error))?;
    let version: Result<String, _> = query_scalar("SHOW server_version")
        .fetch_one(&mut session)
        .await;
    version.map_err(|error| login::trouble(config, &error))
}

/// Looks the host up, and opens a connection to each of its addresses until one is answered.
fn knock(config: &PostgresConfig) -> Result<(), Trouble> {
    let PostgresConfig { host, port, .. } = config;
    let found = (host.as_str(), *port).to_socket_addrs().map_err(|error| {
        let text = format!("there is no host {host}: {error}");
        (
            text,
            "correct the host in DATABASE_URL or DATABASE_HOST".to_owned(),
        )
    })?;
    let patience = config.session.connect_timeout;
    let mut last = io::Error::from(ErrorKind::NotFound);
    for addr in found {
        match TcpStream::connect_timeout(&addr, patience) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(match last.kind() {
        ErrorKind::ConnectionRefused => (
            format!("nothing listens on {host}:{port}"),
            "start the server, or correct the port and the host".to_owned(),
        ),
        ErrorKind::TimedOut => (
            format!("{host}:{port} does not answer within {patience:?}"),
            "look for a firewall in between, or correct the host".to_owned(),
        ),
        _ => (
            format!("{host}:{port} can not be reached: {last}"),
            "look at the network, or correct the host".to_owned(),
        ),
    })
}

async fn file(database: &Database, config: &SqliteConfig) -> Finding {
    let name = Name::Database;
    let Some(path) = config.file() else {
        let advice = "set DATABASE_URL, if anything is to be kept";
        return Finding::warn(
            name,
            format!("{database}: it ends with the service"),
            advice,
        );
    };
    if !path.exists() {
        let text = format!("{database} is not there yet");
        return Finding::warn(
            name,
            text,
            "serve makes it, and the directory that it is in",
        );
    }
    match migration::status(database).await {
        Ok(_) => Finding::ok(name, format!("{database} can be read")),
        Err(error) => {
            let text = format!("{database} can not be read: {}", chain(&error));
            Finding::fail(
                name,
                text,
                "correct DATABASE_URL, or the rights of the file",
            )
        }
    }
}
