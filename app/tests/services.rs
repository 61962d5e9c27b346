//! The use cases, on repositories in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod services {
    mod idempotency;
    // sample: begin
    mod account;
    mod book;
    mod reach;
    mod transfer;
    mod transfer_once;
    // sample: end
}
