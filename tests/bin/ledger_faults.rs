//! The whole of the fault suite, in one command.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::{error::Error, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use tests::ledger_faults::{
    Fault, Launch, Outcome, Part, Plan, Sizes, Tests, occasion, run, run_if_asked, soak, summary,
    write,
};

/// Breaks everything around a ledger, again and again, and looks afterwards whether it is whole;
/// then a steady load, histories that a model has to explain, cancellation, and fuzzing.
///
/// It starts a PostgreSQL and several processes of the service, all of its own, and runs tests of
/// the workspace by `cargo test`. Exit code 1: something was found that must not be.
#[derive(Debug, Parser)]
#[command(name = "faults", after_help = HELP)]
struct Arguments {
    /// Which part to run; may be given several times; without it, each
    #[arg(long, value_enum, value_name = "PART")]
    part: Vec<Part>,
    /// Rounds: for how long faults follow each other; each kind happens at least once
    #[arg(long, value_name = "N", default_value_t = 20)]
    minutes: u64,
    /// Soak: for how long there is a steady load without any; 0 leaves that out
    #[arg(long, value_name = "N", default_value_t = 5)]
    soak: u64,
    /// Histories: how many of each of sixteen kinds
    #[arg(long, value_name = "N", default_value_t = 800, value_parser = clap::value_parser!(u32).range(1..))]
    histories: u32,
    /// Fuzzing: how often each property is tried
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
    /// Histories, cancellation, fuzzing: how many minutes each may take; then it is killed, and
    /// that is a finding
    #[arg(long, value_name = "N", default_value_t = 30)]
    longest: u64,
    /// What is random comes from it, cancellation aside, which has nothing random; without it, it
    /// is random itself
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many processes serve
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=16))]
    services: u16,
    /// How many clients speak HTTP to them
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    clients: u16,
    /// Rounds: only faults in whose names this is; may be given several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// A Markdown file between whose `results` comments the results are put
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

const HELP: &str = "\
Examples:
  cargo run -p tests --bin faults
  cargo run -p tests --bin faults -- --minutes 2 --soak 1 --histories 100 --seed 7
  cargo run -p tests --bin faults -- --part rounds --only clock --only disk
  cargo run -p tests --bin faults -- --part histories --histories 5000
  cargo run -p tests --bin faults -- --write docs/faults.md";

fn main() -> ExitCode {
    if let Some(ended) = run_if_asked() {
        return ended;
    }
    match carry_out(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Answers whether nothing was found.
fn carry_out(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    if arguments.soak == 0 && arguments.part.contains(&Part::Soak) {
        return Err("--soak 0 leaves out what --part soak asks for".into());
    }
    let plan = plan(arguments)?;
    println!("seed {}", plan.seed);
    let mut outcomes = Vec::new();
    let mut details = String::new();
    for part in Part::ALL {
        let is_left_out = part == Part::Soak && arguments.soak == 0;
        if is_left_out || !(arguments.part.is_empty() || arguments.part.contains(&part)) {
            continue;
        }
        let (outcome, detail) = Outcome::of(part, || part_of(part, arguments, &plan));
        println!("{outcome}\n");
        if !detail.is_empty() {
            details.extend(["\n", &detail]);
        }
        outcomes.push(outcome);
    }
    let summary = summary(&outcomes);
    println!("{summary}");
    if let Some(file) = &arguments.write {
        let (occasion, again) = (occasion(), again(arguments, plan.seed));
        let head = format!("{occasion}. To repeat it:\n\n    {again}\n\n");
        write(file, &[&head, summary.as_str(), &details].concat())?;
    }
    Ok(outcomes.iter().all(|outcome| outcome.findings.is_empty()))
}

/// What came of a part, and what more is to be read of it.
fn part_of(
    part: Part,
    arguments: &Arguments,
    plan: &Plan,
) -> Result<(Outcome, String), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let sizes = Sizes {
        seed: plan.seed,
        histories: arguments.histories as usize,
        cases: arguments.cases,
        longest: Duration::from_mins(arguments.longest),
    };
    if let Some(tests) = Tests::of(part, sizes)? {
        let command = tests.command_line();
        println!("{command}");
        let outcome = tests.run()?;
        let found = !outcome.findings.is_empty();
        let detail = found.then(|| format!("    {outcome}\n"));
        return Ok((outcome, detail.unwrap_or_default()));
    }
    let (outcome, table) = if part == Part::Rounds {
        let report = runtime.block_on(run(plan, |line| println!("{line}")));
        (report.outcome(), report.results())
    } else {
        let length = Duration::from_mins(arguments.soak);
        let soaked = runtime.block_on(soak(plan, length));
        (soaked.outcome(), soaked.results())
    };
    println!("\n{table}");
    Ok((outcome, table))
}

fn plan(arguments: &Arguments) -> Result<Plan, Box<dyn Error>> {
    let chosen = |fault: &Fault| {
        let mut only = arguments.only.iter();
        arguments.only.is_empty() || only.any(|part| fault.name().contains(part))
    };
    let faults: Vec<_> = Fault::ALL.into_iter().filter(chosen).collect();
    if faults.is_empty() {
        let names = Fault::ALL.map(Fault::name).join(", ");
        return Err(format!("--only leaves no fault; there are: {names}").into());
    }
    Ok(Plan {
        launch: Launch::this_program(&[])?,
        services: arguments.services.into(),
        clients: arguments.clients.into(),
        seed: arguments.seed.unwrap_or_else(|| fastrand::u64(..)),
        faults,
        length: Duration::from_mins(arguments.minutes),
        // Beyond what a thread may wait, and beyond a request's time.
        longest_stall: Duration::from_secs(16),
        may_mount: true,
    })
}

/// The command that does the same.
fn again(arguments: &Arguments, seed: u64) -> String {
    let mut text = format!(
        "cargo run -p tests --bin faults -- --minutes {} --soak {} --histories {} --cases {} \
         --longest {} --seed {seed} --services {} --clients {}",
        arguments.minutes,
        arguments.soak,
        arguments.histories,
        arguments.cases,
        arguments.longest,
        arguments.services,
        arguments.clients,
    );
    for part in &arguments.part {
        text.extend([" --part ", part.name()]);
    }
    for only in &arguments.only {
        text.extend([" --only '", only, "'"]);
    }
    text
}
