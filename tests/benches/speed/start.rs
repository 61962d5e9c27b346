//! The time from the start of a process to its first answer over HTTP.

mod process;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Read as _},
    path::Path,
    process::ExitCode,
    thread,
};

use app::{
    cli::{Cli, Failure},
    config::Config,
    telemetry,
};
use process::first_answer;
use rustix::process::{Signal, getpid, kill_process};
use tempfile::TempDir;

use super::{
    figures::Figures,
    options::Options,
    stage::{Stage, execute},
    table::Table,
};
// sample: begin
use super::ledger_http::{self, Kind};
// sample: end

/// Tells a child of this program to be the service.
const VARIABLE: &str = "SPEED_SERVICE";

const DATABASE: &str = "speed_start";

pub(crate) fn is_asked_for() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// The service, as its own program runs it. It ends when its standard input does.
pub(crate) fn serve() -> ExitCode {
    thread::spawn(|| {
        drop(io::stdin().read_to_end(&mut Vec::new()));
        kill_process(getpid(), Signal::TERM).unwrap();
    });
    let serve = || {
        let config = Config::from_env()?;
        let telemetry = telemetry::start(&config.log);
        let ended = Cli::of_process().run(&config);
        telemetry.end();
        ended
    };
    serve().unwrap_or_else(Failure::report)
}

/// Who is started, and what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Start {
    NewFile,
    File,
    NewDatabase,
    Database,
    // sample: begin
    Bare,
    // sample: end
}

/// The service's, in the order of a round: each makes what the next one finds.
const SERVICE: [(Start, &str); 4] = [
    (Start::NewFile, "SQLite, a new file"),
    (Start::File, "SQLite, a file with the schema"),
    (Start::NewDatabase, "PostgreSQL, an empty database"),
    (Start::Database, "PostgreSQL, a database with the schema"),
];

/// Milliseconds.
#[derive(Default)]
pub(crate) struct Starts(BTreeMap<Start, Figures>);

pub(crate) fn run(stage: &Stage, options: &Options) -> Starts {
    let directory = TempDir::new_in(stage.cluster().directory()).unwrap();
    // The first round reads the program from the disk, and does not count.
    Starts::default().round(stage, directory.path());
    let mut starts = Starts::default();
    for _ in 0..options.rounds(false) {
        starts.round(stage, directory.path());
    }
    let drop = format!("DROP DATABASE {DATABASE} WITH (FORCE)");
    execute(&stage.cluster().url("postgres"), &[&drop]);
    starts
}

impl Starts {
    fn round(&mut self, stage: &Stage, directory: &Path) {
        for file in directory.read_dir().unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        let again = [
            &format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")[..],
            &format!("CREATE DATABASE {DATABASE}"),
        ];
        execute(&stage.cluster().url("postgres"), &again);
        let order = SERVICE.map(|(start, _)| start);
        // sample: begin
        let order = with_bare(order);
        // sample: end
        for start in order {
            let variables = start.variables(stage, directory);
            let time = first_answer(&variables, directory);
            let figures = self.0.entry(start).or_default();
            figures.add(time.as_secs_f64() * 1e3);
        }
    }

    /// The service's times.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new(["the service on", "first answer after"]);
        for (start, name) in SERVICE {
            table.row([name.to_owned(), millis(&self.0[&start])]);
        }
        table.markdown()
    }

    // sample: begin
    /// The service next to bare axum.
    pub(crate) fn compared(&self) -> String {
        let [ours, bare] = [Start::Database, Start::Bare].map(|start| &self.0[&start]);
        let mut table = Table::new(["the service", "bare axum", "the service: times as fast"]);
        table.row([millis(ours), millis(bare), bare.against(ours).to_string()]);
        table.markdown()
    }
    // sample: end
}

// sample: begin
/// Bare axum next to the service on the same database: before it or after it, as chance has it.
fn with_bare(order: [Start; 4]) -> [Start; 5] {
    let [new_file, file, new_database, database] = order;
    let [next, last] = if fastrand::bool() {
        [database, Start::Bare]
    } else {
        [Start::Bare, database]
    };
    [new_file, file, new_database, next, last]
}
// sample: end

impl Start {
    fn variables(self, stage: &Stage, directory: &Path) -> Vec<(&'static str, String)> {
        let url = match self {
            Self::NewFile | Self::File => {
                format!("sqlite://{}?mode=rwc", directory.join("data.db").display())
            }
            _ => stage.cluster().url(DATABASE),
        };
        // sample: begin
        if self == Self::Bare {
            return vec![ledger_http::task(Kind::Bare, &url)];
        }
        // sample: end
        vec![
            (VARIABLE, "1".to_owned()),
            ("DATABASE_URL", url),
            ("LOG", "error".to_owned()),
            ("HTTP_SHUTDOWN_DELAY", "0s".to_owned()),
        ]
    }
}

fn millis(figures: &Figures) -> String {
    let (low, high) = (figures.lowest(), figures.highest());
    format!("{:.0} ms ({low:.0} to {high:.0})", figures.median())
}
