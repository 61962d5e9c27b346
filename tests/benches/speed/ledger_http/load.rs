//! The load, and what came of it.

use std::{fmt, net::SocketAddr, path::Path, process::Command};

use super::{CONNECTIONS, schema::ACCOUNTS};
use crate::figures::{Figures, thousands};

/// What is asked for. Its name is known to the script, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    pub(crate) fn rates(&self) -> Figures {
        self.0.iter().map(|outcome| outcome.rate).collect()
    }

    pub(crate) fn p99(&self) -> f64 {
        let p99: Figures = self.0.iter().map(|outcome| outcome.p99).collect();
        p99.median()
    }
}

/// The median.
impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", thousands(self.rates().median()))
    }
}

/// A round of a second. An answer that is no success fails the bench.
pub(crate) fn run(operation: Operation, addr: SocketAddr, seed: usize) -> Outcome {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/speed/ledger_http/load.lua");
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", &CONNECTIONS.to_string()])
        .args(["--duration", "1s"])
        .arg("--script")
        .arg(script)
        .arg(format!("http://{addr}"))
        .arg("--")
        .args([operation.script_name(), &ACCOUNTS.to_string()])
        .arg(seed.to_string())
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
