//! Batch work on the sync side of both backends. The commands as processes are in
//! `app/tests/process.rs`.

mod check;
// sample: begin
mod ledger;
// sample: end
