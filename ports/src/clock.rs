//! Where the time comes from.

use chrono::{DateTime, Utc};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The present, in whole microseconds: what every database keeps, so that a
    /// value read back equals the value written.
    fn now(&self) -> DateTime<Utc>;
}
