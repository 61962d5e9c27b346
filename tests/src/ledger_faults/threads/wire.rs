//! What the suite and the process of the threads tell each other: JSON, each on a line.

use serde::{Deserialize, Serialize};

use super::super::book::{Fate, Order};

/// The ids of the accounts, with commas; without it, a process is not that of the threads.
pub(in super::super) const ACCOUNTS: &str = "FAULTS_ACCOUNTS";

/// A call, and the number that its answer will have.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) call: Call,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Call {
    Pay { order: Order, nested: bool },
    Read,
    Pool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Answered {
    pub(super) number: u64,
    pub(super) said: Said,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Said {
    Fate(Fate),
    /// Whether the database was there.
    Read(bool),
    Pool(Places),
    /// What no fault is a reason for.
    Wrong(String),
}

/// The connections of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(in super::super) struct Places {
    pub(in super::super) size: usize,
    pub(in super::super) idle: usize,
}
