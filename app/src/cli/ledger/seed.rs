//! Filling the ledger with demonstration data.

mod book;
mod history;

use std::fmt;

use adapters::{Database, config::Environment};
use indicatif::ProgressBar;
use migration::guard::{self, Target};
use ports::{DatabaseError, SessionManager, blocking::BlockOn as _};

use crate::{bootstrap::Job, cli::Failure, http::chain, services::Services};
use book::Book;

/// The most accounts that are made, and stored, at once. Money moves between them alone.
const CHUNK: u64 = 1_000;

/// Stores demonstration data, chunk by chunk, each of them whole or not at all.
///
/// What is stored follows from the three numbers. A chunk that is there already is left alone:
/// doing it again goes on where it has failed before.
#[derive(Debug, Clone)]
pub struct Seed {
    /// How many accounts.
    pub accounts: u64,
    /// How many transfers between them.
    pub transfers: u64,
    /// Another number, other data.
    pub seed: u64,
    /// Told of every account and transfer.
    pub progress: ProgressBar,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Accounts that were stored.
    pub accounts: u64,
    /// Transfers that were stored.
    pub transfers: u64,
    /// Accounts and transfers that were there already.
    pub before: u64,
}

/// Accounts and transfers of one chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk {
    number: u64,
    accounts: u64,
    transfers: u64,
}

impl Seed {
    /// All chunks: as many accounts in each as fit, and the transfers in proportion.
    fn chunks(&self) -> impl Iterator<Item = Chunk> {
        let (accounts, transfers) = (self.accounts, self.transfers);
        let count = accounts.div_ceil(CHUNK);
        let upto = move |all: u64, number: u64| {
            let part = u128::from(all) * u128::from(number) / u128::from(count.max(1));
            u64::try_from(part).unwrap_or(all)
        };
        (0..count).map(move |number| Chunk {
            number,
            accounts: upto(accounts, number + 1) - upto(accounts, number),
            transfers: upto(transfers, number + 1) - upto(transfers, number),
        })
    }

    fn book(&self, chunk: Chunk) -> Book {
        let Self {
            accounts,
            transfers,
            seed,
            ..
        } = *self;
        let numbers = [seed, accounts, transfers, chunk.number];
        let of = accounts.div_ceil(CHUNK);
        Book::new(numbers, chunk.accounts, chunk.number, of)
    }
}

impl Job for Seed {
    type Output = Result<Seeded, Failure>;

    fn run<M: SessionManager>(self, manager: &M, services: &Services) -> Self::Output {
        self.progress.set_length(self.accounts + self.transfers);
        let mut done = Seeded::default();
        for chunk in self.chunks() {
            let book = self.book(chunk);
            let accounts = book.after(chunk.transfers);
            let past = || book.history(chunk.transfers);
            let stored = manager.block_on(services.ledger.take_over(&accounts, past));
            let stored = stored.and_then(|stored| stored);
            if stored.map_err(|error| failure(&error, done))? {
                done.accounts += chunk.accounts;
                done.transfers += chunk.transfers;
            } else {
                done.before += chunk.accounts + chunk.transfers;
            }
            self.progress.inc(chunk.accounts + chunk.transfers);
        }
        Ok(done)
    }
}

impl fmt::Display for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accounts,
            transfers,
            before,
        } = self;
        write!(
            f,
            "accounts stored: {accounts}; transfers stored: {transfers}"
        )?;
        match before {
            0 => Ok(()),
            _ => write!(f, "; there already: {before}"),
        }
    }
}

fn failure(error: &DatabaseError, done: Seeded) -> Failure {
    let last = match error {
        DatabaseError::CommitOutcomeUnknown(_) => "; the chunk after these may be stored",
        _ => "",
    };
    Failure::new(format!(
        "{done}{last}; the same command goes on from there: {}",
        chain(error)
    ))
}

/// Refuses a database that looks like production's, unless its name was given.
///
/// # Errors
///
/// Why it is refused.
pub(super) fn permit(database: &Database, name: Option<&str>) -> Result<(), Failure> {
    let environment = guard::read(&Environment::of_process()?)?;
    let target = Target::new(database, &environment);
    match (name, target.production) {
        (Some(name), _) if name != target.name => Err(Failure::new(format!(
            "--database-name is {name:?}, but this is {}",
            target.description
        ))),
        (None, Some(reason)) => Err(Failure::new(format!(
            "{} counts as production ({reason}): demonstration data goes there only when it is \
             named with --database-name",
            target.description
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(accounts: u64, transfers: u64) -> Seed {
        Seed {
            accounts,
            transfers,
            seed: 7,
            progress: ProgressBar::hidden(),
        }
    }

    #[test]
    fn chunks_are_bounded_and_come_to_what_was_asked_for() {
        for (accounts, transfers) in [(0, 0), (1, 0), (2, 1_000), (1_001, 7), (100_000, 333_333)] {
            let seed = seed(accounts, transfers);
            let chunks: Vec<_> = seed.chunks().collect();
            assert!(chunks.iter().all(|chunk| chunk.accounts <= CHUNK));
            let sum = |of: fn(&Chunk) -> u64| chunks.iter().map(of).sum::<u64>();
            assert_eq!(sum(|chunk| chunk.accounts), accounts);
            assert_eq!(sum(|chunk| chunk.transfers), transfers);
        }
    }

    #[test]
    fn what_is_made_follows_from_the_numbers() {
        let made = |seed: &Seed| {
            let chunk = seed.chunks().next().unwrap();
            let book = seed.book(chunk);
            let past: Vec<_> = book.history(chunk.transfers).collect();
            (book.after(chunk.transfers), past)
        };
        let first = seed(50, 200);
        assert_eq!(made(&first), made(&first.clone()));
        let other = Seed {
            seed: 8,
            ..first.clone()
        };
        assert_ne!(made(&first), made(&other));
        assert_ne!(made(&first), made(&seed(51, 200)));
    }
}
