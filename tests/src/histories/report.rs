//! What came of histories, and which of them are strange.

use std::fmt;

use super::{
    check::{Anomaly, anomalies},
    history::History,
    order::serial,
    plan::Plan,
};

/// What came of many histories.
#[derive(Debug, Default)]
pub struct Report {
    /// How many there were.
    pub histories: usize,
    /// Attempts that were stored.
    pub committed: usize,
    /// Attempts that were not, for whichever reason.
    pub rolled_back: usize,
    /// Those with anomalies, by their seeds.
    pub strange: Vec<Strange>,
}

/// A history that no serial order explains.
pub struct Strange {
    /// From which it can be had again, as far as chance allows.
    pub seed: u64,
    /// What it was to do.
    pub plan: Plan,
    /// What was seen.
    pub history: History,
    /// What is wrong with it.
    pub anomalies: Vec<Anomaly>,
}

impl fmt::Debug for Strange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seed, anomalies) = (self.seed, &self.anomalies);
        writeln!(f, "the history of seed {seed} has {anomalies:?}")?;
        for (number, worker) in self.plan.workers.iter().enumerate() {
            writeln!(f, "  worker {number} is to do {worker:?}")?;
        }
        for attempt in &self.history.attempts {
            writeln!(f, "  {attempt:?}")?;
        }
        writeln!(f, "  stored are {:?}", self.history.stored)
    }
}

impl Report {
    pub(super) fn take(&mut self, seed: u64, plan: Plan, history: History) {
        self.histories += 1;
        let committed = history.counting().count();
        self.committed += committed;
        self.rolled_back += history.attempts.len() - committed;
        let anomalies: Vec<_> = anomalies(&history).into_iter().collect();
        let order = serial(&history);
        assert_eq!(
            order.is_some(),
            anomalies.is_empty(),
            "the graph and the search do not agree: {anomalies:?} {order:?} {history:?}"
        );
        if !anomalies.is_empty() {
            self.strange.push(Strange {
                seed,
                plan,
                history,
                anomalies,
            });
        }
    }
}
