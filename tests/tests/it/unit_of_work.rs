//! What a unit of work promises, on real databases.
//!
//! What every backend keeps is written once, over a [`World`](world::World), and
//! listed in `on_both!`.

#![expect(clippy::panic, reason = "a test fails by panicking")]
#![expect(
    clippy::large_futures,
    reason = "tests are polled on the stack of their own thread"
)]

mod begin;
mod blocking;
mod carried;
mod connection;
mod dropped;
mod hooks;
mod long;
mod lost;
mod metrics;
mod nested;
mod options;
mod outcome;
mod retry;
mod runtimes;
mod slow_server;
mod tainted;
mod world;
