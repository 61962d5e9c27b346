//! What was seen of a history.

/// The number of a register.
pub type Key = usize;

/// What is appended: each once in a history.
pub type Value = u32;

/// One thing that an attempt did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// It read a register.
    Read(Key, Vec<Value>),
    /// It appended to a register, or was about to.
    Append(Key, Value),
    /// It appended in a nested scope that was rolled back.
    Undone(Key, Value),
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `Ok` was answered.
    Committed,
    /// An error was answered, or it was run again.
    RolledBack,
    /// Nobody was told.
    Unknown,
}

/// One run of the work of a unit of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What it did, in this order.
    pub ops: Vec<Op>,
    /// How it ended.
    pub outcome: Outcome,
}

/// All attempts, and the registers as they are at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// In no order that matters.
    pub attempts: Vec<Attempt>,
    /// The lists that are stored, by their registers.
    pub stored: Vec<Vec<Value>>,
}

impl Attempt {
    /// An attempt that was told that it was stored.
    pub const fn committed(ops: Vec<Op>) -> Self {
        Self {
            ops,
            outcome: Outcome::Committed,
        }
    }

    /// What it appended, if it was stored.
    pub fn appends(&self) -> impl Iterator<Item = (Key, Value)> {
        self.ops.iter().filter_map(|op| match op {
            Op::Append(key, value) => Some((*key, *value)),
            Op::Read(..) | Op::Undone(..) => None,
        })
    }

    /// What must not be there in any case.
    pub fn undone(&self) -> impl Iterator<Item = (Key, Value)> {
        self.ops.iter().filter_map(|op| match op {
            Op::Undone(key, value) => Some((*key, *value)),
            Op::Read(..) | Op::Append(..) => None,
        })
    }
}

impl History {
    /// The list of a register.
    pub fn list(&self, key: Key) -> &[Value] {
        self.stored.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether this is stored.
    pub fn has(&self, key: Key, value: Value) -> bool {
        self.list(key).contains(&value)
    }

    /// The attempts that count: those that were told so, and those that nobody was told of and
    /// of which something is stored.
    pub fn counting(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts
            .iter()
            .filter(|attempt| match attempt.outcome {
                Outcome::Committed => true,
                Outcome::RolledBack => false,
                Outcome::Unknown => attempt.appends().any(|(key, value)| self.has(key, value)),
            })
    }
}
