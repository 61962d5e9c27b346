//! Nothing is left behind, however a test process ends.

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Read, Write, stdin, stdout};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tests::{Cluster, ClusterOptions, TestDatabase};

/// Tells the helpers below that they are in a process that is about to end.
const DOOMED: &str = "TEST_PROCESS_IS_DOOMED";

/// What a line of the doomed process begins with when the rest is its data directory.
const MARK: &str = "data directory: ";

#[test]
fn a_killed_test_process_leaves_nothing() {
    let mut doomed = Doomed::running("a_cluster_removes_itself");
    doomed.signal(Signal::KILL);
    doomed.leaves_nothing();
}

#[test]
fn an_interrupted_test_process_leaves_nothing() {
    let mut doomed = Doomed::running("a_cluster_removes_itself");
    doomed.signal(Signal::INT);
    doomed.leaves_nothing();
}

#[test]
fn a_test_process_that_ends_leaves_nothing() {
    let mut doomed = Doomed::running("the_shared_cluster_serves_until_the_process_ends");
    doomed.leaves_nothing();
}

/// In a doomed process it waits to be killed, at most as long as its parent lives.
#[test]
fn a_cluster_removes_itself() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let directory = cluster.directory().to_owned();
    assert!(cluster.data_dir().join("postmaster.pid").exists());
    if is_doomed() {
        tell(&cluster.data_dir());
        drop(stdin().read(&mut [0]));
    }
    drop(cluster);

    assert!(!directory.exists());
}

/// Nobody drops the shared cluster: it is there until the process has ended.
#[tokio::test]
async fn the_shared_cluster_serves_until_the_process_ends() {
    let database = TestDatabase::postgres().await;
    let name: String = database.scalar("SELECT current_database()::text").await;
    assert_eq!(name, database.name());
    if is_doomed() {
        let data: String = database.scalar("SHOW data_directory").await;
        tell(Path::new(&data));
    }
}

fn is_doomed() -> bool {
    env::var(DOOMED).is_ok()
}

/// Not with `println!`, which the test runner captures.
fn tell(data: &Path) {
    let line = format!("\n{MARK}{}\n", data.display());
    stdout().write_all(line.as_bytes()).unwrap();
}

/// This test binary, running one test in a process group like that of a terminal.
struct Doomed {
    process: Child,
    data: PathBuf,
    server: Option<Pid>,
    // Kept open: a process that cannot write does not end as it should.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Doomed {
    fn running(test: &str) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", &format!("harness::left_behind::{test}")])
            .env(DOOMED, "yes")
            .env_remove("TEST_DATABASE_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let data = output
            .by_ref()
            .find_map(|line| Some(PathBuf::from(line.ok()?.strip_prefix(MARK)?)))
            .expect("the doomed process says where its data is");
        let server = server_of(&data);
        Self {
            process,
            data,
            server,
            _output: output,
        }
    }

    /// To the whole group, as a terminal does it.
    fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.process), signal).unwrap();
    }

    fn leaves_nothing(&mut self) {
        self.process.wait().unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        let directory = self.data.parent().unwrap();
        while directory.exists() || self.server.is_some_and(is_alive) {
            assert!(Instant::now() < deadline, "{} is left", directory.display());
            sleep(Duration::from_millis(20));
        }
    }
}

/// `None` when it has ended already.
fn server_of(data: &Path) -> Option<Pid> {
    let file = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    Pid::from_raw(file.lines().next()?.parse().ok()?)
}

/// In a container nobody may be there to bury the dead, who then keep their ids.
fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(pid).is_ok() && !stat.contains(") Z ")
}
