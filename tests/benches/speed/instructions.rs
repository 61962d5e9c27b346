//! Instructions of one operation, in the process of the client: what nothing else on the machine
//! can disturb. `callgrind` counts them.

use std::{collections::BTreeMap, env, process::Command, sync::Arc};

use tokio::runtime::Builder;

use super::{
    figures::{Figures, beside, thousands},
    lineup::{OURS, RAW, REPOSITORY, SEAORM, library, title},
    load::{Length, Load, Side, turns},
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

/// At most so many rounds: each takes a minute, and they hardly differ.
const ROUNDS: usize = 3;

/// Of one operation, round by round.
#[derive(Default)]
pub(crate) struct Instructions(BTreeMap<(Side, &'static str), [Figures; OPERATIONS.len()]>);

impl Instructions {
    /// With how many times as many they are as ours on the same side.
    pub(crate) fn table(&self) -> String {
        let names = OPERATIONS.map(|operation| operation.name().to_owned());
        let mut table = Table::with_head([String::new(), String::new()].into_iter().chain(names));
        for (side, name) in CONTENDERS {
            let (Some(counts), Some(ours)) = (self.0.get(&(side, name)), self.0.get(&(side, OURS)))
            else {
                continue;
            };
            let cells = counts.iter().zip(ours).map(|(counts, ours)| {
                let median = thousands(counts.median());
                format!("{median}{}", beside(name == OURS, counts, ours))
            });
            let head = [side.to_string(), title(side, name)];
            table.row(head.into_iter().chain(cells));
        }
        table.markdown()
    }
}

/// `None` without `valgrind`.
pub(crate) fn run(stage: &Stage, options: &Options) -> Option<Instructions> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("\ninstructions: skipped, because there is no valgrind");
        return None;
    }
    let mut all = CONTENDERS.to_vec();
    all.retain(|(side, name)| options.has(*side, name));
    let mut instructions = Instructions::default();
    for round in 1..=options.long_rounds(false).min(ROUNDS) {
        for index in turns(round, all.len()) {
            let (side, name) = all[index];
            let figures = instructions.0.entry((side, name)).or_default();
            for (figures, operation) in figures.iter_mut().zip(OPERATIONS) {
                stage.reset(operation);
                let before = count(stage, side, name, operation, BEFORE);
                let after = count(stage, side, name, operation, BEFORE + TIMES);
                figures.add((after - before) / f64::from(u32::try_from(TIMES).unwrap()));
            }
        }
    }
    Some(instructions)
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
    let contender = CONTENDERS
        .into_iter()
        .find(|(of, known)| of.to_string() == side && *known == name);
    let (side, name) = contender.unwrap();
    let operation = OPERATIONS
        .into_iter()
        .find(|known| known.name() == operation);
    library(&runtime, side, name, url, 1).run(&Load {
        operation: operation.unwrap(),
        workers: 1,
        delayed: false,
        length: Length::Times(times.parse().unwrap()),
        seed: 1,
        versions: Arc::from([]),
    });
    true
}
