//! The load, and what came of it.

use std::{env, fmt, net::SocketAddr, path::Path, process::Command};

use super::{CONNECTIONS, ROUND, schema::ACCOUNTS};

/// What is asked for. Its name is known to the script, too.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Get,
    List,
    Open,
    Transfer,
}

impl Operation {
    pub(crate) const ALL: [Self; 4] = [Self::Get, Self::List, Self::Open, Self::Transfer];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "`GET` one account",
            Self::List => "`GET` 20 accounts",
            Self::Open => "`POST` account",
            Self::Transfer => "`POST` transfer",
        }
    }

    const fn script_name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Open => "open",
            Self::Transfer => "transfer",
        }
    }
}

/// Requests per second in a round, and the milliseconds that 99 of 100 answers took at most.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    rate: f64,
    p99: f64,
}

#[derive(Default)]
pub(crate) struct Rates(Vec<Outcome>);

impl Rates {
    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.0.push(outcome);
    }

    pub(crate) fn median(&self) -> f64 {
        median(self.0.iter().map(|outcome| outcome.rate))
    }

    pub(crate) fn p99(&self) -> f64 {
        median(self.0.iter().map(|outcome| outcome.p99))
    }
}

impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rates = self.0.iter().map(|outcome| outcome.rate);
        let low = rates.clone().fold(f64::MAX, f64::min);
        let high = rates.fold(0.0, f64::max);
        write!(f, "{:.0} ({low:.0} to {high:.0})", self.median())
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<_> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// One round. An answer that is no success fails the bench.
pub(crate) fn run(operation: Operation, addr: SocketAddr) -> Outcome {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/ledger_http/load.lua");
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", &CONNECTIONS.to_string()])
        .args(["--duration", &format!("{}s", ROUND.as_secs())])
        .arg("--script")
        .arg(script)
        .arg(format!("http://{addr}"))
        .arg("--")
        .args([operation.script_name(), &ACCOUNTS.to_string()])
        .output()
        .unwrap_or_else(|error| panic!("wrk does not start ({error}): install it"));
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("figures "));
    let figures: Vec<u32> = line
        .unwrap_or_else(|| panic!("wrk answered {text}"))
        .split(' ')
        .map(|figure| figure.parse().unwrap())
        .collect();
    match figures.as_slice() {
        &[requests, micros, p99, 0] => Outcome {
            rate: f64::from(requests) / (f64::from(micros) / 1e6),
            p99: f64::from(p99) / 1e3,
        },
        _ => panic!("requests failed: {text}"),
    }
}
