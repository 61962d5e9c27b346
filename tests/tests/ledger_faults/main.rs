//! The short form of the fault suite: every fault once.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and whoever looks for the reason needs the seed"
)]

use std::{
    env,
    process::{ExitCode, exit},
    time::Duration,
};

use tests::ledger_faults::{Fault, Launch, Plan, run, run_if_asked};

/// This program once more, as a service.
fn launch() -> Launch {
    Launch::this_program(&[
        "--exact",
        "is_the_service_when_it_is_started_as_one",
        "--nocapture",
    ])
    .unwrap()
}

#[test]
fn is_the_service_when_it_is_started_as_one() {
    if let Some(ended) = run_if_asked() {
        exit(i32::from(ended != ExitCode::SUCCESS));
    }
}

/// What is random comes from a seed, which is printed; `FAULTS_SEED=.. cargo test -p tests --test
/// faults` begins with the same one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_services_keep_the_ledger_whole_through_every_fault() {
    let given = env::var("FAULTS_SEED")
        .ok()
        .map(|seed| seed.parse().unwrap());
    let only = env::var("FAULTS_ONLY").ok();
    let chosen = |fault: &Fault| only.as_ref().is_none_or(|only| fault.name().contains(only));
    let plan = Plan {
        launch: launch(),
        services: 3,
        clients: 12,
        seed: given.unwrap_or_else(|| fastrand::u64(..)),
        faults: Fault::ALL.into_iter().filter(chosen).collect(),
        length: Duration::ZERO,
    };
    let report = run(&plan, |line| println!("{line}")).await;
    println!("{}", report.summary());
    assert_eq!(report.findings(), 0, "see above");
}
