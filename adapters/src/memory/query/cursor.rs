//! Cursors into lists in memory.

use std::{collections::HashMap, sync::Mutex};

use ports::{Cursor, DatabaseError, Value};
use uuid::Uuid;

use crate::memory::store::lock;

/// The cursors that were handed out. A cursor says nothing by itself, so that one which was
/// changed is one which is not here.
#[derive(Debug, Default)]
pub struct Cursors(Mutex<HashMap<String, (String, Position)>>);

/// The place of a record in an order.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) values: Vec<Value>,
    pub(super) id: Uuid,
}

impl Cursors {
    pub(super) fn hand_out(&self, label: String, position: Position) -> Cursor {
        let text = format!("{:032x}", fastrand::u128(..));
        lock(&self.0).insert(text.clone(), (label, position));
        Cursor::new(text)
    }

    pub(super) fn find(&self, cursor: &Cursor, label: &str) -> Result<Position, DatabaseError> {
        match lock(&self.0).get(cursor.as_str()) {
            Some((of, position)) if of == label => Ok(position.clone()),
            Some(_) => Err(DatabaseError::invalid_query(
                "the cursor belongs to another list or order; use it with the sort it was \
                 handed out for",
            )),
            None => Err(DatabaseError::invalid_query(
                "the cursor was not handed out by this service; begin again without one",
            )),
        }
    }
}
