//! The embedded database, one file per test.

use sea_orm::sqlx::{AssertSqlSafe, Connection, SqliteConnection, raw_sql};
use std::path::PathBuf;
use tempfile::TempDir;

/// An SQLite database in a directory of its own, which goes away with this value: the journal and
/// the shared memory file lie beside the database.
#[derive(Debug)]
pub struct SqliteFile {
    directory: TempDir,
}

impl SqliteFile {
    /// A place for a database; the file itself appears with the first connection.
    pub fn empty() -> Self {
        Self {
            directory: TempDir::with_prefix("test-sqlite-").expect("a temporary directory"),
        }
    }

    /// Where the database file is.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("test.sqlite")
    }

    /// The URL under which the file is made when it is missing.
    pub fn url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.path().display())
    }

    /// A connection of the test's own.
    pub async fn connect(&self) -> SqliteConnection {
        let connection = SqliteConnection::connect(&self.url()).await;
        connection.unwrap_or_else(|error| panic!("opening {}: {error}", self.path().display()))
    }

    /// Runs statements, one or many, in a connection of their own.
    pub async fn execute(&self, sql: &str) {
        let mut connection = self.connect().await;
        let run = raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
        if let Err(error) = run {
            panic!("{sql}: {error}");
        }
    }
}
