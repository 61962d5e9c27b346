//! The migrations of this program, on a database that may have more.

use async_trait::async_trait;
use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, MigratorTrait, MigratorTraitSelf, SchemaManager,
};

use crate::Migrator;

/// A [`Migrator`] that also answers to names that it does not know. The crate underneath
/// refuses to do anything on a database with such names in its list, which would keep the old
/// version of a service from starting while the new one is being rolled out.
#[derive(Default)]
pub(crate) struct Tolerant {
    pub(crate) unknown: Vec<String>,
}

impl MigratorTraitSelf for Tolerant {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let known = <Migrator as MigratorTrait>::migrations().into_iter();
        let unknown = self.unknown.iter().cloned();
        let mut all: Vec<_> = known
            .map(|known| Box::new(Atomic(known)) as Box<dyn MigrationTrait>)
            .chain(unknown.map(|name| Box::new(Placeholder(name)) as _))
            .collect();
        all.sort_by(|one, other| one.name().cmp(other.name()));
        all
    }
}

/// A migration in a transaction on SQLite too, and with its name in its failures.
struct Atomic(Box<dyn MigrationTrait>);

impl Atomic {
    fn named(&self, outcome: Result<(), DbErr>) -> Result<(), DbErr> {
        outcome.map_err(|error| DbErr::Migration(format!("{}: {error}", self.name())))
    }
}

impl MigrationName for Atomic {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait]
impl MigrationTrait for Atomic {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.named(self.0.up(manager).await)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.named(self.0.down(manager).await)
    }

    fn use_transaction(&self) -> Option<bool> {
        self.0.use_transaction().or(Some(true))
    }
}

/// Stands for a migration that only another version knows. It is never run: what the database
/// has is not applied again, and taking it back is refused before anything is done.
struct Placeholder(String);

impl MigrationName for Placeholder {
    fn name(&self) -> &str {
        &self.0
    }
}

#[async_trait]
impl MigrationTrait for Placeholder {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration(format!("{} is not known", self.0)))
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.up(manager).await
    }
}
