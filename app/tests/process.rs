//! The program, as a process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod process {
    mod access;
    mod commands;
    mod database;
    // sample: begin
    mod ledger;
    mod ledger_idempotency;
    mod ledger_tokens;
    // sample: end
    mod log;
    #[cfg(feature = "otel")]
    mod otel;
    mod place;
    mod serve;
    mod settings;
    mod shutdown;
    mod slow;
}
