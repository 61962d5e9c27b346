//! Where time and identities come from.

use std::sync::Arc;

use adapters::{SystemClock, UuidV7};
use ports::{Clock, Ids};

/// What a service takes from outside, besides what is in its database.
#[derive(Clone)]
pub struct Sources {
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What gives out identities.
    pub ids: Arc<dyn Ids>,
}

/// The clock of the system, and identities that sort by it.
impl Default for Sources {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7),
        }
    }
}
