//! Carrying a request out once, however often it is sent.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use ports::{Claim, Claimed, Clock, DatabaseError, IdempotencyKey, IdempotencyKeys};
use uuid::Uuid;

/// The most keys that are removed in one unit of work, so that none of them is long.
const BATCH: u64 = 500;

/// Remembers which requests have been carried out.
pub struct IdempotencyService {
    keys: Arc<dyn IdempotencyKeys>,
    clock: Arc<dyn Clock>,
    ttl: Duration,
}

/// A client's word that requests with this key are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Who says so: callers do not meet each other's keys. Empty where they are not told apart.
    pub caller: String,
    /// The key.
    pub key: IdempotencyKey,
}

/// What a request that is carried out once has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made<T> {
    /// What was made.
    pub value: T,
    /// Whether that was before: this time nothing was done.
    pub replayed: bool,
}

impl<T> Made<T> {
    /// What was made just now.
    pub const fn now(value: T) -> Self {
        Self {
            value,
            replayed: false,
        }
    }

    /// What was made before.
    pub const fn before(value: T) -> Self {
        Self {
            value,
            replayed: true,
        }
    }
}

/// Why a request was not carried out under its key.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The key is that of another request.
    #[error("the idempotency key belongs to a request that was different: take another key")]
    Reused,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl IdempotencyService {
    /// The service on these ports. Keys are remembered for so long.
    pub fn new(keys: Arc<dyn IdempotencyKeys>, clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        Self { keys, clock, ttl }
    }

    /// Takes the key for a request that is about to make `result`, or answers what the request
    /// has made before. To be called in the unit of work that carries the request out, before
    /// anything else: another one with this key waits here, and has nothing locked meanwhile.
    ///
    /// `request` is what is asked for in its one form: the name of the use case, and every value
    /// that makes a difference.
    pub async fn claim(
        &self,
        once: &Once,
        request: &str,
        result: Uuid,
    ) -> Result<Option<Uuid>, IdempotencyError> {
        let now = self.clock.now();
        let claim = Claim {
            caller: &once.caller,
            key: &once.key,
            request,
            result,
            now,
            expires_at: after(now, self.ttl),
        };
        match self.keys.claim(&claim).await? {
            Claimed::First => Ok(None),
            Claimed::Repeated { result } => Ok(Some(result)),
            Claimed::Reused => Err(IdempotencyError::Reused),
        }
    }

    /// Forgets every key that has expired, and answers how many there were. What was removed
    /// before a failure stays removed.
    pub async fn remove_expired(&self) -> Result<u64, DatabaseError> {
        let now = self.clock.now();
        let mut all = 0;
        loop {
            let removed = self.keys.remove_expired(now, BATCH).await?;
            all += removed;
            if removed < BATCH {
                return Ok(all);
            }
        }
    }
}

fn after(now: DateTime<Utc>, ttl: Duration) -> DateTime<Utc> {
    let ttl = chrono::TimeDelta::from_std(ttl).ok();
    let end = ttl.and_then(|ttl| now.checked_add_signed(ttl));
    end.unwrap_or(DateTime::<Utc>::MAX_UTC)
}
