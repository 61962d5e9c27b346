//! The time from the start of a process to its first answer over HTTP.

use std::{
    env,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, ExitCode, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use app::{
    cli::{Cli, Failure},
    config::Config,
    telemetry,
};
use tempfile::TempDir;

use super::{
    figures::Figures,
    options::Options,
    stage::{Stage, execute},
    table::Table,
};

/// Tells a child of this program to be the service.
const VARIABLE: &str = "SPEED_SERVICE";

/// How long nobody waits any more.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn is_asked_for() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// The service, as its own program runs it.
pub(crate) fn serve() -> ExitCode {
    let serve = || {
        let config = Config::from_env()?;
        let telemetry = telemetry::start(&config.log);
        let ended = Cli::of_process().run(&config);
        telemetry.end();
        ended
    };
    serve().unwrap_or_else(Failure::report)
}

/// Milliseconds, by where the data are.
pub(crate) struct Starts(Vec<(&'static str, Figures)>);

pub(crate) fn run(stage: &Stage, options: &Options) -> Starts {
    let directory = TempDir::new().unwrap();
    let name = "speed_start";
    let postgres = stage.cluster().url(name);
    let again = [
        &format!("DROP DATABASE IF EXISTS {name}")[..],
        &format!("CREATE DATABASE {name}"),
    ];
    let sqlite = format!(
        "sqlite://{}?mode=rwc",
        directory.path().join("data.db").display()
    );
    let mut starts = Starts(Vec::new());
    let mut all = [
        ("SQLite, a new file", Figures::default()),
        ("SQLite, a file with the schema", Figures::default()),
        ("PostgreSQL, an empty database", Figures::default()),
        ("PostgreSQL, a database with the schema", Figures::default()),
    ];
    for _ in 0..options.long_rounds() {
        for file in directory.path().read_dir().unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        execute(&stage.cluster().url("postgres"), &again);
        for ((_, figures), url) in all.iter_mut().zip([&sqlite, &sqlite, &postgres, &postgres]) {
            figures.add(first_answer(url, &directory).as_secs_f64() * 1e3);
        }
    }
    starts.0.extend(all);
    starts
}

impl Starts {
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new(["the service on", "first answer after"]);
        for (name, figures) in &self.0 {
            let (low, high) = (figures.lowest(), figures.highest());
            let text = format!("{:.0} ms ({low:.0} to {high:.0})", figures.median());
            table.row([(*name).to_owned(), text]);
        }
        table.markdown()
    }
}

/// From before the process is started to when `/readyz` has said that the database is there.
fn first_answer(url: &str, directory: &TempDir) -> Duration {
    let addr = free_address();
    let begun = Instant::now();
    let child = Command::new(env::current_exe().unwrap())
        .env_clear()
        .env(VARIABLE, "1")
        .env("DATABASE_URL", url)
        .env("HTTP_ADDR", addr.to_string())
        .env("HTTP_SHUTDOWN_DELAY", "0s")
        .env("LOG", "error")
        .current_dir(directory.path())
        .stdout(Stdio::null())
        .spawn();
    let _child = Killed(child.unwrap());
    while !is_ready(addr) {
        assert!(
            begun.elapsed() < PATIENCE,
            "no answer from the service on {url}"
        );
        sleep(Duration::from_micros(200));
    }
    begun.elapsed()
}

fn is_ready(addr: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(addr) else {
        return false;
    };
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// A port that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
