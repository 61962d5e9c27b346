//! How a PostgreSQL database is reached.

mod url;
mod variables;

use std::{path::PathBuf, time::Duration};

use ports::{DatabaseError, Isolation};
use sea_orm::sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use secrecy::{ExposeSecret, SecretString};

use crate::seaorm::SessionSettings;

/// How to reach a PostgreSQL database, and how sessions on it behave.
///
/// `Debug` does not show the password.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    /// A host name, an address, or the directory of a Unix socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database's name.
    pub name: String,
    /// The role to log in as.
    pub username: String,
    /// Its password, with any characters in it.
    pub password: Option<SecretString>,
    /// Whether to encrypt, and whom to trust.
    pub ssl_mode: SslMode,
    /// A PEM file of the authorities that may have signed the server's certificate.
    pub ssl_root_cert: Option<PathBuf>,
    /// The longest time a statement may run.
    pub statement_timeout: Option<Duration>,
    /// The longest time a statement may wait for a lock.
    pub lock_timeout: Option<Duration>,
    /// How often the server looks, while it works on a statement, whether the client is
    /// still there: one that has given up has its statement cancelled. PostgreSQL 14.
    pub connection_check_interval: Option<Duration>,
    /// The longest time the server keeps a transaction open in which nothing happens.
    pub idle_in_transaction_timeout: Option<Duration>,
    /// The isolation level of units of work that do not ask for another.
    pub isolation_level: Option<Isolation>,
    /// Prepared statements kept for each connection.
    pub statement_cache_size: usize,
    /// What `pg_stat_activity` shows.
    pub application_name: String,
    /// The schemas in which names are looked up.
    pub search_path: Option<String>,
    /// Pool, log and retries.
    pub session: SessionSettings,
}

impl PostgresConfig {
    /// The configuration of the process: environment, over `.env`.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] with the variable that is wrong, its value when
    /// that is no secret, and what is allowed.
    pub fn from_env() -> Result<Self, DatabaseError> {
        Self::from_variables(&crate::config::Variables::of_process("DATABASE")?)
    }

    /// A URL with everything else at its default.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`]; the URL itself, which may hold a password, is
    /// not repeated in it.
    pub fn from_url(url: &str) -> Result<Self, DatabaseError> {
        let variables = crate::config::Variables::of("DATABASE", [("DATABASE_URL", url)])?;
        Self::from_variables(&variables)
    }

    /// What sqlx needs to open a connection.
    ///
    /// The driver begins with `PGPASSWORD`, `PGSSLROOTCERT` and their like, which may be
    /// meant for another server: each is replaced here, if only by nothing. `PGOPTIONS` is
    /// the exception; the driver can not be made to forget it.
    pub(super) fn connect_options(&self) -> PgConnectOptions {
        let password = self.password.as_ref().map(ExposeSecret::expose_secret);
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.name)
            .username(&self.username)
            .application_name(&self.application_name)
            .statement_cache_capacity(self.statement_cache_size)
            .ssl_mode(self.ssl_mode.for_driver(self.ssl_root_cert.is_some()))
            .password(password.unwrap_or_default())
            .options(self.startup_settings())
            .disable_statement_logging();
        match &self.ssl_root_cert {
            Some(path) => options.ssl_root_cert(path),
            None => options.ssl_root_cert_from_pem(Vec::new()),
        }
    }

    /// Settings that the server applies while the connection is opened: no round trip.
    fn startup_settings(&self) -> Vec<(&'static str, String)> {
        let isolation = self
            .isolation_level
            .map(|level| level.as_sql().to_lowercase());
        [
            ("statement_timeout", self.statement_timeout.map(millis)),
            ("lock_timeout", self.lock_timeout.map(millis)),
            (
                "idle_in_transaction_session_timeout",
                self.idle_in_transaction_timeout.map(millis),
            ),
            ("default_transaction_isolation", isolation),
            ("search_path", self.search_path.clone()),
            (
                "client_connection_check_interval",
                self.connection_check_interval.map(millis),
            ),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// A time as the server takes it. 0 switches a limit off; less than a millisecond is not 0.
fn millis(time: Duration) -> String {
    let millis = time.as_nanos().div_ceil(1_000_000);
    millis.min(i32::MAX as u128).to_string()
}

/// Whether the connection is encrypted, and whom it trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SslMode {
    /// Never encrypted.
    Disable,
    /// Encrypted if the server can; trusts anybody. A man in the middle can switch it off.
    #[default]
    Prefer,
    /// Always encrypted; trusts anybody, unless there is a root certificate: then as
    /// `VerifyCa`.
    Require,
    /// Always encrypted; the certificate must be signed by a known authority.
    VerifyCa,
    /// As `VerifyCa`, and it must be the certificate of this host.
    VerifyFull,
}

impl SslMode {
    const WORDS: [(&'static str, Self); 5] = [
        ("disable", Self::Disable),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];

    /// The driver's word for it. As with libpq, a root certificate turns `require` into
    /// `verify-ca`; the driver by itself would not look at the certificate.
    const fn for_driver(self, has_root: bool) -> PgSslMode {
        match self {
            Self::Disable => PgSslMode::Disable,
            Self::Prefer => PgSslMode::Prefer,
            Self::Require if has_root => PgSslMode::VerifyCa,
            Self::Require => PgSslMode::Require,
            Self::VerifyCa => PgSslMode::VerifyCa,
            Self::VerifyFull => PgSslMode::VerifyFull,
        }
    }
}
