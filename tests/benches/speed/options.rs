//! The command line.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{CommandFactory as _, Parser, error::ErrorKind};

use super::{
    bulk,
    grid::{Cell, WORKERS},
    lineup,
    load::Side,
    operation::Operation,
    page,
};

/// The page that has a whole run.
const PAGE: &str = "docs/performance.md";

/// What can be asked for, beside cells of the grid and of bulk.
const PARTS: &[&str] = &[
    "wire",
    "grid",
    "bulk",
    "keyset",
    "memory",
    "instructions",
    "start",
    // sample: begin
    "http",
    // sample: end
];

const EXAMPLES: &str = "\
Examples, after `cargo bench -p tests --features contenders --bench speed --`:
  --quick                               four minutes instead of half an hour
  --only 'point read x16'               that cell of the grid, near and far
  --only bulk,keyset                    two parts
  --only 'x1 ' --against SeaORM,Diesel  cells with one worker, and not everybody
  --write                               everything, into docs/performance.md and its plot";

fn after_help() -> String {
    format!(
        "Parts: {}. The grid has cells such as \"point read x16\" and \"transfer x1 delayed\",\n\
         and bulk such as \"bulk x16\".\n\n{EXAMPLES}",
        PARTS.join(", ")
    )
}

/// Measures this skeleton next to what one would use instead, on a PostgreSQL of its own.
///
/// Everything is compared in one run, its rounds interleaved.
#[derive(Debug, Parser)]
#[command(name = "speed", after_help = after_help())]
pub(crate) struct Options {
    /// Fewer and shorter rounds: about four minutes in all. Good for a look, and not for a claim.
    #[arg(long)]
    quick: bool,

    /// What to measure: words, with commas, that are found in the names of parts or cells.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    only: Vec<String>,

    /// Whom to measure against: words, with commas, that are found in their names.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    against: Vec<String>,

    /// Rounds of each contender, everywhere. Without it, where goals are set there are three times
    /// as many as elsewhere.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: Option<u16>,

    /// The length of a round in the grid, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..))]
    round: Option<u64>,

    /// Write the report into this page, between its two comments, and the plot beside it, with
    /// the ending .svg. Relative to the top of the repository. Into docs/performance.md only
    /// everything is written: no --quick, --only or --against.
    #[arg(
        long,
        value_name = "PAGE",
        num_args = 0..=1,
        default_missing_value = PAGE
    )]
    write: Option<PathBuf>,

    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// What the command line says. Ends the process when it asks for help, or for what can not be.
    pub(crate) fn of_process() -> Self {
        let options = Self::parse();
        if let Err(reason) = options.check() {
            Self::command()
                .error(ErrorKind::InvalidValue, reason)
                .exit();
        }
        options
    }

    fn check(&self) -> Result<(), String> {
        let unknown = |words: &[String], names: &[String]| {
            let is_known = |word: &String| names.iter().any(|name| name.contains(word.as_str()));
            words.iter().find(|word| !is_known(word)).cloned()
        };
        if let Some(word) = unknown(&self.only, &parts_and_cells()) {
            return Err(format!(
                "there is no part and no cell with '{word}' in its name"
            ));
        }
        if let Some(word) = unknown(&self.against, &contenders()) {
            return Err(format!("there is nobody with '{word}' in the name"));
        }
        let is_whole = !self.quick && self.only.is_empty() && self.against.is_empty();
        let Some(page) = self.page() else {
            return Ok(());
        };
        if !is_whole && is_same(&page, &top().join(PAGE)) {
            return Err(format!(
                "{PAGE} has a whole run: leave out --quick, --only and --against, or write into \
                 another page, as in `--write docs/other.md`"
            ));
        }
        page::check(&page).map_err(|error| format!("{}: {error}", page.display()))
    }

    /// Rounds of what is short. A goal is not to be reached, or missed, by the noise of a few.
    pub(crate) fn rounds(&self, has_goal: bool) -> usize {
        self.rounds_or(if self.quick { 2 } else { 7 }, has_goal)
    }

    /// Rounds of what takes longer.
    pub(crate) fn long_rounds(&self, has_goal: bool) -> usize {
        self.rounds_or(if self.quick { 1 } else { 5 }, has_goal)
    }

    fn rounds_or(&self, usual: usize, has_goal: bool) -> usize {
        let times = if has_goal && !self.quick { 3 } else { 1 };
        self.rounds.map_or(usual * times, usize::from)
    }

    /// The length of a round in the grid.
    pub(crate) fn round(&self) -> Duration {
        let default = if self.quick { 50 } else { 150 };
        Duration::from_millis(self.round.unwrap_or(default))
    }

    /// Whether this part was asked for by its name.
    pub(crate) fn has_part(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| part.contains(word.as_str()))
    }

    /// Whether this cell of the grid was asked for, by its own name or with the whole grid.
    pub(crate) fn has_cell(&self, cell: &Cell) -> bool {
        // A space at the end tells `x1` from `x16`.
        let name = format!("{cell} ");
        self.has_part("grid") || self.only.iter().any(|word| name.contains(word.as_str()))
    }

    /// The same of rows in bulk.
    pub(crate) fn has_bulk(&self, cell: &bulk::Cell) -> bool {
        let name = format!("{cell} ");
        self.has_part("bulk") || self.only.iter().any(|word| name.contains(word.as_str()))
    }

    /// Whether this contender takes part. Ours always does.
    pub(crate) fn has(&self, side: Side, name: &str) -> bool {
        let is_ours = [lineup::OURS, bulk::OURS].contains(&name);
        let title = lineup::title(side, name);
        is_ours || self.against.is_empty() || self.against.iter().any(|word| title.contains(word))
    }

    /// The page to write into.
    pub(crate) fn page(&self) -> Option<PathBuf> {
        self.write.as_ref().map(|page| top().join(page))
    }

    /// What asks for the same again.
    pub(crate) fn call() -> String {
        let command = "cargo bench -p tests --features contenders --bench speed";
        let arguments = std::env::args().skip(1);
        let arguments: Vec<_> = arguments.filter(|argument| argument != "--bench").collect();
        match arguments.as_slice() {
            [] => command.to_owned(),
            arguments => format!("{command} -- {}", arguments.join(" ")),
        }
    }
}

fn parts_and_cells() -> Vec<String> {
    let mut names: Vec<_> = PARTS.iter().map(|part| (*part).to_owned()).collect();
    for delayed in [false, true] {
        for workers in WORKERS {
            names.push(format!("{} ", bulk::Cell { workers, delayed }));
            names.extend(Operation::ALL.map(|operation| {
                let cell = Cell {
                    operation,
                    workers,
                    delayed,
                };
                format!("{cell} ")
            }));
        }
    }
    names
}

fn contenders() -> Vec<String> {
    let all = lineup::names().chain(bulk::NAMES);
    all.map(|(side, name)| lineup::title(side, name)).collect()
}

/// The top of the repository.
fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn is_same(one: &Path, other: &Path) -> bool {
    let [one, other] = [one, other].map(fs::canonicalize);
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}
