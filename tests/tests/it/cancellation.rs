//! Every public async operation of the adapters, dropped at every one of its await points.
//!
//! Which operations there are is read from the sources ([`operations`]), so that a new one
//! without a [`Case`](case::Case) has its name in a failing test. How often one waits is found
//! by counting: it is dropped after its first poll, its second, and so on until it ends.

mod authentication;
mod case;
mod drivers;
mod idempotency;
// sample: begin
mod ledger;
mod ledger_memory;
// sample: end
mod memory;
mod operations;
mod place;
mod rows;
mod sessions;
mod units;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use adapters::seaorm::Backend;
use case::Case;
use sea_orm::sqlx::Postgres;

/// The cases that run on a session manager, by the group that a test has the name of.
fn groups<B: Backend>() -> BTreeMap<&'static str, Vec<Case<B>>> {
    BTreeMap::from([
        ("idempotency", idempotency::cases()),
        ("rows", rows::cases()),
        ("sessions", sessions::cases()),
        ("units", units::cases()),
        // sample: begin
        ("ledger", ledger::cases()),
        // sample: end
    ])
}

#[test]
fn every_public_async_operation_of_the_adapters_is_dropped_at_every_await_point() {
    let groups = groups::<Postgres>();
    let on_managers = groups.values().flatten().flat_map(|case| case.covers);
    let mut covered: BTreeSet<&str> = on_managers.copied().collect();
    covered.extend(authentication::COVERS);
    covered.extend(drivers::COVERS);
    covered.extend(memory::covers());
    let operations = operations::all();

    let forgotten: Vec<_> = operations
        .iter()
        .filter(|name| !covered.contains(name.as_str()))
        .collect();
    assert!(forgotten.is_empty(), "without a case: {forgotten:#?}");
    let unknown: Vec<_> = covered
        .iter()
        .filter(|name| !operations.contains(**name))
        .collect();
    assert!(unknown.is_empty(), "a case for nothing: {unknown:#?}");
}

#[test]
fn the_operations_are_read_from_sources_traits_and_macros() {
    let operations = operations::all();
    for known in [
        "AsyncAdapter::create_many",
        "AsyncManager::remove_session",
        "Atomic::atomic_with",
        "Backend::stream",
        "JwtAuthenticator::authenticate",
        "MemoryStore::write",
        "Session::stream_raw",
        "SessionTransaction::begin_with_options",
        "SessionTransaction::commit",
        "carry",
    ] {
        assert!(
            operations.contains(known),
            "{known} is not among {operations:#?}"
        );
    }
    let hidden = ["Keeper::create", "Rows::send", "Scope::begin", "settle"];
    for hidden in hidden {
        assert!(
            !operations.contains(hidden),
            "{hidden} is nobody's business"
        );
    }
}
