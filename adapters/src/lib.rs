//! The ports: databases on SeaORM, callers by JSON Web Tokens.
//!
//! [`seaorm`] is the session layer, written once; [`postgres`] and [`sqlite`] are what
//! differs; [`repository`] is the generic adapter over any entity. What belongs to one
//! context of the domain has a module of its own.
//!
//! # To add an aggregate
//!
//! README.md has the whole way. The part of it that is here is two files, say for
//! invoices, each declared in the module above it:
//!
//! 1. `adapters/src/<context>/invoice.rs`: the entity and the port's implementation.
//!    Rows never leave that file: what comes out is the domain's own type. Constraints
//!    that the domain has names for become its failures there, by their names.
//! 2. `adapters/src/memory/invoice.rs`: the port in memory, for tests without a
//!    database. The same contract, in `tests/tests/it/<context>/invoice.rs`, holds
//!    for both.

pub mod blocking;
mod clock;
pub mod config;
mod database;
mod idempotency;
mod ids;
pub mod jwt;
pub mod memory;
pub mod postgres;
pub mod registry;
pub mod repository;
pub mod seaorm;
pub mod sqlite;

// sample: begin
pub mod ledger;
// sample: end

pub use clock::SystemClock;
pub use database::Database;
pub use idempotency::IdempotencyKeyRepository;
pub use ids::UuidV7;
