//! Registers in a table: each a list of numbers, written as text.

use adapters::seaorm::{AsyncManager, Backend, database_error};
use ports::{AsyncSessionManager as _, DatabaseError};
use sea_orm::{ConnectionTrait as _, DbBackend, QueryResult, Statement, Value as Bound};

use super::history::Value;

/// The registers that a manager has.
pub struct Registers<B: Backend>(AsyncManager<B>);

impl<B: Backend> Clone for Registers<B> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<B: Backend> Registers<B> {
    /// The registers in a table that is there.
    pub const fn new(manager: AsyncManager<B>) -> Self {
        Self(manager)
    }

    /// The manager.
    pub const fn manager(&self) -> &AsyncManager<B> {
        &self.0
    }

    /// Makes the table.
    pub async fn create(&self) -> Result<(), DatabaseError> {
        let table =
            "CREATE TABLE IF NOT EXISTS register (id bigint PRIMARY KEY, items text NOT NULL)";
        let session = self.0.session()?;
        let done = session.execute_unprepared(table).await;
        done.map(drop).map_err(database_error)
    }

    /// Makes empty ones, with these numbers.
    pub async fn open(&self, ids: std::ops::Range<i64>) -> Result<(), DatabaseError> {
        let rows: Vec<_> = ids.map(|id| format!("({id}, '')")).collect();
        let sql = format!(
            "INSERT INTO register (id, items) VALUES {}",
            rows.join(", ")
        );
        self.run(&sql, []).await
    }

    /// What is in all of these, at one moment.
    ///
    /// # Errors
    ///
    /// Those of a statement.
    pub async fn look(&self, ids: std::ops::Range<i64>) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let (from, to) = (ids.start, ids.end);
        let sql = "SELECT items FROM register WHERE id >= $1 AND id < $2 ORDER BY id";
        let values = [from.into(), to.into()];
        let statement = Statement::from_sql_and_values(B::DIALECT, sql, values);
        let session = self.0.session()?;
        let rows = session.query_all_raw(statement).await;
        let rows = rows.map_err(database_error)?;
        rows.iter().map(items).collect()
    }

    /// What is in it.
    pub async fn read(&self, id: i64) -> Result<Vec<Value>, DatabaseError> {
        self.select(id, "").await
    }

    /// What is in it, which nobody else writes until the end of the unit of work. On SQLite
    /// that is so anyway.
    pub async fn lock(&self, id: i64) -> Result<Vec<Value>, DatabaseError> {
        let clause = match B::DIALECT {
            DbBackend::Postgres => " FOR NO KEY UPDATE",
            _ => "",
        };
        self.select(id, clause).await
    }

    /// Appends, whatever is in it.
    pub async fn append(&self, id: i64, value: Value) -> Result<(), DatabaseError> {
        let sql = "UPDATE register SET items = items || $1 WHERE id = $2";
        self.run(sql, [text(&[value]).into(), id.into()]).await
    }

    /// Writes all of it.
    pub async fn write(&self, id: i64, items: &[Value]) -> Result<(), DatabaseError> {
        let sql = "UPDATE register SET items = $1 WHERE id = $2";
        self.run(sql, [text(items).into(), id.into()]).await
    }

    async fn run<const N: usize>(
        &self,
        sql: &str,
        values: [Bound; N],
    ) -> Result<(), DatabaseError> {
        let statement = Statement::from_sql_and_values(B::DIALECT, sql, values);
        let session = self.0.session()?;
        let done = session.execute_raw(statement).await;
        done.map(drop).map_err(database_error)
    }

    async fn select(&self, id: i64, clause: &str) -> Result<Vec<Value>, DatabaseError> {
        let sql = format!("SELECT items FROM register WHERE id = $1{clause}");
        let statement = Statement::from_sql_and_values(B::DIALECT, sql, [id.into()]);
        let session = self.0.session()?;
        let row = session.query_one_raw(statement).await;
        let row = row.map_err(database_error)?.expect("a register");
        items(&row)
    }
}

fn items(row: &QueryResult) -> Result<Vec<Value>, DatabaseError> {
    let items: String = row.try_get_by_index(0).map_err(database_error)?;
    Ok(items
        .split_terminator(',')
        .map(|item| item.parse().expect("a number"))
        .collect())
}

fn text(items: &[Value]) -> String {
    items
        .iter()
        .fold(String::new(), |text, item| text + &item.to_string() + ",")
}
