//! A process of the service.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use super::{
    clock::Offset,
    program::{ARGUMENTS, CLOCK},
};

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

    /// What it has logged of panics.
    pub(super) fn panics(&self) -> Vec<String> {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let panics = log.lines().filter(|line| line.contains("panicked"));
        panics.map(str::to_owned).collect()
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
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
        .open(directory.join("log"))?;
    let mut command = launch.command(&["serve"], settings);
    let mut child = command.current_dir(directory).stderr(log).spawn()?;
    let stdin = child.stdin.take();
    let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut stdout = BufReader::new(stdout);
    let mut greeting = String::new();
    let addr = loop {
        if stdout.read_line(&mut greeting)? == 0 {
            drop(child.kill());
            drop(child.wait());
            return Err(io::Error::other(format!("no service: {greeting}")));
        }
        if let Some((_, rest)) = greeting.split_once("Listening on http://") {
            let addr = rest.split(' ').next().unwrap_or_default();
            break addr.parse().map_err(io::Error::other)?;
        }
    };
    // Read to its end, so that nobody ever waits to write.
    thread::spawn(move || drop(stdout.read_to_end(&mut Vec::new())));
    Ok(Running {
        child,
        addr,
        _stdin: stdin,
    })
}
