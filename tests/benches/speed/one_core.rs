//! Everything on one processor core.
//!
//! A single worker and its server take turns: one of them always waits. Whether the kernel wakes
//! them up on one core or on two then decides more than what they do, and it changes its mind
//! every few seconds.

use std::{fs, process::Command};

use tests::Cluster;

/// How often it is tried.
const ATTEMPTS: usize = 20;

/// This process and the server, with what they start, on one core for as long as this lives.
pub(crate) struct OneCore([Process; 2]);

struct Process {
    id: String,
    /// The cores that it had before.
    cores: String,
}

impl OneCore {
    /// `None` where there is no `taskset`.
    pub(crate) fn take(cluster: &Cluster) -> Option<Self> {
        if !Self::exists() {
            return None;
        }
        let server = fs::read_to_string(cluster.data_dir().join("postmaster.pid")).unwrap();
        let server = server.lines().next().unwrap().to_owned();
        let processes = [std::process::id().to_string(), server];
        let processes = processes.map(|id| Process {
            cores: cores(&id).unwrap(),
            id,
        });
        for process in &processes {
            let first = process.cores.split([',', '-']).next().unwrap();
            process.put_on(first);
        }
        Some(Self(processes))
    }

    /// Whether it can be had.
    pub(crate) fn exists() -> bool {
        cores(&std::process::id().to_string()).is_some()
    }
}

impl Process {
    /// All its threads. Once more when one of them ends just then, which `taskset` fails for.
    fn put_on(&self, cores: &str) {
        let put = || said(&["--all-tasks", "--cpu-list", "--pid", cores, &self.id]);
        let done = (0..ATTEMPTS).any(|_| put().is_some());
        assert!(done, "taskset puts nothing on {cores}");
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        for process in &self.0 {
            process.put_on(&process.cores);
        }
    }
}

/// Such as `0-3,8`.
fn cores(id: &str) -> Option<String> {
    let said = said(&["--cpu-list", "--pid", id])?;
    Some(said.rsplit_once(": ")?.1.trim().to_owned())
}

fn said(arguments: &[&str]) -> Option<String> {
    let output = Command::new("taskset").args(arguments).output().ok()?;
    let is_done = output.status.success();
    is_done.then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
