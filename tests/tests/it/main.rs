//! The integration suite: one binary, one module for each noun.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod architecture;
mod authentication;
mod cancellation;
mod cli;
mod errors;
mod harness;
mod histories;
mod http;
mod idempotency;
mod migrations;
mod registry;
mod repository;
mod session;
mod stream;
mod unit_of_work;

// sample: begin
mod ledger;
mod sample;
// sample: end
