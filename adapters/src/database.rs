//! Which database the process uses: chosen by the scheme of its URL.

use std::{fmt, net::IpAddr, path::Path};

use ports::DatabaseError;
use sea_orm::DatabaseConnection;

use crate::{
    config::{Environment, Variables},
    postgres::{AsyncPostgresSessionManager, PostgresConfig},
    sqlite::{AsyncSqliteSessionManager, SqliteConfig},
};

/// The parts of a PostgreSQL URL. Any of them says which database is meant, without a
/// URL too.
const PARTS: [&str; 5] = ["host", "port", "name", "username", "password"];

const ALLOWED: &str = "allowed are postgres://user:password@host:port/database and \
                       sqlite://FILE?mode=rwc";

/// A database and how sessions on it behave, whichever kind it is.
///
/// `Debug` and `Display` do not show the password.
#[derive(Debug, Clone)]
pub enum Database {
    /// A PostgreSQL server's.
    Postgres(Box<PostgresConfig>),
    /// A SQLite file.
    Sqlite(Box<SqliteConfig>),
}

impl Database {
    /// The database of the process: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] with the variable that is wrong, its value when
    /// that is no secret, and what is allowed.
    pub fn from_env() -> Result<Self, DatabaseError> {
        Self::read(&Environment::of_process()?)
    }

    /// The database of this environment.
    ///
    /// # Errors
    ///
    /// As with [`from_env`](Self::from_env).
    pub fn read(environment: &Environment) -> Result<Self, DatabaseError> {
        Self::from_variables(&environment.variables("DATABASE")?)
    }

    /// A URL with everything else at its default: nothing of the environment counts, so
    /// that a `DATABASE_HOST` can not turn a URL that was given by hand elsewhere.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`]; the URL itself, which may hold a password, is
    /// not repeated in it.
    pub fn from_url(url: &str) -> Result<Self, DatabaseError> {
        Self::from_variables(&Variables::of("DATABASE", [("DATABASE_URL", url)])?)
    }

    /// The database in these variables: by the scheme of `DATABASE_URL`; without a URL
    /// PostgreSQL when there is a part of one, such as `DATABASE_HOST`; without either
    /// the embedded file, [`SqliteConfig::EMBEDDED_URL`].
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`], as with [`from_url`](Self::from_url).
    pub fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        let scheme = variables.text("url").map(scheme);
        match scheme.as_deref() {
            Some("postgres" | "postgresql") => Self::postgres(variables),
            Some("sqlite") => Self::sqlite(variables),
            Some(_) => {
                let error = format!(
                    "DATABASE_URL does not begin with the name of a database that is known \
                     here; {ALLOWED}"
                );
                variables.refuse("url", DatabaseError::configuration(error))?;
                Self::postgres(variables)
            }
            None if PARTS.iter().any(|part| variables.has(part)) => Self::postgres(variables),
            None => Self::sqlite(variables),
        }
    }

    /// The database's own name; for SQLite, that of its file.
    pub fn name(&self) -> String {
        match self {
            Self::Postgres(config) => config.name.clone(),
            Self::Sqlite(config) => {
                let file = config.file().unwrap_or_else(|| ":memory:".into());
                let name = file.file_name().unwrap_or(file.as_os_str());
                name.to_string_lossy().into_owned()
            }
        }
    }

    /// Whether the database is on this machine, as far as its address tells: a file, a
    /// Unix socket, or a loopback address. The other end of a tunnel looks local too.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Postgres(config) => is_local(&config.host),
            Self::Sqlite(_) => true,
        }
    }

    /// A plain connection of SeaORM, for code that insists on one, such as migrations.
    /// It has a small pool of its own, takes no part in units of work, and must be made
    /// and used inside of a tokio runtime. The first connection is opened when needed.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`]; what [`prepare`](Self::prepare) fails with.
    pub fn connection(&self) -> Result<DatabaseConnection, DatabaseError> {
        self.prepare()?;
        Ok(match self {
            Self::Postgres(config) => {
                AsyncPostgresSessionManager::new((**config).clone())?.database_connection()
            }
            Self::Sqlite(config) => {
                AsyncSqliteSessionManager::new((**config).clone())?.database_connection()
            }
        })
    }

    /// Makes the directory of an embedded database. SQLite makes the file by itself,
    /// but not the directory that it is in.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] with the directory.
    pub fn prepare(&self) -> Result<(), DatabaseError> {
        let Self::Sqlite(config) = self else {
            return Ok(());
        };
        let file = config.file();
        match file.as_deref().and_then(Path::parent) {
            Some(directory) => std::fs::create_dir_all(directory).map_err(|error| {
                DatabaseError::configuration(format!(
                    "DATABASE_URL: the directory {} can not be made: {error}",
                    directory.display()
                ))
            }),
            None => Ok(()),
        }
    }

    fn postgres(variables: &Variables) -> Result<Self, DatabaseError> {
        let config = PostgresConfig::from_variables(variables)?;
        Ok(Self::Postgres(Box::new(config)))
    }

    fn sqlite(variables: &Variables) -> Result<Self, DatabaseError> {
        let config = SqliteConfig::from_variables(variables)?;
        Ok(Self::Sqlite(Box::new(config)))
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(config) => write!(
                f,
                "the PostgreSQL database {} on {}:{}",
                config.name, config.host, config.port
            ),
            Self::Sqlite(config) => match config.file() {
                Some(file) => write!(f, "the SQLite file {}", file.display()),
                None => f.write_str("a SQLite database in memory"),
            },
        }
    }
}

fn scheme(url: &str) -> String {
    let (scheme, _) = url.split_once(':').unwrap_or_default();
    scheme.to_ascii_lowercase()
}

fn is_local(host: &str) -> bool {
    let is_socket = host.starts_with('/');
    let is_loopback = host
        .parse::<IpAddr>()
        .is_ok_and(|address| address.to_canonical().is_loopback());
    is_socket || is_loopback || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests;
