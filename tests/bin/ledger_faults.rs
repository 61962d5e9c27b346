//! The long form of the fault suite.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use adapters::SystemClock;
use clap::Parser;
use ports::Clock as _;
use tests::ledger_faults::{Fault, Launch, Plan, Report, Soaked, run, run_if_asked, soak};

/// Breaks everything around a ledger, again and again, and looks afterwards whether it is whole.
///
/// It starts a PostgreSQL and several processes of the service, all of its own. Each line is a
/// fault, and what was seen. Exit code 1: something was found that must not be.
#[derive(Debug, Parser)]
#[command(name = "faults", after_help = HELP)]
struct Arguments {
    /// For how long faults follow each other; each kind happens at least once
    #[arg(long, value_name = "N", default_value_t = 20)]
    minutes: u64,
    /// For how long there is a steady load without any, afterwards; 0 leaves that out
    #[arg(long, value_name = "N", default_value_t = 5)]
    soak: u64,
    /// What is random comes from it; without it, it is random itself
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many processes serve
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=16))]
    services: u16,
    /// How many clients speak HTTP to them
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    clients: u16,
    /// Only faults in whose names this is; may be given several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// A Markdown file between whose `results` comments the results are put
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

const HELP: &str = "\
Examples:
  cargo run -p tests --bin faults
  cargo run -p tests --bin faults -- --minutes 2 --soak 1 --seed 7
  cargo run -p tests --bin faults -- --only clock --only disk --soak 0
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
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let plan = plan(arguments)?;
    let report = runtime.block_on(run(&plan, |line| println!("{line}")));
    println!("\n{}\n{}", report.table(), report.summary());
    let soaked = (arguments.soak > 0).then(|| {
        let length = Duration::from_mins(arguments.soak);
        runtime.block_on(soak(&plan, length))
    });
    if let Some(soaked) = &soaked {
        println!("\n{}\n{soaked}", soaked.table());
        soaked
            .findings
            .iter()
            .for_each(|finding| println!("    {finding}"));
    }
    if let Some(file) = &arguments.write {
        write(file, &results(arguments, &report, soaked.as_ref()))?;
    }
    let found = report.findings() + soaked.map_or(0, |soaked| soaked.findings.len());
    Ok(found == 0)
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

fn results(arguments: &Arguments, report: &Report, soaked: Option<&Soaked>) -> String {
    let mut text = format!(
        "{}, {}. The disk: {}{}.\n\nTo repeat it:\n\n    cargo run -p tests --bin faults -- --minutes {} \
         --soak {} --seed {} --services {} --clients {}\n\n{}\n\n{}",
        SystemClock.now().format("%Y-%m-%d"),
        machine(),
        report.disk,
        report.left_out(),
        arguments.minutes,
        arguments.soak,
        report.plan.seed,
        arguments.services,
        arguments.clients,
        report.summary(),
        report.table(),
    );
    for round in report
        .rounds
        .iter()
        .filter(|round| !round.findings.is_empty())
    {
        text.extend(["\n    ", &round.to_string(), "\n"]);
    }
    if let Some(soaked) = soaked {
        text.extend(["\n", &soaked.to_string(), "\n\n", &soaked.table()]);
    }
    text
}

/// What it ran on.
fn machine() -> String {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let system = said("uname", &["-smr"]).unwrap_or_default();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model
        .and_then(|line| line.split_once(':'))
        .map_or("", |(_, name)| name.trim());
    format!("{system}, {cores} cores ({model})")
}

/// Puts the results in their place; the rest of the file stays.
fn write(file: &Path, results: &str) -> Result<(), Box<dyn Error>> {
    const BEGIN: &str = "<!-- results: begin -->\n";
    const END: &str = "<!-- results: end -->";
    let text = fs::read_to_string(file)?;
    let places = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = places.ok_or("the file has no `results: begin` and `results: end`")?;
    fs::write(file, format!("{before}{BEGIN}{results}{END}{after}"))?;
    Ok(())
}
