//! How large the future of a statement is. It is boxed, and moved about, once per statement:
//! what happens once in a while, such as opening a connection, must not be a part of it.

use adapters::seaorm::Backend;

use super::{
    sample::{Entity, named},
    store::Store,
};

/// In bytes. Opening a connection alone takes up 4 KiB.
const STATEMENT: usize = 2_500;

/// With the row that is written.
const WRITE: usize = 4_500;

async fn a_statement_is_light<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let read = size_of_val(&samples.find_by_id(1));
    let lock = size_of_val(&samples.lock(1));
    let create = size_of_val(&samples.create(named("one")));
    let update = size_of_val(&samples.update(named("one")));
    assert!(read < STATEMENT, "to read: {read}");
    assert!(lock < STATEMENT, "to lock: {lock}");
    assert!(create < WRITE, "to create: {create}");
    assert!(update < WRITE, "to change: {update}");
}

on_every_backend!(a_statement_is_light);
