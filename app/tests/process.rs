//! The program, as a process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod process {
    mod commands;
    mod database;
    // sample: begin
    mod ledger;
    // sample: end
    mod log;
    mod place;
    mod serve;
    mod settings;
    mod shutdown;
    mod slow;
}
