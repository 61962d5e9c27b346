//! What the integration suite stands on: real databases that cost nothing to have.
//!
//! `cargo test --workspace` needs no server to be running. The first test that asks for a
//! database starts a throw-away PostgreSQL cluster for its process, migrates a template once,
//! and every test gets a clone of its own, so that tests run in parallel and never clean up.
//!
//! To write a test:
//!
//! 1. add a function to the file in `tests/it/` that has the name of what it tests;
//! 2. begin it with `let database = TestDatabase::postgres().await;`;
//! 3. give `database.url()` to the code under test and look from outside with
//!    `database.scalar(..)`. `tests/it/harness.rs` has the smallest examples.
//!
//! A test of the HTTP API begins with a [`TestApp`], whose methods are what its clients do;
//! `tests/it/http/` has examples.
//!
//! A test that stops, restarts or configures its server takes a [`Cluster`] of its own and makes
//! its database with [`TestDatabase::on`]. `TEST_DATABASE_URL` puts the databases on a server
//! that is already there instead; see [`server`].

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test helper fails its test by panicking"
)]

mod answer;
mod backend;
mod binaries;
pub mod cluster;
mod download;
pub mod histories;
pub mod issuer;
mod keeper;
// sample: begin
pub mod ledger_faults;
// sample: end
mod metrics;
mod os_user;
pub mod polls;
mod proxy;
mod scratch;
pub mod server;
mod session;
mod sqlite;
mod template;
mod test_app;
mod test_database;
mod thread;

pub use answer::Answer;
pub use backend::Backend;
pub use cluster::{Cluster, ClusterOptions, StopMode};
pub use metrics::Metrics;
pub use proxy::Proxy;
pub use sqlite::SqliteFile;
pub use template::migrate;
pub use test_app::TestApp;
pub use test_database::TestDatabase;
pub use thread::on_own_thread;
