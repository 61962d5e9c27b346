//! The blocking side, in a process of its own, so that it can be weighed like a service.

mod wire;
mod worker;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, ExitStatus},
    sync::{
        Arc, Mutex,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use super::{
    book::{Fate, Order, lock},
    log::Log,
    service::Launch,
};
use wire::{Asked, Call, Said};

pub(super) use wire::{ACCOUNTS, Places};
pub(super) use worker::serve;

/// How many of them work at a time, and the most connections that they have together.
pub(super) const THREADS: usize = 4;

/// What their process and its sessions call themselves.
pub(super) const NAME: &str = "threads";

/// No call may take longer, whatever happens to the network.
pub(super) const LONGEST: Duration = Duration::from_secs(12);

/// After which a call has no answer.
const GIVEN_UP: Duration = Duration::from_secs(4 * LONGEST.as_secs());

/// A process that makes transfers on threads of its own, one for each caller. It ends with this
/// value, and when its input does.
pub(super) struct Threads {
    child: Mutex<Child>,
    stdin: Mutex<ChildStdin>,
    callers: Arc<Mutex<Callers>>,
    pub(super) log: Log,
}

/// Who waits for the answer to which call.
#[derive(Default)]
struct Callers {
    calls: u64,
    waiting: BTreeMap<u64, Sender<Said>>,
    are_alone: bool,
}

impl Threads {
    /// Starts the process, and returns when it takes calls.
    pub(super) fn start(
        launch: &Launch,
        url: &str,
        accounts: &[String],
        directory: PathBuf,
    ) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        let log = directory.join("log");
        let settings = [
            (ACCOUNTS.to_owned(), accounts.join(",")),
            ("DATABASE_URL".to_owned(), url.to_owned()),
        ];
        let mut command = launch.command(&[], &settings);
        let command = command.current_dir(&directory).stderr(File::create(&log)?);
        let mut child = command.spawn()?;
        let stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let callers = Arc::new(Mutex::new(Callers::default()));
        let shared = Arc::clone(&callers);
        thread::spawn(move || deliver(stdout, &shared));
        let threads = Self {
            child: Mutex::new(child),
            stdin: Mutex::new(stdin),
            callers,
            log: Log::at(log),
        };
        threads.pool().map_err(io::Error::other)?;
        Ok(threads)
    }

    /// How many connections there are.
    pub(super) fn pool(&self) -> Result<Places, String> {
        match self.ask(Call::Pool)? {
            Said::Pool(places) => Ok(places),
            other => Err(format!("{other:?}")),
        }
    }

    /// Moves money; `nested` has the service's unit of work be one within another, which is
    /// the blocking side's own. The error is a finding.
    pub(super) fn pay(&self, order: &Order, nested: bool) -> Result<Fate, String> {
        let order = order.clone();
        match self.ask(Call::Pay { order, nested })? {
            Said::Fate(fate) => Ok(fate),
            other => Err(format!("a thread was answered {other:?}")),
        }
    }

    /// Reads something, in a statement of its own. Answers whether the database was there; the
    /// error is a finding.
    pub(super) fn read(&self) -> Result<bool, String> {
        match self.ask(Call::Read)? {
            Said::Read(was_there) => Ok(was_there),
            other => Err(format!("a read was answered {other:?}")),
        }
    }

    pub(super) fn pid(&self) -> u32 {
        lock(&self.child).id()
    }

    /// Whether the process has ended, although nobody had asked it to.
    pub(super) fn ended(&self) -> Option<ExitStatus> {
        lock(&self.child).try_wait().ok().flatten()
    }

    /// Blocks its thread until the answer is there, or is not to be expected any more.
    fn ask(&self, call: Call) -> Result<Said, String> {
        const GONE: &str = "the process of the threads is gone";
        let (sender, answer) = mpsc::channel();
        let number = {
            let mut callers = lock(&self.callers);
            if callers.are_alone {
                return Err(GONE.to_owned());
            }
            callers.calls += 1;
            let number = callers.calls;
            callers.waiting.insert(number, sender);
            number
        };
        let asked = Asked { number, call };
        let line = serde_json::to_string(&asked).map_err(|error| error.to_string())?;
        let written = writeln!(lock(&self.stdin), "{line}");
        written.map_err(|error| format!("{GONE}: {error}"))?;
        answer.recv_timeout(GIVEN_UP).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("{asked:?} was not answered within {GIVEN_UP:?}"),
            RecvTimeoutError::Disconnected => GONE.to_owned(),
        })
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        // It may have ended by itself.
        drop(child.kill());
        drop(child.wait());
    }
}

/// Gives each answer to whoever waits for it. What else is in the output is not about them.
fn deliver(stdout: ChildStdout, callers: &Mutex<Callers>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Ok(wire::Answered { number, said }) = serde_json::from_str(&line) {
            let caller = lock(callers).waiting.remove(&number);
            // Whoever does not wait any more has no use for it.
            drop(caller.map(|caller| caller.send(said)));
        }
    }
    let mut callers = lock(callers);
    callers.are_alone = true;
    callers.waiting.clear();
}
