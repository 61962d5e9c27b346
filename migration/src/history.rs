//! Which migrations a database has.

use sea_orm_migration::{
    DbErr, MigratorTrait as _, SchemaManager,
    sea_orm::{DatabaseConnection, EntityTrait as _},
    seaql_migrations,
};

use crate::Migrator;

/// The migrations of a database beside those of this program, each in the order of names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// In both.
    pub applied: Vec<String>,
    /// In this program only: `up` applies them.
    pub pending: Vec<String>,
    /// In the database only: it is ahead of this program, which is what happens while a new
    /// version is being rolled out or taken back.
    pub unknown: Vec<String>,
}

impl Status {
    /// Of a database that has nothing yet.
    pub(crate) fn of_nothing() -> Self {
        Self::compare(Vec::new())
    }

    /// What the database has, oldest first.
    pub(crate) fn recorded(&self) -> Vec<String> {
        let mut recorded = [self.applied.as_slice(), &self.unknown].concat();
        recorded.sort();
        recorded
    }

    fn compare(mut recorded: Vec<String>) -> Self {
        recorded.sort();
        let known = Migrator::migrations();
        let mut known: Vec<_> = known.iter().map(|known| known.name().to_owned()).collect();
        known.sort();
        let pending = known.iter().filter(|name| !recorded.contains(name));
        let pending = pending.cloned().collect();
        let (applied, unknown) = recorded.into_iter().partition(|name| known.contains(name));
        Self {
            applied,
            pending,
            unknown,
        }
    }
}

/// Reads the list that the database keeps. Nothing is written, not even an empty list: a role
/// without rights to change the schema may ask.
pub(crate) async fn read(connection: &DatabaseConnection) -> Result<Status, DbErr> {
    let table = Migrator::migration_table_name().to_string();
    if !SchemaManager::new(connection).has_table(table).await? {
        return Ok(Status::of_nothing());
    }
    let rows = seaql_migrations::Entity::find().all(connection).await?;
    Ok(Status::compare(
        rows.into_iter().map(|row| row.version).collect(),
    ))
}
