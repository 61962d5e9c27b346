//! A PostgreSQL server that belongs to the test process, and goes away with it.

mod certificate;
mod installation;
mod options;
mod postmaster;
mod watchdog;

pub use options::ClusterOptions;
pub use postmaster::StopMode;

use installation::Installation;
use postmaster::{Postmaster, StartError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

/// Below the ports that systems hand out to outgoing connections, so that the port of a stopped
/// server is still free when it starts again.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// How often a taken port is put up with.
const ATTEMPTS: usize = 50;

/// A server with a data directory of its own, on 127.0.0.1. The superuser is `postgres`, without
/// a password. Dropping it stops the server and removes the directory; so does a watchdog when
/// the process ends in any other way.
///
/// Every method blocks its thread: a server starts in about a second the first time, and in a
/// tenth of that later.
#[derive(Debug)]
pub struct Cluster {
    // Fields are dropped in this order: the server ends before its directory goes.
    postmaster: Mutex<Option<Postmaster>>,
    installation: Installation,
    port: u16,
}

impl Cluster {
    /// Makes and starts a server; the panic shows the end of the server's log.
    pub fn start(options: &ClusterOptions) -> Self {
        Self::try_start(options).unwrap_or_else(|reason| panic!("{reason}"))
    }

    pub(crate) fn try_start(options: &ClusterOptions) -> Result<Self, String> {
        let installation = Installation::new(options)?;
        let (port, postmaster) = on_a_free_port(&installation)?;
        Ok(Self {
            postmaster: Mutex::new(Some(postmaster)),
            installation,
            port,
        })
    }

    /// Stops the server and keeps its data. Nothing happens when it is stopped already.
    pub fn stop(&self, mode: StopMode) {
        if let Some(postmaster) = self.postmaster().take() {
            postmaster.stop(mode);
        }
    }

    /// Starts a stopped server, on the same port. Nothing happens when it is running.
    pub fn start_again(&self) {
        let mut postmaster = self.postmaster();
        if postmaster.is_none() {
            *postmaster = Some(self.on_its_port());
        }
    }

    /// Stops and starts: every session is lost, and after [`StopMode::Immediate`] the server
    /// recovers from its log as after a crash.
    pub fn restart(&self, mode: StopMode) {
        self.stop(mode);
        self.start_again();
    }

    /// Waits for a server that has crashed by itself while it recovers, and starts it when it has
    /// given that up and ended. Answers whether it had.
    pub fn recover(&self) -> bool {
        let mut postmaster = self.postmaster();
        let is_gone = postmaster
            .as_mut()
            .is_none_or(|server| server.has_given_up(&self.log()));
        if is_gone {
            *postmaster = None;
            *postmaster = Some(self.on_its_port());
        }
        is_gone
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1; it stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// PostgreSQL's data directory; `postgresql.conf` and `pg_hba.conf` are in it.
    pub fn data_dir(&self) -> PathBuf {
        self.installation.data()
    }

    /// The directory that everything of this server is in, the unix socket too.
    pub fn directory(&self) -> &Path {
        self.installation.directory()
    }

    /// What the server has said since it was started last.
    pub fn log(&self) -> PathBuf {
        self.installation.log()
    }

    /// One of PostgreSQL's programs, from where the server's are; else what the PATH has under
    /// this name, if anything.
    pub fn program(&self, name: &str) -> PathBuf {
        let program = self.installation.program(name);
        if program.is_file() {
            program
        } else {
            name.into()
        }
    }

    /// The certificate to trust, in PEM, when the server was made with [`ClusterOptions::tls`].
    pub fn ca_certificate(&self) -> PathBuf {
        let path = certificate::authority(self.directory());
        assert!(path.is_file(), "this cluster was started without TLS");
        path
    }

    fn on_its_port(&self) -> Postmaster {
        for _ in 0..ATTEMPTS {
            match Postmaster::start(&self.installation, self.port) {
                Ok(postmaster) => return postmaster,
                Err(StartError::PortTaken) => sleep(Duration::from_millis(100)),
                Err(StartError::Failed(reason)) => panic!("{reason}"),
            }
        }
        panic!("another process has taken port {}", self.port)
    }

    /// A test that failed while it held the lock is no reason for the next one to fail.
    fn postmaster(&self) -> MutexGuard<'_, Option<Postmaster>> {
        self.postmaster
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server itself finds out whether a port is free: asking first would leave a moment in which
/// another process can take it.
fn on_a_free_port(installation: &Installation) -> Result<(u16, Postmaster), String> {
    for _ in 0..ATTEMPTS {
        let port = fastrand::u16(PORTS);
        match Postmaster::start(installation, port) {
            Ok(postmaster) => return Ok((port, postmaster)),
            Err(StartError::PortTaken) => {}
            Err(StartError::Failed(reason)) => return Err(reason),
        }
    }
    Err(format!("{ATTEMPTS} ports were tried and all are taken"))
}
