//! A CSV file of accounts to open.

use std::{fs::File, io, ops::Range, path::Path, str};

use csv::{ByteRecord, Position, ReaderBuilder, Trim};
use domain::{Currency, Money, Owner};

use crate::services::NewAccount;

const COLUMNS: [&str; 3] = ["owner", "currency", "opening_balance"];

/// What is in the file: rows that can be read, and those that can not.
#[derive(Debug, Default)]
pub struct AccountsFile {
    /// Accounts to open.
    pub rows: Vec<Row>,
    /// Rows that are no accounts.
    pub bad: Vec<BadRow>,
}

/// An account to open.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where it is in the file, from 1.
    pub line: u64,
    /// The account.
    pub account: NewAccount,
}

/// A row that is not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Where it is in the file, from 1.
    pub line: u64,
    /// All that is wrong with it.
    pub reason: String,
}

/// Why a file is not read at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there, or not readable.
    #[error("the file can not be read: {0}")]
    Unreadable(io::Error),
    /// There is nothing in it.
    #[error("the file is empty; its first line must be owner,currency,opening_balance")]
    Empty,
    /// The columns are not those of accounts.
    #[error("{0}; the first line must be owner,currency,opening_balance, in any order")]
    Header(String),
    /// Not a text in UTF-8.
    #[error("line {line} is not UTF-8; save the file as UTF-8 and try again")]
    Encoding {
        /// The first such line.
        line: u64,
    },
}

impl AccountsFile {
    /// Reads a file to its end.
    ///
    /// # Errors
    ///
    /// When it is no file of accounts. Rows that are wrong are in [`AccountsFile::bad`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        Self::read(File::open(path).map_err(FileError::Unreadable)?)
    }

    /// The same, of anything that can be read.
    ///
    /// # Errors
    ///
    /// As with [`open`](Self::open).
    pub fn read(mut input: impl io::Read) -> Result<Self, FileError> {
        let mut bytes = Vec::new();
        input
            .read_to_end(&mut bytes)
            .map_err(FileError::Unreadable)?;
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .trim(Trim::All)
            .from_reader(bytes.as_slice());
        let places = places(reader.byte_headers().map_err(unreadable)?)?;
        let mut file = Self::default();
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(unreadable)? {
            let begin = record.position();
            let line = begin.map_or(0, |begin| line(&bytes, begin));
            let raw = begin.map_or(0, Position::byte)..reader.position().byte();
            let raw = raw_record(&bytes, raw);
            let texts = texts(&record, line)?;
            match well_quoted(raw).and_then(|()| row(texts, places)) {
                Ok(account) => file.rows.push(Row { line, account }),
                Err(reason) => file.bad.push(BadRow { line, reason }),
            }
        }
        Ok(file)
    }
}

/// The line that a record is on. The reader's position is where it went on reading: blank lines
/// come after that, and before the record.
fn line(bytes: &[u8], begin: &Position) -> u64 {
    let rest = bytes
        .iter()
        .skip(usize::try_from(begin.byte()).unwrap_or(0));
    let blank = rest.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let passed = blank.filter(|byte| **byte == b'\n').count();
    begin.line() + u64::try_from(passed).unwrap_or(0)
}

fn raw_record(bytes: &[u8], place: Range<u64>) -> &[u8] {
    let index = |place| usize::try_from(place).unwrap_or(usize::MAX);
    let record = bytes.get(index(place.start)..index(place.end));
    record.unwrap_or_default()
}

/// Refuses what the reader takes without a word: a value that goes on after its closing quote,
/// and one that is never closed, which takes the rest of the file along.
fn well_quoted(record: &[u8]) -> Result<(), String> {
    #[derive(Clone, Copy, PartialEq)]
    enum Place {
        Begin,
        Plain,
        Quoted,
        Closed,
        Blank,
    }
    use Place::{Begin, Blank, Closed, Plain, Quoted};
    let mut place = Begin;
    for byte in record {
        place = match (place, byte) {
            (Quoted, b'"') => Closed,
            (Quoted, _) | (Begin | Closed, b'"') => Quoted,
            (_, b',') | (Begin, b'\r' | b'\n') => Begin,
            (Closed | Blank, b' ' | b'\t' | b'\r' | b'\n') => Blank,
            (Closed | Blank, _) => return Err("there is text after a closing quote".to_owned()),
            (Begin | Plain, _) => Plain,
        };
    }
    if place == Quoted {
        return Err("a quote is not closed".to_owned());
    }
    Ok(())
}

/// Where the columns are, in the order of [`COLUMNS`].
fn places(header: &ByteRecord) -> Result<[usize; 3], FileError> {
    let names = texts(header, 1)?;
    if names.iter().all(|name| name.is_empty()) {
        return Err(FileError::Empty);
    }
    if let Some(unknown) = names.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(FileError::Header(format!("there is a column {unknown:?}")));
    }
    if names.len() > COLUMNS.len() {
        return Err(FileError::Header("a column is there twice".to_owned()));
    }
    let [owner, currency, balance] = COLUMNS.map(|column| {
        let place = names.iter().position(|name| *name == column);
        place.ok_or_else(|| FileError::Header(format!("there is no column {column}")))
    });
    Ok([owner?, currency?, balance?])
}

fn row(texts: Vec<&str>, places: [usize; 3]) -> Result<NewAccount, String> {
    if texts.len() != COLUMNS.len() {
        let found = texts.len();
        return Err(format!("there are {found} values, where 3 are needed"));
    }
    let [owner, currency, balance] =
        places.map(|place| texts.get(place).copied().unwrap_or_default());
    let owner = Owner::new(owner).map_err(|error| error.to_string());
    let currency = Currency::new(currency).map_err(|error| error.to_string());
    let balance: Result<i64, _> = balance.parse().map_err(|_| {
        format!("the opening balance {balance:?} is not a whole number of minor units")
    });
    match (owner, currency, balance) {
        (Ok(owner), Ok(currency), Ok(minor)) => Ok(NewAccount {
            owner,
            opening_balance: Money::new(minor, currency),
        }),
        (owner, currency, balance) => {
            let reasons = [owner.err(), currency.err(), balance.err()];
            Err(reasons.into_iter().flatten().collect::<Vec<_>>().join("; "))
        }
    }
}

fn texts(record: &ByteRecord, line: u64) -> Result<Vec<&str>, FileError> {
    let texts = record.iter().map(str::from_utf8).collect::<Result<_, _>>();
    texts.map_err(|_| FileError::Encoding { line })
}

/// Rows of any length and any bytes are read, so that only the input itself can fail.
fn unreadable(error: csv::Error) -> FileError {
    FileError::Unreadable(io::Error::from(error))
}

#[cfg(test)]
mod tests;
