//! What an isolation level forbids, and what of it is in a history.

mod graph;

use std::collections::{BTreeMap, BTreeSet};

use super::history::{Attempt, History, Key, Op, Outcome, Value};
use graph::Graph;

/// What units of work were promised, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nobody sees what is not committed, and nothing is written over what is not.
    ReadCommitted,
    /// All reads are of one moment, and of two that write the same one fails: PostgreSQL's
    /// REPEATABLE READ, which is snapshot isolation.
    RepeatableRead,
    /// There is an order in which they could have run one after the other.
    Serializable,
}

/// Something that can not be explained.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// It was answered `Ok`, and what it appended is not there: lost, to the write of another
    /// who had not seen it.
    Lost(Key, Value),
    /// It was answered with an error, and what it appended is there.
    Risen(Key, Value),
    /// Nobody was told its outcome; some of what it appended is there, and some is not: torn, or
    /// lost as above.
    Half(Key, Value),
    /// Twice in a list.
    Twice(Key, Value),
    /// Stored, and nobody has appended it.
    Unheard(Key, Value),
    /// Read, and it never was committed.
    DirtyRead(Key, Value),
    /// Read, although its writer went on to append to the same list.
    IntermediateRead(Key, Value),
    /// An attempt does not see what it has appended itself.
    Blind(Key),
    /// Two reads of one attempt differ.
    Fuzzy(Key),
    /// What was read never was the list.
    Incompatible(Key, Vec<Value>),
    /// Each wrote after the other.
    DirtyWrite(Vec<usize>),
    /// Each saw what the other has written, or wrote after it.
    Circular(Vec<usize>),
    /// Somebody saw the state before a write and something that came after it: lost updates
    /// and skewed reads.
    Skewed(Vec<usize>),
    /// Each read what another was about to change: write skew.
    WriteSkew(Vec<usize>),
}

impl Level {
    /// Whether there must be nothing like it at this level.
    pub const fn forbids(self, anomaly: &Anomaly) -> bool {
        match anomaly {
            Anomaly::Lost(..)
            | Anomaly::Half(..)
            | Anomaly::Fuzzy(_)
            | Anomaly::Incompatible(..)
            | Anomaly::Skewed(_) => !matches!(self, Self::ReadCommitted),
            Anomaly::WriteSkew(_) => matches!(self, Self::Serializable),
            _ => true,
        }
    }
}

/// Everything in the history that a serial order could not have.
pub fn anomalies(history: &History) -> BTreeSet<Anomaly> {
    let mut found = BTreeSet::new();
    stored(history, &mut found);
    let attempts: Vec<&Attempt> = history.counting().collect();
    for attempt in &attempts {
        reads(history, attempt, &mut found);
    }
    found.extend(Graph::of(history, &attempts).cycles());
    found
}

/// What the registers tell against the outcomes.
fn stored(history: &History, found: &mut BTreeSet<Anomaly>) {
    let mut known = BTreeSet::new();
    for attempt in &history.attempts {
        known.extend(attempt.appends().chain(attempt.undone()));
        for (key, value) in attempt
            .undone()
            .filter(|(key, value)| history.has(*key, *value))
        {
            found.insert(Anomaly::Risen(key, value));
        }
        let (there, missing): (Vec<_>, Vec<_>) = attempt
            .appends()
            .partition(|(key, value)| history.has(*key, *value));
        match attempt.outcome {
            Outcome::Committed => {
                found.extend(
                    missing
                        .into_iter()
                        .map(|(key, value)| Anomaly::Lost(key, value)),
                );
            }
            Outcome::RolledBack => {
                found.extend(
                    there
                        .into_iter()
                        .map(|(key, value)| Anomaly::Risen(key, value)),
                );
            }
            Outcome::Unknown if !there.is_empty() => {
                found.extend(
                    missing
                        .into_iter()
                        .map(|(key, value)| Anomaly::Half(key, value)),
                );
            }
            Outcome::Unknown => {}
        }
    }
    for (key, list) in history.stored.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for value in list {
            if !seen.insert(value) {
                found.insert(Anomaly::Twice(key, *value));
            }
            if !known.contains(&(key, *value)) {
                found.insert(Anomaly::Unheard(key, *value));
            }
        }
    }
}

/// What an attempt saw, by itself.
fn reads(history: &History, attempt: &Attempt, found: &mut BTreeSet<Anomaly>) {
    let mut own = BTreeMap::<Key, Vec<Value>>::new();
    let mut seen_before = BTreeMap::<Key, &[Value]>::new();
    for op in &attempt.ops {
        match op {
            Op::Append(key, value) => own.entry(*key).or_default().push(*value),
            Op::Undone(..) => {}
            Op::Read(key, seen) => {
                let own = own.get(key).map_or(&[][..], Vec::as_slice);
                let Some(others) = seen.strip_suffix(own) else {
                    found.insert(Anomaly::Blind(*key));
                    continue;
                };
                let before = seen_before.insert(*key, others);
                if before.is_some_and(|before| before != others) {
                    found.insert(Anomaly::Fuzzy(*key));
                }
                others_seen(history, *key, others, found);
            }
        }
    }
}

/// What an attempt saw of others.
fn others_seen(history: &History, key: Key, seen: &[Value], found: &mut BTreeSet<Anomaly>) {
    for value in seen {
        let appended = |attempt: &&Attempt| attempt.appends().any(|one| one == (key, *value));
        // One that is lost was committed: it could be seen for a while.
        if !history.counting().any(|attempt| appended(&attempt)) {
            found.insert(Anomaly::DirtyRead(key, *value));
        }
    }
    if !history.list(key).starts_with(seen) {
        found.insert(Anomaly::Incompatible(key, seen.to_vec()));
    }
    if let Some(last) = seen.last() {
        let theirs = |attempt: &Attempt| -> Vec<Value> {
            let all = attempt.appends().filter(|(other, _)| *other == key);
            all.map(|(_, value)| value).collect()
        };
        let writer = history
            .counting()
            .map(theirs)
            .find(|all| all.contains(last));
        if writer.is_some_and(|all| all.last() != Some(last)) {
            found.insert(Anomaly::IntermediateRead(key, *last));
        }
    }
}
