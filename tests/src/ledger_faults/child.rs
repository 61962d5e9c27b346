//! A command that ends in time, or is ended.

use std::{
    fs, io,
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;

/// Kills its process group when its input ends, which it does with the suite, however that ends.
const GUARD: &str = "trap '' HUP INT QUIT TERM; while read -r _; do :; done; kill -KILL 0";

/// A command that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How; nothing when it took too long, and was killed with all that it had started.
    pub status: Option<ExitStatus>,
    /// What it has said, errors too.
    pub output: String,
    /// How long it took.
    pub took: Duration,
}

/// Runs a command that may take so long. What it leaves behind in its process group is killed.
///
/// # Errors
///
/// When it can not be started.
pub fn run(command: &mut Command, longest: Duration) -> io::Result<Ended> {
    let begun = Instant::now();
    // A file, and no pipe, which somebody who outlives the command might keep open.
    let output = NamedTempFile::with_prefix("test-faults-")?;
    let guard = Guard::start()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output.as_file().try_clone()?)
        .stderr(output.as_file().try_clone()?)
        .process_group(guard.0.id().cast_signed())
        .spawn()?;
    let status = loop {
        let status = child.try_wait()?;
        if status.is_some() || begun.elapsed() > longest {
            break status;
        }
        sleep(Duration::from_millis(20));
    };
    let took = begun.elapsed();
    drop(guard);
    child.wait()?;
    let output = fs::read(output.path())?;
    Ok(Ended {
        status,
        output: String::from_utf8_lossy(&output).into_owned(),
        took,
    })
}

/// A shell that leads a process group, which ends with this value.
struct Guard(Child);

impl Guard {
    fn start() -> io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", GUARD]).current_dir("/");
        let shell = shell.stdin(Stdio::piped()).process_group(0);
        shell.spawn().map(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}
