//! A directory to run the program in, with nothing of the caller's environment.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) struct Place(TempDir);

/// A service that runs, and is stopped at the latest when the test ends.
pub(crate) struct Service {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) greeting: String,
    pub(crate) addr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::with_prefix("test-process-").unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs(settings.iter().copied());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
        self.command(arguments, settings).output().unwrap()
    }

    /// Starts the service on a free port, and waits until it listens.
    pub(crate) fn serve(&self, settings: &[(&str, &str)]) -> Service {
        let usual = [
            ("HTTP_ADDR", "127.0.0.1:0"),
            ("LOG", "error"),
            ("HTTP_SHUTDOWN_DELAY", "0"),
        ];
        let settings = [&usual, settings].concat();
        let mut command = self.command(&[], &settings);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        let addr = loop {
            assert_ne!(stdout.read_line(&mut greeting).unwrap(), 0, "{greeting}");
            let listening = greeting.split_once("Listening on http://");
            if let Some((_, rest)) = listening {
                break rest.split(' ').next().unwrap().to_owned();
            }
        };
        Service {
            child,
            stdout,
            greeting,
            addr,
        }
    }
}

impl Service {
    /// Asks until the answer begins with this status.
    pub(crate) fn wait_for(&self, path: &str, status: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let answer = self.get(path);
            if answer.starts_with(&format!("HTTP/1.1 {status}")) {
                return;
            }
            assert!(Instant::now() < deadline, "{answer}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// GET, over a connection of its own; the answer as it is.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to stop, and answers its exit code.
    pub(crate) fn stop(&mut self, signal: Signal) -> Option<i32> {
        self.send(signal);
        self.ended()
    }

    pub(crate) fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Its exit code, once it has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.stdout.read_to_string(&mut self.greeting).unwrap();
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself, as it should.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}
