//! A process of the service.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Mutex, MutexGuard,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    book::lock,
    clock::Offset,
    log::Log,
    program::{ARGUMENTS, CLOCK},
};

/// How soon a service listens, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// What its log is called in its directory.
const LOG: &str = "log";

/// How this program is started once more, so that it calls
/// [`run_if_asked`](super::run_if_asked).
#[derive(Clone, Debug)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
}

impl Launch {
    /// This very program, with these arguments.
    ///
    /// # Errors
    ///
    /// When the system does not say where it is.
    pub fn this_program(arguments: &[&str]) -> io::Result<Self> {
        Ok(Self {
            program: env::current_exe()?,
            arguments: arguments.iter().map(ToString::to_string).collect(),
        })
    }

    /// The service with these arguments, in an environment that has these settings alone.
    pub(super) fn command(&self, arguments: &[&str], settings: &[(String, String)]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .env(ARGUMENTS, arguments.join("\n") + "\n")
            .envs(settings.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }
}

/// A service that serves until it is dropped or killed, and can be started again.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: String,
    launch: Launch,
    settings: Vec<(String, String)>,
    directory: PathBuf,
    pub(super) log: Log,
    clock: Offset,
    running: Mutex<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    addr: SocketAddr,
    /// What ends the process when it is closed.
    _stdin: Option<ChildStdin>,
}

impl Service {
    /// Starts a service, and returns when it listens.
    pub(super) fn start(
        name: &str,
        launch: &Launch,
        mut settings: Vec<(String, String)>,
        directory: PathBuf,
    ) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        let clock = Offset::in_file(directory.join("clock"))?;
        let path = clock.path().display().to_string();
        settings.push((CLOCK.to_owned(), path));
        settings.push(("DATABASE_APPLICATION_NAME".to_owned(), name.to_owned()));
        let running = Mutex::new(spawn(launch, &settings, &directory)?);
        Ok(Self {
            name: name.to_owned(),
            launch: launch.clone(),
            settings,
            log: Log::at(directory.join(LOG)),
            directory,
            clock,
            running,
        })
    }

    /// Where it listens; another port after each start.
    pub(super) fn addr(&self) -> SocketAddr {
        self.running().addr
    }

    pub(super) fn pid(&self) -> u32 {
        self.running().child.id()
    }

    /// SIGKILL.
    pub(super) fn kill(&self) -> io::Result<()> {
        let mut running = self.running();
        running.child.kill()?;
        running.child.wait().map(drop)
    }

    pub(super) fn start_again(&self) -> io::Result<()> {
        let started = spawn(&self.launch, &self.settings, &self.directory)?;
        *self.running() = started;
        Ok(())
    }

    /// Whether it has ended, although nobody had asked it to.
    pub(super) fn ended(&self) -> Option<ExitStatus> {
        self.running().child.try_wait().ok().flatten()
    }

    /// Has its clock be wrong by so much.
    pub(super) fn move_clock(&self, seconds: i64) -> io::Result<()> {
        self.clock.set(seconds)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        lock(&self.running)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.kill());
    }
}

/// Its log goes on where that of the process before has ended.
fn spawn(
    launch: &Launch,
    settings: &[(String, String)],
    directory: &PathBuf,
) -> io::Result<Running> {
    let log: File = OpenOptions::new()
        .create(true)
        .append(true)
        .open(directory.join(LOG))?;
    let mut command = launch.command(&["serve"], settings);
    let mut child = command.current_dir(directory).stderr(log).spawn()?;
    let stdin = child.stdin.take();
    let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let addr = match greeting(&lines(stdout)) {
        Ok(addr) => addr,
        Err(error) => {
            drop(child.kill());
            drop(child.wait());
            return Err(error);
        }
    };
    Ok(Running {
        child,
        addr,
        _stdin: stdin,
    })
}

/// What a process says, to its end, so that it never waits to write.
fn lines(stdout: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let lines = BufReader::new(stdout).split(b'\n');
        for line in lines.map_while(Result::ok) {
            // Whoever knows where it listens has no use for the rest.
            drop(sender.send(String::from_utf8_lossy(&line).into_owned()));
        }
    });
    lines
}

/// Where it listens, as soon as it says so.
fn greeting(lines: &Receiver<String>) -> io::Result<SocketAddr> {
    let deadline = Instant::now() + PATIENCE;
    let mut said = String::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = lines
            .recv_timeout(left)
            .map_err(|error| io::Error::other(format!("no service: {error}: {said}")))?;
        if let Some((_, rest)) = line.split_once("Listening on http://") {
            let addr = rest.split(' ').next().unwrap_or_default();
            return addr.parse().map_err(io::Error::other);
        }
        said.extend([&line, "\n"]);
    }
}
