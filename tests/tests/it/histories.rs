//! Units of work beside each other, and a model that has to explain what they saw.
//!
//! `HISTORIES` is how many there are of each kind, `HISTORIES_SEED` the first of their seeds.

#![expect(
    clippy::print_stdout,
    reason = "a run is told by its seed, and what it has seen by numbers"
)]

mod checker;
// sample: begin
mod ledger;
// sample: end
mod registers;

use std::{env, sync::OnceLock};

/// How many histories to run, where so many are enough for every day.
fn count(enough: usize) -> usize {
    let asked = env::var("HISTORIES").ok();
    asked.map_or(enough, |asked| {
        asked.parse().expect("HISTORIES is a number")
    })
}

/// The first seed of this run.
fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    let seed = *SEED.get_or_init(|| match env::var("HISTORIES_SEED") {
        Ok(asked) => asked.parse().expect("HISTORIES_SEED is a number"),
        Err(_) => fastrand::u64(..u64::MAX / 2),
    });
    println!("HISTORIES_SEED={seed}");
    seed
}
