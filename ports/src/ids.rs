//! Where identities come from.

use uuid::Uuid;

/// Where identities come from.
pub trait Ids: Send + Sync {
    /// An identity that was never given out before. Later ones sort after earlier
    /// ones (UUID version 7), so that they stay close to each other in an index.
    fn next(&self) -> Uuid;
}
