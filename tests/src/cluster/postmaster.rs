//! The server process.

use super::installation::Installation;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to start or to stop; recovery after a crash is part of starting.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a server is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// Waits until every session has ended by itself.
    Smart,
    /// Rolls back what is open and ends the sessions.
    Fast,
    /// Leaves everything as it is: a crash, as far as sessions and recovery are concerned.
    Immediate,
}

/// A server that was ready for sessions once. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Postmaster {
    process: Child,
}

pub(super) enum StartError {
    PortTaken,
    Failed(String),
}

impl Postmaster {
    /// Returns when the server takes sessions.
    pub(super) fn start(installation: &Installation, port: u16) -> Result<Self, StartError> {
        let log = installation.log();
        let process = spawn(installation, &log, port)
            .map_err(|error| StartError::Failed(format!("postgres does not start: {error}")))?;
        let mut postmaster = Self { process };
        let pid_file = installation.data().join("postmaster.pid");
        postmaster
            .wait_until_ready(&pid_file)
            .map_err(|reason| explained(&reason, &log))?;
        Ok(postmaster)
    }

    pub(super) fn stop(mut self, mode: StopMode) {
        self.signal(mode);
        assert!(
            self.has_ended_within(PATIENCE),
            "the server did not stop ({mode:?}) within {} s; is a session still open?",
            PATIENCE.as_secs()
        );
    }

    /// Waits for a server that recovers from a crash of its own, until it takes sessions again or
    /// has ended; answers whether it has ended. The file with its process id says `ready` all
    /// along, so what it logs has to tell.
    pub(super) fn has_given_up(&mut self, log: &Path) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while !self.has_ended() {
            if has_recovered(&fs::read_to_string(log).unwrap_or_default()) {
                return false;
            }
            assert!(
                Instant::now() < deadline,
                "the server did not recover within {} s",
                PATIENCE.as_secs()
            );
            sleep(Duration::from_millis(20));
        }
        true
    }

    fn wait_until_ready(&mut self, pid_file: &Path) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while !says_ready(pid_file, self.process.id()) {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("the server ended at once ({status})"));
            }
            if Instant::now() > deadline {
                return Err(format!("no server within {} s", PATIENCE.as_secs()));
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn signal(&mut self, mode: StopMode) {
        let signal = match mode {
            StopMode::Smart => Signal::TERM,
            StopMode::Fast => Signal::INT,
            StopMode::Immediate => Signal::QUIT,
        };
        if !self.has_ended() {
            // It may end by itself just now, and then there is nothing to stop.
            let _ = kill_process(Pid::from_child(&self.process), signal);
        }
    }

    fn has_ended_within(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while !self.has_ended() {
            if Instant::now() > deadline {
                return false;
            }
            sleep(Duration::from_millis(5));
        }
        true
    }

    fn has_ended(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        self.signal(StopMode::Immediate);
        if !self.has_ended_within(Duration::from_secs(10)) {
            drop(self.process.kill());
            drop(self.process.wait());
        }
    }
}

/// The log starts anew with each start, so that what it says is about this one.
fn spawn(installation: &Installation, log: &PathBuf, port: u16) -> io::Result<Child> {
    let log = File::create(log)?;
    installation
        .command("postgres")
        .arg("-D")
        .arg(installation.data())
        .args(["-p", &port.to_string()])
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log))
        .spawn()
}

/// The server keeps its process id in the first line of this file and its state in the eighth.
fn says_ready(pid_file: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let mut lines = text.lines();
    lines.next() == Some(&pid.to_string()) && lines.nth(6).map(str::trim) == Some("ready")
}

/// Whether it has taken sessions since it crashed last.
fn has_recovered(log: &str) -> bool {
    let since = log.rfind("PANIC: ").unwrap_or(0);
    log.get(since..)
        .is_some_and(|since| since.contains("ready to accept connections"))
}

fn explained(reason: &str, log: &Path) -> StartError {
    let log = fs::read_to_string(log).unwrap_or_default();
    if log.contains("Address already in use") || log.contains("could not create any TCP/IP") {
        return StartError::PortTaken;
    }
    let lines: Vec<&str> = log.lines().collect();
    let tail = lines.split_at(lines.len().saturating_sub(30)).1.join("\n");
    StartError::Failed(format!("{reason}. The end of its log:\n{tail}"))
}
