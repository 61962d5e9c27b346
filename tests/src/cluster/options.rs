//! How a cluster differs from the usual one.

use std::path::{Path, PathBuf};

/// What a server is started with. The default is made for speed: nothing is flushed to the disk,
/// because nothing in it outlives the tests.
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    /// Lines of `postgresql.conf`, name and value. They win over those of the harness.
    pub settings: Vec<(String, String)>,
    /// The whole of `pg_hba.conf`; without it everyone on this machine is let in.
    pub hba: Option<String>,
    /// Whether the server has a certificate; see [`ClusterOptions::tls`].
    pub tls: bool,
    /// An empty directory of the server's account that the write-ahead log is kept in; without
    /// it that is in the data directory.
    pub wal: Option<PathBuf>,
}

impl ClusterOptions {
    /// A server with a certificate for `localhost` and `127.0.0.1`, signed by an authority made
    /// for it ([`crate::Cluster::ca_certificate`]). It takes connections without TLS too, unless
    /// `hba` has `hostssl` lines only.
    pub fn tls() -> Self {
        Self {
            tls: true,
            ..Self::default()
        }
    }

    /// Adds one setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Keeps the write-ahead log elsewhere.
    #[must_use]
    pub fn wal_in(mut self, directory: &Path) -> Self {
        self.wal = Some(directory.to_owned());
        self
    }
}
