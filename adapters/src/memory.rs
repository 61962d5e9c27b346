//! The ports in memory: what services are tested on, without a database.
//!
//! These are not mocks. Filters, sorts, pages, versions and units of work do what the ports
//! promise, so that a service that is right here is right on a database as well.
//!
//! To add a repository: give its rows a table in a struct that is `Clone`, implement
//! [`Record`] for them, and build the port on [`MemoryStore::read`] and
//! [`MemoryStore::write`].

mod authenticator;
mod clock;
mod idempotency;
mod ids;
pub mod query;
mod store;
mod unit_of_work;
// sample: begin
mod account;
mod ledger;
mod transfer;
// sample: end

pub use authenticator::KnownCallers;
pub use clock::FixedClock;
pub use idempotency::{KeyTable, MemoryIdempotencyKeys};
pub use ids::SequentialIds;
pub use query::Record;
pub use store::MemoryStore;
pub use unit_of_work::MemoryUnitOfWork;
// sample: begin
pub use account::MemoryAccounts;
pub use ledger::{Ledger, MemoryLedger};
pub use transfer::MemoryTransfers;
// sample: end
