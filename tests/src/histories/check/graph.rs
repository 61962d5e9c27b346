//! Who depends on whom.

use std::collections::{BTreeMap, BTreeSet};

use super::{Anomaly, Attempt, History, Key, Op, Value};

/// Edges between attempts, each from who comes first to who comes later.
#[derive(Default)]
pub(super) struct Graph {
    /// The next in a list has written after it.
    written: Edges,
    /// What it has written was seen.
    seen: Edges,
    /// What it has seen was overwritten: the next in the list.
    overtaken: Edges,
}

type Edges = BTreeMap<usize, BTreeSet<usize>>;

impl Graph {
    pub(super) fn of(history: &History, attempts: &[&Attempt]) -> Self {
        let mut writers = BTreeMap::<(Key, Value), usize>::new();
        for (number, attempt) in attempts.iter().enumerate() {
            writers.extend(attempt.appends().map(|append| (append, number)));
        }
        let mut graph = Self::default();
        for (key, list) in history.stored.iter().enumerate() {
            let order = list.iter().filter_map(|value| writers.get(&(key, *value)));
            let order: Vec<usize> = order.copied().collect();
            for (one, next) in order.iter().zip(order.iter().skip(1)) {
                add(&mut graph.written, *one, *next);
            }
        }
        for (reader, attempt) in attempts.iter().enumerate() {
            for op in &attempt.ops {
                if let Op::Read(key, seen) = op {
                    graph.read(history, &writers, reader, *key, seen);
                }
            }
        }
        graph
    }

    fn read(
        &mut self,
        history: &History,
        writers: &BTreeMap<(Key, Value), usize>,
        reader: usize,
        key: Key,
        seen: &[Value],
    ) {
        let writer = |value: &Value| writers.get(&(key, *value)).copied();
        let others = seen.iter().filter(|value| writer(value) != Some(reader));
        let others: Vec<Value> = others.copied().collect();
        if let Some(writer) = others.last().and_then(writer) {
            add(&mut self.seen, writer, reader);
        }
        let Some(later) = history.list(key).strip_prefix(others.as_slice()) else {
            return;
        };
        if let Some(next) = later.iter().filter_map(writer).find(|next| *next != reader) {
            add(&mut self.overtaken, reader, next);
        }
    }

    /// One cycle of each kind, if there is one: the kind is that of the fewest edges of reads
    /// that were overtaken.
    pub(super) fn cycles(&self) -> Vec<Anomaly> {
        let mut found = Vec::new();
        found.extend(cycle(&self.written).map(Anomaly::DirtyWrite));
        let direct = union(&self.written, &self.seen);
        if found.is_empty() {
            found.extend(cycle(&direct).map(Anomaly::Circular));
        }
        if found.is_empty() {
            // Snapshot isolation has no cycle without two overtaken reads in a row: each may
            // follow a direct dependency, and then there must be a direct one again.
            let snapshot = union(&direct, &composed(&direct, &self.overtaken));
            found.extend(cycle(&snapshot).map(Anomaly::Skewed));
        }
        if found.is_empty() {
            let all = union(&direct, &self.overtaken);
            found.extend(cycle(&all).map(Anomaly::WriteSkew));
        }
        found
    }
}

fn add(edges: &mut Edges, from: usize, to: usize) {
    if from != to {
        edges.entry(from).or_default().insert(to);
    }
}

fn union(one: &Edges, other: &Edges) -> Edges {
    let mut both = one.clone();
    for (from, to) in other {
        both.entry(*from).or_default().extend(to);
    }
    both
}

/// From where an edge of the first and then one of the second lead. It may be back.
fn composed(first: &Edges, second: &Edges) -> Edges {
    let mut both = Edges::new();
    for (from, over) in first {
        let to = over.iter().filter_map(|over| second.get(over)).flatten();
        both.entry(*from).or_default().extend(to);
    }
    both
}

/// A way that ends where it began.
fn cycle(edges: &Edges) -> Option<Vec<usize>> {
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        let mut way = Vec::new();
        if let Some(found) = walk(edges, *start, &mut way, &mut done) {
            return Some(found);
        }
    }
    None
}

fn walk(
    edges: &Edges,
    here: usize,
    way: &mut Vec<usize>,
    done: &mut BTreeSet<usize>,
) -> Option<Vec<usize>> {
    if let Some(at) = way.iter().position(|passed| *passed == here) {
        return way.get(at..).map(<[usize]>::to_vec);
    }
    if done.contains(&here) {
        return None;
    }
    way.push(here);
    for next in edges.get(&here).into_iter().flatten() {
        if let Some(found) = walk(edges, *next, way, done) {
            return Some(found);
        }
    }
    way.pop();
    done.insert(here);
    None
}
