//! Histories of concurrent units of work, and whether a model can explain them.
//!
//! The database holds registers, each a list to which units of work append. Every value is
//! appended once, so that a list tells in which order it was written, and a read tells what it
//! has seen. From what all attempts saw and what is stored at the end, [`check`] builds the
//! graph of who depends on whom, and finds what the isolation level forbids: after Adya's
//! "Weak Consistency" and the Elle checker.
//!
//! 1. [`plan::Plan`] says what a history's units of work are going to do, from a seed;
//! 2. [`run`] does it, through the session managers;
//! 3. [`check::anomalies`] judges what was seen, and [`order::serial`] looks for a serial order
//!    in another way, so that the two can be held against each other.

pub mod check;
pub mod history;
pub mod order;
pub mod plan;
pub mod registers;
pub mod report;
pub mod run;
// sample: begin
pub mod ledger;
// sample: end

pub use check::{Level, anomalies};
pub use history::{Attempt, History, Op, Outcome};
pub use plan::{Plan, Style};
pub use registers::Registers;
pub use report::Report;
pub use run::{judged, judged_blocking};
