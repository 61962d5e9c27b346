//! A ledger under load while things break, and what has to be true afterwards.
//!
//! Several processes of the real program serve one database, and threads of the blocking side
//! work beside them. All of their traffic goes through a [`Proxy`](crate::Proxy). Round after
//! round something breaks ([`Fault`]); then what the database has is compared with what the
//! clients were told. `tests/tests/ledger_faults/main.rs` is the short form, the program `faults`
//! the long one: after the rounds and a steady load it has cargo run the tests of the workspace
//! that are about histories, cancellation and fuzzing, for longer than anybody waits every day.
//!
//! What is random comes from a seed. The same seed makes the same faults, one after the other; what
//! they hit, and what clients order, also depends on how soon everybody is answered.

#![expect(
    clippy::indexing_slicing,
    reason = "accounts and services are named by numbers below how many there are"
)]

mod attempt;
mod book;
mod call;
mod child;
mod client;
mod clock;
mod disk;
mod fault;
mod import;
mod log;
mod network;
mod outcome;
mod place;
mod plan;
mod program;
mod properties;
mod recovery;
mod replay;
mod report;
mod results;
mod round;
mod service;
mod soak;
mod tested;
mod threads;
mod truth;
mod wal;
mod weight;
mod whole;

pub use child::{Ended, run as run_child};
pub use fault::Fault;
pub use outcome::{Outcome, Part, summary};
pub use plan::{Plan, run};
pub use program::run_if_asked;
pub use properties::Properties;
pub use report::{Report, Round};
pub use results::{occasion, write};
pub use service::Launch;
pub use soak::{Soaked, soak};
pub use tested::{Sizes, Tests};
