//! The schema: its migrations, and what applies them.
//!
//! To change the schema:
//!
//! 1. `cargo run -p migration -- generate add_something` writes a file here and adds it to the
//!    lists below;
//! 2. write `up` and `down` in it, for both databases from one definition;
//! 3. `cargo run -p migration -- up`, and `refresh --yes` to try the way back.
//!
//! A migration that has been released is never edited: databases that have it do not run it
//! again. Names order the migrations; each runs in a transaction of its own, together with the
//! row that records it.
//!
//! Whoever changes the schema holds a lock, so any number of instances may start at once. See
//! [`migrate`] for what happens at the start of a service.

mod change;
pub mod cli;
mod error;
pub mod generate;
pub mod guard;
mod history;
// sample: begin
mod ledger;
// sample: end
mod lock;
mod migrate;
mod reach;
mod tolerant;

// sample: begin
mod m20260101_000001_create_accounts;
mod m20260101_000002_create_transfers;
// sample: end
mod m20260101_000003_create_idempotency_keys;
// Modules of new migrations go above this line.

pub use change::{Change, Report, change};
pub use error::MigrationError;
pub use history::Status;
pub use lock::{LOCK_TIMEOUT, Lock};
pub use migrate::{migrate, migrate_url, pending, status};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every migration, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            // sample: begin
            Box::new(m20260101_000001_create_accounts::Migration),
            Box::new(m20260101_000002_create_transfers::Migration),
            // sample: end
            Box::new(m20260101_000003_create_idempotency_keys::Migration),
            // New migrations go above this line.
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_names_and_each_name_is_there_once() {
        let names: Vec<_> = Migrator::migrations()
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect();
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();

        assert_eq!(names, sorted);
    }
}
