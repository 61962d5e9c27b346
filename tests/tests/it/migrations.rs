//! The schema, and what changes it.

mod generate;
mod guard;

// sample: begin
mod ahead;
mod at_once;
mod commands;
mod round_trip;
mod rules;

use adapters::Database;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tests::{SqliteFile, TestDatabase};

const ACCOUNTS: &str = "m20260101_000001_create_accounts";
const TRANSFERS: &str = "m20260101_000002_create_transfers";
const KEYS: &str = "m20260101_000003_create_idempotency_keys";
const ALL: [&str; 3] = [ACCOUNTS, TRANSFERS, KEYS];

/// A database of either kind with nothing in it, for as long as this lives.
enum Empty {
    Postgres(TestDatabase),
    Sqlite(SqliteFile),
}

impl Empty {
    async fn both() -> [Self; 2] {
        [
            Self::Postgres(TestDatabase::empty().await),
            Self::Sqlite(SqliteFile::empty()),
        ]
    }

    fn url(&self) -> String {
        match self {
            Self::Postgres(database) => database.url(),
            Self::Sqlite(file) => file.url(),
        }
    }

    fn database(&self) -> Database {
        Database::from_url(&self.url()).unwrap()
    }

    /// Runs a statement, or says why it was refused.
    async fn execute(&self, sql: &str) -> Result<(), String> {
        let connection = self.database().connection().unwrap();
        let outcome = connection.execute_unprepared(sql).await;
        connection.close().await.unwrap();
        outcome.map(drop).map_err(|error| error.to_string())
    }

    /// The first column of every row, as text.
    async fn column(&self, sql: &str) -> Vec<String> {
        let connection = self.database().connection().unwrap();
        let column = column(&connection, sql).await;
        connection.close().await.unwrap();
        column
    }

    /// What the database says its tables, constraints and indexes are.
    async fn schema(&self) -> Vec<String> {
        self.column(match self {
            Self::Postgres(_) => POSTGRES_SCHEMA,
            Self::Sqlite(_) => SQLITE_SCHEMA,
        })
        .await
    }
}

const POSTGRES_SCHEMA: &str = "
    SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = current_schema()
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
    ORDER BY 1";

const SQLITE_SCHEMA: &str =
    "SELECT concat_ws(' ', type, name, tbl_name, sql) FROM sqlite_schema ORDER BY 1";

async fn column(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}
// sample: end
