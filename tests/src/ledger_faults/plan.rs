//! What is to be done, and doing it.

use std::time::{Duration, Instant};

use fastrand::Rng;

use super::{Fault, Launch, log, place::Place, report::Report, round};

/// After so many findings, more of them tell nobody anything.
const ENOUGH: usize = 20;

/// What a run of the suite is to be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How the services are started.
    pub launch: Launch,
    /// How many processes serve.
    pub services: usize,
    /// How many clients speak HTTP to them.
    pub clients: usize,
    /// What all that is random comes from.
    pub seed: u64,
    /// Which faults there may be.
    pub faults: Vec<Fault>,
    /// For how long they are gone through again and again, in an order of its own each time; at
    /// least once.
    pub length: Duration,
    /// The longest time that the network stalls for.
    pub longest_stall: Duration,
    /// Whether to use the right to mount, if there is one.
    pub may_mount: bool,
}

/// Carries it out, and says each line as soon as it is known. Stops at what can not be gone on
/// from: a round that panics or does not end, a thread or a client that does not; and when more
/// was found than anybody reads.
pub async fn run(plan: &Plan, say: impl Fn(&str)) -> Report {
    let begun = Instant::now();
    let mut rng = Rng::with_seed(plan.seed);
    let place = Place::new(plan).await;
    let form = place.disk.form();
    let (possible, left_out): (Vec<Fault>, Vec<Fault>) = plan
        .faults
        .iter()
        .partition(|fault| fault.is_possible(&place));
    let mut report = Report::new(plan, form.clone(), left_out);
    say(&format!(
        "seed {}: {} services, {} clients; the disk: {form}{}",
        plan.seed,
        plan.services,
        plan.clients,
        report.left_out()
    ));
    let is_enough = |report: &Report| report.rounds.len() >= possible.len();
    'rounds: while !is_enough(&report) || begun.elapsed() < plan.length && !possible.is_empty() {
        let mut faults = possible.clone();
        rng.shuffle(&mut faults);
        for fault in faults {
            let number = report.rounds.len() + 1;
            let round = round::run(&place, number, fault, plan.clients, rng.fork()).await;
            say(&round.to_string());
            let (is_last, is_found) = (round.is_last, !round.findings.is_empty());
            report.rounds.push(round);
            if is_last {
                say("what was found can not be gone on from");
                break 'rounds;
            }
            if is_found && report.findings() > ENOUGH {
                say("too much was found to go on");
                break 'rounds;
            }
            let is_over = begun.elapsed() >= plan.length;
            if is_over && is_enough(&report) {
                break 'rounds;
            }
        }
    }
    if report.findings() > 0 {
        for line in log::keep(&place, plan.seed) {
            say(&line);
        }
    }
    report.took = begun.elapsed();
    report
}
