//! What came of it, for people.

use std::{fmt, time::Duration};

use super::{Fault, Outcome, Part, Plan};

/// How many findings of a round are shown.
const SHOWN: usize = 6;

/// One fault, and what was seen.
#[derive(Debug)]
pub struct Round {
    /// Counted from 1.
    pub number: usize,
    /// What has happened.
    pub fault: Fault,
    /// What it was this time.
    pub detail: String,
    /// After which time each service has done work again, and the threads, which are last.
    pub recovery: Vec<Duration>,
    /// Transfers that were acknowledged: each of them was found once.
    pub acknowledged: usize,
    /// Transfers that were refused: none of them was found.
    pub refused: usize,
    /// Transfers whose clients were not told: none was found twice.
    pub unclear: usize,
    /// .. of them, those that were found.
    pub unclear_stored: usize,
    /// Answers that were asked for again, and were the same.
    pub replayed: u64,
    /// Reads that succeeded.
    pub read: u64,
    /// Files that were imported, or were not.
    pub imports: Imports,
    /// How long the round was.
    pub took: Duration,
    /// What must not be.
    pub findings: Vec<String>,
    /// Whether there can be none after it.
    pub(super) is_last: bool,
}

/// What became of the files that `import` was given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Imports {
    /// All of their accounts were opened.
    pub all: usize,
    /// None was.
    pub none: usize,
    /// All or none, and the command could not tell.
    pub unclear: usize,
}

/// All of it.
#[derive(Debug)]
pub struct Report {
    /// What was to be done.
    pub plan: Plan,
    /// How the disk got full.
    pub disk: String,
    /// What can not happen on this machine.
    pub impossible: Vec<Fault>,
    /// What was done.
    pub rounds: Vec<Round>,
    /// How long that took.
    pub took: Duration,
}

impl Report {
    pub(super) fn new(plan: &Plan, disk: String, impossible: Vec<Fault>) -> Self {
        Self {
            plan: plan.clone(),
            disk,
            impossible,
            rounds: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// Which faults are left out, if any are, as the end of a sentence.
    pub fn left_out(&self) -> String {
        let names: Vec<_> = self.impossible.iter().map(|fault| fault.name()).collect();
        match &names[..] {
            [] => String::new(),
            names => format!(
                "; left out, because mounting is not allowed here: {}",
                names.join(", ")
            ),
        }
    }

    /// How much must not be.
    pub fn findings(&self) -> usize {
        self.rounds.iter().map(|round| round.findings.len()).sum()
    }

    /// In short. That nothing could be done is a finding, too.
    pub fn outcome(&self) -> Outcome {
        let acknowledged: usize = self.rounds.iter().map(|round| round.acknowledged).sum();
        let (rounds, left_out) = (self.rounds.len(), self.left_out());
        let found = self.rounds.iter().flat_map(|round| &round.findings);
        let mut findings: Vec<_> = found.cloned().collect();
        if self.rounds.is_empty() {
            findings.push("none of the faults is possible here".to_owned());
        }
        Outcome {
            part: Part::Rounds,
            did: format!("{rounds} faults, {acknowledged} transfers acknowledged{left_out}"),
            took: self.took,
            findings,
            notes: Vec::new(),
        }
    }

    /// All of it, with each round in which something was found.
    pub fn results(&self) -> String {
        let (left_out, table) = (self.left_out(), self.table());
        let mut text = format!(
            "The disk: {}{left_out}.\n\n{}\n\n{table}",
            self.disk,
            self.summary()
        );
        for round in &self.rounds {
            if !round.findings.is_empty() {
                text.extend(["\n    ", &round.to_string(), "\n"]);
            }
        }
        text
    }

    /// A table with a row for each fault.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| fault | rounds | acknowledged | refused | unclear | recovery: median | worst | \
             threads: worst | findings |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        let faults = self.plan.faults.iter();
        for fault in faults.filter(|fault| !self.impossible.contains(fault)) {
            let rounds: Vec<_> = self
                .rounds
                .iter()
                .filter(|one| one.fault == *fault)
                .collect();
            let sum = |of: fn(&Round) -> usize| rounds.iter().map(|round| of(round)).sum::<usize>();
            let mut services: Vec<_> = rounds
                .iter()
                .flat_map(|round| round.of_services())
                .collect();
            services.sort();
            let threads = rounds.iter().filter_map(|round| round.recovery.last());
            let row = [
                fault.name().to_owned(),
                rounds.len().to_string(),
                sum(|round| round.acknowledged).to_string(),
                sum(|round| round.refused).to_string(),
                sum(|round| round.unclear).to_string(),
                shown(services.get(services.len() / 2).copied()),
                shown(services.last().copied()),
                shown(threads.max().copied()),
                sum(|round| round.findings.len()).to_string(),
            ];
            text.extend(["| ", &row.join(" | "), " |\n"]);
        }
        text
    }

    /// The sums, and whether all is well.
    pub fn summary(&self) -> String {
        let sum = |of: fn(&Round) -> usize| self.rounds.iter().map(of).sum::<usize>();
        let replayed: u64 = self.rounds.iter().map(|round| round.replayed).sum();
        let read: u64 = self.rounds.iter().map(|round| round.read).sum();
        let verdict = match self.findings() {
            0 => "passed: nothing was found that must not be".to_owned(),
            found => format!("FELL SHORT: {found} findings"),
        };
        format!(
            "{verdict}. {} rounds in {:.0?}, seed {}: {} transfers acknowledged, {} refused, {} \
             unclear ({} of them stored), {replayed} replayed, {read} reads, {} imports of all \
             accounts, {} of none, {} unclear.",
            self.rounds.len(),
            self.took,
            self.plan.seed,
            sum(|round| round.acknowledged),
            sum(|round| round.refused),
            sum(|round| round.unclear),
            sum(|round| round.unclear_stored),
            sum(|round| round.imports.all),
            sum(|round| round.imports.none),
            sum(|round| round.imports.unclear),
        )
    }
}

impl Round {
    /// One that has not come to its end.
    pub(super) fn cut_short(number: usize, fault: Fault, why: &str) -> Self {
        Self {
            number,
            fault,
            detail: "cut short".to_owned(),
            recovery: Vec::new(),
            acknowledged: 0,
            refused: 0,
            unclear: 0,
            unclear_stored: 0,
            replayed: 0,
            read: 0,
            imports: Imports::default(),
            took: Duration::ZERO,
            findings: vec![format!("the round itself {why}")],
            is_last: true,
        }
    }

    fn of_services(&self) -> impl Iterator<Item = Duration> {
        let services = self
            .recovery
            .split_last()
            .map_or(&[][..], |(_, services)| services);
        services.iter().copied()
    }
}

impl fmt::Display for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { all, none, unclear } = self;
        write!(f, "{all} of all, {none} of none, {unclear} unclear")
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recovery: Vec<_> = self.recovery.iter().copied().map(Some).map(shown).collect();
        write!(
            f,
            "{:3} {:19} {:.1?} ({}): acknowledged {}, refused {}, unclear {} ({} stored), \
             replayed {}, reads {}, imports {}; recovered after {}; {}",
            self.number,
            self.fault.name(),
            self.took,
            self.detail,
            self.acknowledged,
            self.refused,
            self.unclear,
            self.unclear_stored,
            self.replayed,
            self.read,
            self.imports,
            if recovery.is_empty() {
                "-".to_owned()
            } else {
                recovery.join(", ")
            },
            if self.findings.is_empty() {
                "ok"
            } else {
                "FOUND:"
            },
        )?;
        let shown = self.findings.iter().take(SHOWN);
        for finding in shown {
            write!(f, "\n    {}", finding.chars().take(600).collect::<String>())?;
        }
        match self.findings.len().checked_sub(SHOWN) {
            Some(more @ 1..) => write!(f, "\n    and {more} more"),
            _ => Ok(()),
        }
    }
}

fn shown(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "-".to_owned(), |time| format!("{} ms", time.as_millis()))
}
