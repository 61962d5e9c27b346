//! The parts of the suite, and what came of each.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use clap::ValueEnum;

use super::attempt::told;

/// A part of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Part {
    /// Something breaks under load, and all is looked at, again and again.
    Rounds,
    /// A steady load, and whether processes take more and more.
    Soak,
    /// Units of work beside each other, explained by a model.
    Histories,
    /// Every public async operation, dropped wherever it waits.
    Cancellation,
    /// Properties of what comes from outside.
    Fuzzing,
}

impl Part {
    /// Each of them, in the order in which they are run.
    pub const ALL: [Self; 5] = [
        Self::Rounds,
        Self::Soak,
        Self::Histories,
        Self::Cancellation,
        Self::Fuzzing,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rounds => "rounds",
            Self::Soak => "soak",
            Self::Histories => "histories",
            Self::Cancellation => "cancellation",
            Self::Fuzzing => "fuzzing",
        }
    }
}

/// What came of a part.
#[derive(Debug)]
pub struct Outcome {
    /// Which one it was.
    pub part: Part,
    /// What was done, with numbers.
    pub did: String,
    /// How long that took, without building.
    pub took: Duration,
    /// What must not be.
    pub findings: Vec<String>,
    /// What helps to find the reason.
    pub notes: Vec<String>,
}

impl Outcome {
    /// What comes of a part, and more to be read of it. That it could not be begun, or panicked,
    /// is a finding like any other: the rest of the suite goes on.
    pub fn of<E: fmt::Display>(
        part: Part,
        work: impl FnOnce() -> Result<(Self, String), E>,
    ) -> (Self, String) {
        let begun = Instant::now();
        let finding = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(done)) => return done,
            Ok(Err(error)) => format!("it failed: {error}"),
            Err(panic) => format!("it {}", told(panic)),
        };
        let outcome = Self {
            part,
            did: "nothing".to_owned(),
            took: begun.elapsed(),
            findings: vec![finding],
            notes: Vec::new(),
        };
        (outcome, String::new())
    }

    fn verdict(&self) -> &'static str {
        if self.findings.is_empty() {
            "passed"
        } else {
            "FELL SHORT"
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, name) = (self.verdict(), self.part.name());
        write!(f, "{verdict}: {name}: {} in {:.0?}", self.did, self.took)?;
        for line in self.findings.iter().chain(&self.notes) {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// A table with a row for each part.
pub fn summary(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "| part | result | what was done | time | findings |\n|---|---|---|--:|--:|\n",
    );
    for outcome in outcomes {
        let row = [
            outcome.part.name().to_owned(),
            outcome.verdict().to_owned(),
            outcome.did.clone(),
            format!("{:.0?}", outcome.took),
            outcome.findings.len().to_string(),
        ];
        text.extend(["| ", &row.join(" | "), " |\n"]);
    }
    text
}
