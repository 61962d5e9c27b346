//! The short form of the fault suite: every fault once; and what its one command makes of the
//! tests that it has cargo run.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and whoever looks for the reason needs the seed"
)]

mod suite;

use std::{
    env,
    process::{ExitCode, exit},
    sync::Mutex,
    time::Duration,
};

use tests::ledger_faults::{Fault, Launch, Plan, run, run_if_asked, soak};

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
        // It does not tell its number.
        let code = (0..=u8::MAX).find(|code| ended == ExitCode::from(*code));
        exit(code.map_or(1, i32::from));
    }
}

/// What is random comes from a seed, which is printed; `FAULTS_SEED=.. cargo test -p tests --test
/// faults` has the same faults in the same order.
fn plan() -> Plan {
    let given = env::var("FAULTS_SEED").ok();
    let given = given.map(|seed| seed.parse().unwrap());
    Plan {
        launch: launch(),
        services: 3,
        clients: 12,
        seed: given.unwrap_or_else(|| fastrand::u64(..)),
        faults: Fault::ALL.to_vec(),
        length: Duration::ZERO,
        longest_stall: Duration::from_millis(4500),
        may_mount: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_services_keep_the_ledger_whole_through_every_fault() {
    let report = run(&plan(), |line| println!("{line}")).await;
    println!("{}", report.summary());
    assert_eq!(report.findings(), 0, "see above");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_the_right_to_mount_a_table_refuses_to_grow_and_the_rest_is_told() {
    let plan = Plan {
        services: 1,
        clients: 4,
        faults: vec![Fault::WalDiskFull, Fault::DiskFull],
        may_mount: false,
        ..plan()
    };
    let lines = Mutex::new(Vec::new());
    let report = run(&plan, |line| lines.lock().unwrap().push(line.to_owned())).await;
    let lines = lines.into_inner().unwrap();
    let first = lines.first().unwrap();
    assert!(first.contains("a table that refuses to grow"), "{first}");
    let left_out = "; left out, because mounting is not allowed here: WAL disk full";
    assert!(first.ends_with(left_out), "{first}");
    let happened: Vec<_> = report.rounds.iter().map(|round| round.fault).collect();
    assert_eq!(happened, [Fault::DiskFull]);
    assert_eq!(report.findings(), 0, "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_steady_load_takes_no_more_of_anything() {
    let plan = Plan {
        services: 1,
        clients: 4,
        ..plan()
    };
    let soaked = soak(&plan, Duration::from_secs(15)).await;
    println!("{soaked}\n{}", soaked.table());
    assert!(soaked.findings.is_empty(), "{soaked:#?}");
    for process in ["| service-0 | ", "| threads | "] {
        assert!(soaked.table().contains(process), "not weighed: {process}");
    }
}
