//! The wiring of idempotency keys, and what removes those that have expired.

use std::{sync::Arc, time::Duration};

use adapters::{IdempotencyKeyRepository, repository::SharedAsyncManager, seaorm::Backend};
use ports::Clock;

use crate::{
    background::Task, config::IdempotencyConfig, http::chain, services::IdempotencyService,
};

/// Keys in the sessions of this manager.
pub(super) fn service<B: Backend>(
    manager: SharedAsyncManager<B>,
    config: &IdempotencyConfig,
    clock: Arc<dyn Clock>,
) -> IdempotencyService {
    let keys = Arc::new(IdempotencyKeyRepository::new(manager));
    IdempotencyService::new(keys, clock, config.key_ttl)
}

/// Removes keys that have expired, again and again. A failure is logged, and the next time is
/// another try.
pub(super) fn purge(keys: Arc<IdempotencyService>, every: Duration) -> Task {
    Task::every("remove expired idempotency keys", every, move || {
        let keys = Arc::clone(&keys);
        async move {
            match keys.remove_expired().await {
                Ok(0) => {}
                Ok(removed) => tracing::debug!(removed, "idempotency keys have expired"),
                Err(error) => {
                    let error = chain(&error);
                    tracing::warn!(error, "idempotency keys that have expired stay for now");
                }
            }
        }
    })
}
