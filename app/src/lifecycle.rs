//! Where the service is between its start and its end.

use std::sync::Arc;

use tokio::sync::watch;

/// What the service can do at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It listens, and its database is not ready for it yet: there is no server, or the schema
    /// is being brought up to date.
    Starting,
    /// It does its work.
    Serving,
    /// It does its work, and is about to end: nobody should send it any more.
    Stopping,
}

/// The phase, for whoever has to know it. Clones share it.
#[derive(Debug, Clone)]
pub struct Lifecycle(Arc<watch::Sender<Phase>>);

impl Default for Lifecycle {
    /// A service that serves.
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Serving)))
    }
}

impl Lifecycle {
    /// A service that waits for its database.
    pub fn starting() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Starting)))
    }

    /// Where it is.
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Goes on to this phase. There is no way back.
    pub fn enter(&self, phase: Phase) {
        self.0.send_if_modified(|current| {
            let goes_on = phase > *current;
            *current = phase.max(*current);
            goes_on
        });
    }

    /// Ready once the service is about to end.
    pub async fn stopping(&self) {
        let mut phase = self.0.subscribe();
        // The sender lives as long as this does.
        drop(phase.wait_for(|phase| *phase == Phase::Stopping).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_is_stopping_does_not_go_back_to_serving() {
        let lifecycle = Lifecycle::starting();
        lifecycle.enter(Phase::Stopping);
        lifecycle.enter(Phase::Serving);
        assert_eq!(lifecycle.phase(), Phase::Stopping);
    }
}
