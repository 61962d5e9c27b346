//! What fields are compared with.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A value to compare a field with. The adapter binds it with the type of the
/// column; one that does not fit is [`crate::DatabaseError::InvalidQuery`].
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number; also for narrower columns, which are checked for range.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text; also for columns of dates, times, decimals, UUIDs and enums, in their
    /// usual notation.
    Text(String),
    /// A UUID.
    Uuid(Uuid),
    /// A moment.
    Timestamp(DateTime<Utc>),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Timestamp(value)
    }
}
