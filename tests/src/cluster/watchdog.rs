//! Cleaning up after a process that had no chance to do it.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Waits for the end of its input, which comes when the test process ends, however it ends. Then
/// it stops what is in its process group, the server first of all, and removes the directory.
/// A server that hangs is killed, and takes the shell with it, so that is the last line.
const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
while read -r _; do :; done
kill -QUIT 0
tries=0
while [ "$tries" -lt 500 ] && read -r pid <"$0/data/postmaster.pid" && kill -0 "$pid"; do
    sleep 0.02
    tries=$((tries + 1))
done
tries=0
while [ "$tries" -lt 50 ] && ! rm -rf "$0"; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -KILL 0
"#;

/// A shell in a process group of its own, which signals from the keyboard do not reach. It holds
/// neither the output of the tests nor their working directory.
#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    pub(super) fn start(directory: &Path) -> io::Result<Self> {
        let shell = Command::new("sh")
            .arg("-c")
            .arg(SCRIPT)
            .arg(directory)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { shell })
    }

    /// Puts the process that `command` starts into the group that ends with the tests.
    pub(super) fn guard(&self, command: &mut Command) {
        command.process_group(self.shell.id().cast_signed());
    }

    /// Cleans up now, and returns when nothing is left. The shell bounds the time.
    pub(super) fn finish(&mut self) {
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}
