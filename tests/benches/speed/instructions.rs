//! Instructions of one operation, in the process of the client: what nothing else on the machine
//! can disturb. `callgrind` counts them.

use std::{env, process::Command, sync::Arc};

use tokio::runtime::Builder;

use super::{
    figures::thousands,
    lineup::{OURS, RAW, REPOSITORY, SEAORM, libraries, title},
    load::{Length, Load, Side},
    operation::Operation,
    options::Options,
    stage::Stage,
    table::Table,
};

/// Tells a child of this program what to do, and how often.
const VARIABLE: &str = "SPEED_INSTRUCTIONS";

/// How often it is done at first, with which all is set up, and how much more often then.
const BEFORE: u64 = 100;
const TIMES: u64 = 400;

const OPERATIONS: [Operation; 2] = [Operation::Read, Operation::Transfer];

const CONTENDERS: [(Side, &str); 7] = [
    (Side::Async, OURS),
    (Side::Async, REPOSITORY),
    (Side::Async, SEAORM),
    (Side::Async, RAW),
    (Side::Sync, OURS),
    (Side::Sync, REPOSITORY),
    (Side::Sync, RAW),
];

pub(crate) struct Instructions(String);

impl Instructions {
    pub(crate) fn table(&self) -> &str {
        &self.0
    }
}

/// `None` without `valgrind`.
pub(crate) fn run(stage: &Stage, options: &Options) -> Option<Instructions> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("\ninstructions: skipped, because there is no valgrind");
        return None;
    }
    let names = OPERATIONS.map(|operation| operation.name().to_owned());
    let mut table = Table::with_head([String::new(), String::new()].into_iter().chain(names));
    for (side, name) in CONTENDERS {
        if !options.has(side, name) {
            continue;
        }
        let counts = OPERATIONS.map(|operation| {
            stage.reset(operation);
            let before = count(stage, side, name, operation, BEFORE);
            let after = count(stage, side, name, operation, BEFORE + TIMES);
            thousands((after - before) / f64::from(u32::try_from(TIMES).unwrap()))
        });
        let head = [side.to_string(), title(side, name)];
        table.row(head.into_iter().chain(counts));
    }
    Some(Instructions(table.markdown()))
}

/// All instructions of a child that does this so often.
fn count(stage: &Stage, side: Side, name: &str, operation: Operation, times: u64) -> f64 {
    let task = [
        side.to_string(),
        name.to_owned(),
        operation.name().to_owned(),
        times.to_string(),
        stage.url(),
    ];
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .env(VARIABLE, task.join("\t"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the child has failed: {said}");
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    collected.unwrap().1.trim().parse().unwrap()
}

/// Whether this process is such a child. Does its work then.
pub(crate) fn is_asked_for() -> bool {
    let Ok(task) = env::var(VARIABLE) else {
        return false;
    };
    let task: Vec<_> = task.split('\t').collect();
    let [side, name, operation, times, url] = task[..] else {
        panic!("{VARIABLE} has not five parts");
    };
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let all = libraries(&runtime, url, 1);
    let runner = all
        .iter()
        .find(|runner| runner.side().to_string() == side && runner.name() == name);
    let operation = OPERATIONS
        .into_iter()
        .find(|known| known.name() == operation);
    runner.unwrap().run(&Load {
        operation: operation.unwrap(),
        workers: 1,
        length: Length::Times(times.parse().unwrap()),
        seed: 1,
        versions: Arc::from([]),
    });
    true
}
