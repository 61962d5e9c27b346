//! Opening the accounts of a file.

use std::fmt;

use indicatif::ProgressBar;
use ports::{DatabaseError, SessionManager, blocking::BlockOn as _};

use super::{AccountsFile, BadRow, Row};
use crate::{
    bootstrap::Job,
    cli::Failure,
    http::chain,
    services::{AccountService, AccountServiceError, Reach, Services},
};

/// Opens the accounts of a file in one unit of work.
pub struct Import {
    /// The file.
    pub file: AccountsFile,
    /// Store the good rows although there are bad ones.
    pub keep_good: bool,
    /// Told of every account that was opened.
    pub progress: ProgressBar,
}

/// What came of an import.
#[derive(Debug, PartialEq, Eq)]
pub struct Imported {
    /// How many accounts were opened.
    pub opened: usize,
    /// The rows that were not stored for a reason of their own.
    pub bad: Vec<BadRow>,
}

impl Job for Import {
    type Output = Result<Imported, Failure>;

    fn run<M: SessionManager>(self, manager: &M, services: &Services) -> Self::Output {
        let Self {
            file,
            keep_good,
            progress,
        } = self;
        let (good, bad) = sorted(file, &services.accounts);
        if good.is_empty() || !(bad.is_empty() || keep_good) {
            return Ok(Imported { opened: 0, bad });
        }
        let accounts = good.into_iter().map(|row| row.account);
        let seen = |opened| progress.set_position(opened as u64);
        let opening = services
            .accounts
            .open_all(&Reach::Everything, accounts, seen);
        let opened = manager.block_on(opening)?;
        Ok(Imported {
            opened: opened.map_err(failure)?.len(),
            bad,
        })
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.opened, self.bad.len()) {
            (opened, 0) => write!(f, "accounts opened: {opened}"),
            (0, bad) => write!(f, "nothing was stored; bad rows: {bad}"),
            (opened, bad) => write!(f, "accounts opened: {opened}; bad rows: {bad}"),
        }
    }
}

/// Takes out what the domain refuses, so that all refusals are told and none comes when half
/// of the file is stored.
fn sorted(file: AccountsFile, accounts: &AccountService) -> (Vec<Row>, Vec<BadRow>) {
    let AccountsFile { rows, mut bad } = file;
    let mut good = Vec::with_capacity(rows.len());
    for row in rows {
        match accounts.check(&row.account) {
            Ok(()) => good.push(row),
            Err(refusal) => bad.push(BadRow {
                line: row.line,
                reason: refusal.to_string(),
            }),
        }
    }
    bad.sort_by_key(|row| row.line);
    (good, bad)
}

fn failure(error: AccountServiceError) -> Failure {
    let outcome = match error {
        AccountServiceError::Database(DatabaseError::CommitOutcomeUnknown(_)) => {
            "all rows may be stored, or none; look before you import them again"
        }
        _ => "nothing was stored",
    };
    Failure::new(format!("{outcome}: {}", chain(&error)))
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use super::*;

    #[test]
    fn nothing_was_stored_is_said_where_it_is_known() {
        let lost = || Arc::new(io::Error::from(io::ErrorKind::ConnectionReset));
        for (error, known) in [
            (DatabaseError::Connection(lost()), true),
            (DatabaseError::CommitOutcomeUnknown(lost()), false),
        ] {
            let text = format!("{:?}", failure(error.into()));
            assert_eq!(text.contains("nothing was stored"), known, "{text}");
        }
    }
}
