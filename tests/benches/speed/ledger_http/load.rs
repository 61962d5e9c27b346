//! The load, and what came of it.

use std::{
    fmt,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    thread,
};

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

    /// Whether `to_reach` has a goal for it.
    pub(crate) const fn has_goal(self) -> bool {
        matches!(self, Self::Get | Self::Transfer)
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

    pub(crate) fn p99(&self) -> Figures {
        self.0.iter().map(|outcome| outcome.p99).collect()
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
        .unwrap();
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

/// Opens connections to the database again. `wrk` hangs up on what is under way when its time is
/// over, and what is then known of the connections differs between pools: some are closed, and to
/// open them would be a part of the round that follows.
pub(crate) fn refill(addr: SocketAddr) {
    thread::scope(|scope| {
        for place in 0..CONNECTIONS {
            scope.spawn(move || {
                for _ in 0..TIMES {
                    transfer(addr, 2 * place + 1, 2 * place + 2);
                }
            });
        }
    });
}

/// How often each place is used before a round.
const TIMES: usize = 10;

fn transfer(addr: SocketAddr, from: usize, to: usize) {
    let [from, to] = [from, to].map(|number| format!("00000000-0000-7000-8000-{number:012x}"));
    let body = format!(r#"{{"from":"{from}","to":"{to}","amount":1,"currency":"EUR"}}"#);
    let request = format!(
        "POST /v1/transfers HTTP/1.1\r\nhost: {addr}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}
