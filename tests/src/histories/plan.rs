//! What the units of work of a history are going to do.

use fastrand::Rng;

use super::history::Key;

/// What kinds of steps there are in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Reads, and appends that the database does by itself.
    Appends,
    /// Reads, and writes of what was read with something appended. Nothing is locked.
    Unlocked,
    /// The same, and everything is locked before, in the order of the registers.
    Locked,
}

/// What each worker does, one unit of work after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How many registers there are.
    pub registers: usize,
    /// Who work at the same time.
    pub workers: Vec<Vec<Unit>>,
}

/// A unit of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// What it does, in this order.
    pub steps: Vec<Step>,
    /// How it ends, if nothing else comes in between.
    pub ending: Ending,
}

/// One step of a unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reads a register.
    Read(Key),
    /// Locks a register, which is a read as well.
    Lock(Key),
    /// Has the database append to it.
    Append(Key),
    /// Reads it, and writes what was read with something appended.
    ReadThenWrite(Key),
    /// Has the database append to it, in a nested scope.
    Nested(Key),
    /// The same, and the nested scope is rolled back.
    Undone(Key),
    /// Lets others go first.
    Pause,
}

/// How a unit of work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With `Ok`.
    Commit,
    /// With an `Err` of its own.
    GiveUp,
    /// Its future is dropped when it has waited so many times.
    Dropped(usize),
}

impl Plan {
    /// A small one: two or three registers, two to four workers, at most seven units of work.
    pub fn random(rng: &mut Rng, style: Style) -> Self {
        let registers = rng.usize(2..=3);
        let workers = rng.usize(2..=4);
        let mut left = 7;
        let workers = (0..workers).map(|_| {
            let units = rng.usize(1..=2).min(left);
            left -= units;
            (0..units)
                .map(|_| Unit::random(rng, style, registers))
                .collect()
        });
        let workers = workers.collect();
        Self { registers, workers }
    }
}

impl Unit {
    fn random(rng: &mut Rng, style: Style, registers: usize) -> Self {
        let mut steps: Vec<Step> = (0..rng.usize(2..=4))
            .map(|_| {
                let key = rng.usize(0..registers);
                Step::random(rng, style, key)
            })
            .collect();
        if style == Style::Locked {
            let touched =
                (0..registers).filter(|key| steps.iter().any(|step| step.key() == Some(*key)));
            let locks: Vec<Step> = touched.map(Step::Lock).collect();
            steps.splice(0..0, locks);
        }
        let ending = match rng.usize(0..20) {
            0 | 1 => Ending::GiveUp,
            2 | 3 => Ending::Dropped(rng.usize(1..12)),
            _ => Ending::Commit,
        };
        if rng.bool() {
            steps.insert(rng.usize(1..=steps.len()), Step::Pause);
        }
        Self { steps, ending }
    }
}

impl Step {
    fn random(rng: &mut Rng, style: Style, key: Key) -> Self {
        let write = match style {
            Style::Appends => Self::Append(key),
            Style::Unlocked | Style::Locked => Self::ReadThenWrite(key),
        };
        match rng.usize(0..10) {
            0..4 => Self::Read(key),
            4 => Self::Nested(key),
            5 => Self::Undone(key),
            _ => write,
        }
    }

    const fn key(self) -> Option<Key> {
        match self {
            Self::Pause => None,
            Self::Read(key)
            | Self::Lock(key)
            | Self::Append(key)
            | Self::ReadThenWrite(key)
            | Self::Nested(key)
            | Self::Undone(key) => Some(key),
        }
    }
}
