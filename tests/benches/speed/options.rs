//! The command line.

use std::time::Duration;

use clap::Parser;

use super::{bulk, grid::Cell, load::Side};

const AFTER_HELP: &str = "\
Parts: wire, grid, bulk, keyset, http. The grid has cells such as
\"point read x16\" and \"transfer x1 delayed\".

Examples, after `cargo bench -p tests --features contenders --bench speed --`:
  --quick                               two minutes instead of a quarter of an hour
  --only 'point read x16'               one cell of the grid
  --only bulk,keyset                    two parts
  --only 'x1 ' --against SeaORM,Diesel  cells with one worker, and not everybody";

/// Measures this skeleton next to what one would use instead, on a PostgreSQL of its own.
///
/// Everything is compared in one run, its rounds interleaved.
#[derive(Debug, Parser)]
#[command(name = "speed", after_help = AFTER_HELP)]
pub(crate) struct Options {
    /// Fewer and shorter rounds: two minutes in all. Good for a look, and not for a claim.
    #[arg(long)]
    quick: bool,

    /// What to measure: words, with commas, that are found in the names of parts or cells.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    only: Vec<String>,

    /// Whom to measure against: words, with commas, that are found in their names.
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    against: Vec<String>,

    /// Rounds of each contender in each cell.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: Option<u16>,

    /// The length of a round in the grid, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..))]
    round: Option<u64>,

    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    pub(crate) fn rounds(&self) -> usize {
        let default = if self.quick { 2 } else { 7 };
        self.rounds.map_or(default, usize::from)
    }

    /// The length of a round in the grid.
    pub(crate) fn round(&self) -> Duration {
        let default = if self.quick { 50 } else { 200 };
        Duration::from_millis(self.round.unwrap_or(default))
    }

    /// Whether this part was asked for by its name.
    pub(crate) fn has_part(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| part.contains(word.trim()))
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

    /// Rounds of what takes longer.
    pub(crate) fn long_rounds(&self) -> usize {
        let default = if self.quick { 1 } else { 5 };
        self.rounds.map_or(default, usize::from)
    }

    /// Whether this contender takes part. Ours always does.
    pub(crate) fn has(&self, side: Side, name: &str) -> bool {
        let is_ours = [super::lineup::OURS, bulk::OURS].contains(&name);
        let title = super::lineup::title(side, name);
        is_ours || self.against.is_empty() || self.against.iter().any(|word| title.contains(word))
    }
}
