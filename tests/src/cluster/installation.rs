//! The directory of a cluster, and the programs that work in it.

use super::certificate;
use super::options::ClusterOptions;
use super::watchdog::Watchdog;
use crate::binaries::Binaries;
use crate::os_user::OsUser;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Speed first, room for many tests at once, and nothing that differs between machines. Commits
/// stay synchronous: without fsync they cost next to nothing, and what was committed has to be
/// there after [`super::StopMode::Immediate`].
const SETTINGS: &str = "
fsync = off
full_page_writes = off
max_connections = 300
shared_buffers = 128MB
listen_addresses = '127.0.0.1'
timezone = 'UTC'
log_timezone = 'UTC'
";

/// A data directory that `initdb` has made. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Installation {
    directory: PathBuf,
    binaries: Binaries,
    account: Option<OsUser>,
    watchdog: Watchdog,
}

impl Installation {
    pub(super) fn new(options: &ClusterOptions) -> Result<Self, String> {
        let binaries = Binaries::find()?;
        let account = OsUser::for_server()?;
        let directory = TempDir::with_prefix("test-postgres-").map_err(on("a directory"))?;
        let watchdog = Watchdog::start(directory.path()).map_err(on("a watchdog (sh)"))?;
        let mut installation = Self {
            directory: directory.keep(),
            binaries,
            account,
            watchdog,
        };
        installation
            .give(&installation.directory)
            .map_err(on("chown"))?;
        installation.let_account_reach_binaries()?;
        installation.initdb(options.wal.as_deref())?;
        installation.configure(options).map_err(on("settings"))?;
        Ok(installation)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.binaries.program(name)
    }

    /// One of PostgreSQL's programs, run by the right account, and in the watchdog's process
    /// group: an interrupt from the keyboard does not reach it, and the watchdog does.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.program(program));
        command
            .current_dir(&self.directory)
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        self.watchdog.guard(&mut command);
        if let Some(account) = self.account {
            account.lend_to(&mut command);
        }
        command
    }

    /// A download under root's home cannot be read by the account that root lends, so it is
    /// copied to where it can be.
    fn let_account_reach_binaries(&mut self) -> Result<(), String> {
        if self.account.is_none() || self.run("postgres", &["--version"]).is_ok() {
            return Ok(());
        }
        let copy = self.directory.join("postgresql");
        Command::new("cp")
            .arg("-RL")
            .args([self.binaries.home(), &copy])
            .status()
            .map_err(on("cp"))?;
        self.binaries = Binaries::new(copy.join("bin"));
        self.run("postgres", &["--version"])
    }

    fn initdb(&self, wal: Option<&Path>) -> Result<(), String> {
        const NOT_UTF8: &str = "the temporary path is not UTF-8";
        let data = self.data();
        let mut places = vec!["-D", data.to_str().ok_or(NOT_UTF8)?];
        if let Some(wal) = wal {
            places.extend(["--waldir", wal.to_str().ok_or(NOT_UTF8)?]);
        }
        let fixed = [
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
        ];
        self.run("initdb", &[&fixed[..], &places].concat())
    }

    fn configure(&self, options: &ClusterOptions) -> io::Result<()> {
        let conf = self.data().join("postgresql.conf");
        let mut text = fs::read_to_string(&conf)? + SETTINGS;
        setting(
            &mut text,
            "unix_socket_directories",
            &self.directory.display().to_string(),
        );
        if options.tls {
            let certificate = certificate::Certificate::make(&self.directory)?;
            self.give(&certificate.key)?;
            self.give(&certificate.chain)?;
            setting(&mut text, "ssl", "on");
            setting(
                &mut text,
                "ssl_key_file",
                &certificate.key.display().to_string(),
            );
            setting(
                &mut text,
                "ssl_cert_file",
                &certificate.chain.display().to_string(),
            );
        }
        for (name, value) in &options.settings {
            setting(&mut text, name, value);
        }
        fs::write(conf, text)?;
        options
            .hba
            .iter()
            .try_for_each(|hba| fs::write(self.data().join("pg_hba.conf"), hba))
    }

    fn give(&self, path: &Path) -> io::Result<()> {
        self.account.map_or(Ok(()), |account| account.own(path))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let mut command = self.command(program);
        let output = command.args(arguments).output().map_err(on(program))?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!(
            "{command:?} failed ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        ))
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        self.watchdog.finish();
    }
}

fn setting(text: &mut String, name: &str, value: &str) {
    let value = value.replace('\\', "\\\\").replace('\'', "''");
    let written = writeln!(text, "{name} = '{value}'");
    debug_assert!(written.is_ok(), "a string takes everything");
}

fn on(what: &str) -> impl Fn(io::Error) -> String {
    move |error| format!("the test cluster needs {what}: {error}")
}
