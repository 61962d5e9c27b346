//! The parts that are tests of the workspace: cargo runs them, with a size, a seed and a bound.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    child::{self, Ended},
    log::kept,
    outcome::{Outcome, Part},
    properties::Properties,
};

/// How many kinds of histories there are: units of work on registers, by level and style, on both
/// databases and both sides; and the ledger, at each level.
const KINDS: usize = 16;

/// How much of what was said is shown when something was found; all of it is in a file.
const SHOWN: usize = 60;

/// What building may take; it is no part of what is bounded by whoever asks.
const BUILD: Duration = Duration::from_hours(1);

/// How much is tested.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// What all that is random comes from.
    pub seed: u64,
    /// How many histories of each kind.
    pub histories: usize,
    /// How often each property is tried, those that cost little more often.
    pub cases: u32,
    /// How long each of the parts may take.
    pub longest: Duration,
}

/// A call of `cargo test`, and what it has to have done.
#[derive(Debug)]
pub struct Tests {
    part: Part,
    /// Variables of its environment.
    settings: Vec<(&'static str, String)>,
    /// What cargo is told, what the tests are told.
    arguments: [Vec<String>; 2],
    /// Tests that must not be missing.
    properties: Properties,
    sizes: Sizes,
}

impl Tests {
    /// The tests of a part; nothing for one that is no such.
    ///
    /// # Errors
    ///
    /// When the sources can not be read.
    pub fn of(part: Part, sizes: Sizes) -> io::Result<Option<Self>> {
        let suite = |name: &str| [words("-p tests --test it"), words(name)];
        let mut properties = Properties::default();
        let (settings, arguments) = match part {
            Part::Rounds | Part::Soak => return Ok(None),
            Part::Histories => (
                vec![
                    ("HISTORIES", sizes.histories.to_string()),
                    ("HISTORIES_SEED", sizes.seed.to_string()),
                ],
                suite("histories:: --show-output"),
            ),
            Part::Cancellation => (
                vec![("CANCELLATION_ALL", "1".to_owned())],
                suite("cancellation::"),
            ),
            Part::Fuzzing => {
                properties = Properties::of(&workspace())?;
                let settings = vec![
                    ("PROPTEST_CASES", sizes.cases.to_string()),
                    ("PROPTEST_RNG_SEED", sizes.seed.to_string()),
                ];
                (settings, all_of(&properties))
            }
        };
        Ok(Some(Self {
            part,
            settings,
            arguments,
            properties,
            sizes,
        }))
    }

    /// What to type to have the same.
    pub fn command_line(&self) -> String {
        let settings = self.settings.iter();
        let mut words: Vec<_> = settings
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let [cargo, tests] = &self.arguments;
        words.extend(["cargo".to_owned(), "test".to_owned()]);
        words.extend_from_slice(cargo);
        words.push("--".to_owned());
        words.extend_from_slice(tests);
        words.join(" ")
    }

    /// Builds the tests, runs them, and looks at what they say.
    ///
    /// # Errors
    ///
    /// When cargo can not be started.
    pub fn run(&self) -> io::Result<Outcome> {
        if self.part == Part::Fuzzing && self.properties.tests.is_empty() {
            return Err(io::Error::other("no property is seen in the sources"));
        }
        let built = child::run(&mut self.command(true), BUILD)?;
        if !built.status.is_some_and(|status| status.success()) {
            return Ok(self.outcome(&built, "they are not built"));
        }
        let ended = child::run(&mut self.command(false), self.sizes.longest)?;
        Ok(self.outcome(&ended, "they failed"))
    }

    fn command(&self, is_build: bool) -> Command {
        let [cargo, tests] = &self.arguments;
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg("test").args(cargo).arg("--no-fail-fast");
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        if is_build {
            command.arg("--no-run");
        } else {
            command.arg("--").args(tests);
        }
        command
            .current_dir(workspace())
            .env("CARGO_TERM_COLOR", "never")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    fn outcome(&self, ended: &Ended, failed: &str) -> Outcome {
        let tally = Tally::of(&ended.output);
        let mut findings = self.properties.unknown.clone();
        match ended.status {
            None => findings.push(format!(
                "it did not end within {:.0?}, and was killed",
                self.sizes.longest
            )),
            Some(status) if !status.success() => findings.push(format!("{failed}: {status}")),
            Some(_) => {}
        }
        findings.extend(tally.failed.iter().map(|name| format!("{name} failed")));
        if tally.passed.is_empty() {
            findings.push("no test has passed".to_owned());
        }
        let asked = self.sizes.histories * KINDS;
        if self.part == Part::Histories && tally.histories < asked {
            let (had, named) = (tally.histories, self.sizes.histories);
            findings.push(format!("{had} histories, and not {KINDS} times {named}"));
        }
        for (name, file) in &self.properties.tests {
            if !tally.has_run(name) {
                findings.push(format!("{}: {name} was not run", file.display()));
            }
        }
        let notes = if findings.is_empty() {
            Vec::new()
        } else {
            shown(self.part, self.sizes.seed, &ended.output)
        };
        Outcome {
            part: self.part,
            did: self.did(&tally),
            took: ended.took,
            findings,
            notes,
        }
    }

    fn did(&self, tally: &Tally) -> String {
        let passed = tally.passed.len();
        match self.part {
            Part::Histories => format!("{} histories in {passed} tests", tally.histories),
            Part::Fuzzing => {
                let properties = self.properties.tests.len();
                let cases = self.sizes.cases;
                format!("{properties} properties, each {cases} times or more; {passed} tests")
            }
            _ => format!("{passed} tests"),
        }
    }
}

/// Each test that is a property, by its name: cargo has no other way to choose them.
fn all_of(properties: &Properties) -> [Vec<String>; 2] {
    let packages = properties.packages.iter();
    let packages = packages.flat_map(|package| ["-p".to_owned(), package.clone()]);
    let targets = properties.targets.iter().flatten().cloned();
    let names: BTreeSet<_> = properties.tests.iter().map(|(name, _)| name).collect();
    [
        packages.chain(targets).collect(),
        names.into_iter().cloned().collect(),
    ]
}

/// What the harness of Rust's tests has said.
#[derive(Debug, Default)]
struct Tally {
    passed: Vec<String>,
    failed: Vec<String>,
    histories: usize,
}

impl Tally {
    fn of(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let told = line.strip_prefix("test ");
            match told.and_then(|line| line.rsplit_once(" ... ")) {
                Some((name, "ok")) => tally.passed.push(name.to_owned()),
                Some((name, "FAILED")) => tally.failed.push(name.to_owned()),
                _ => tally.histories += histories(line).unwrap_or(0),
            }
        }
        tally
    }

    fn has_run(&self, test: &str) -> bool {
        let mut all = self.passed.iter().chain(&self.failed);
        all.any(|name| name.rsplit("::").next() == Some(test))
    }
}

/// `serializable, Appends: 300 histories, ..` is 300.
fn histories(line: &str) -> Option<usize> {
    let (before, _) = line.split_once(" histories")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// The end of what was said, and where all of it is.
fn shown(part: Part, seed: u64, output: &str) -> Vec<String> {
    let kept = kept(seed, part.name());
    let place = match fs::write(&kept, output) {
        Ok(()) => format!("all that was said: {}", kept.display()),
        Err(error) => format!("what was said can not be kept: {error}"),
    };
    let lines: Vec<_> = output.lines().map(str::to_owned).collect();
    let last = lines.into_iter().rev().take(SHOWN).rev();
    [place].into_iter().chain(last).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
