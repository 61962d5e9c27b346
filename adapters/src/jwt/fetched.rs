//! Keys that are kept elsewhere: when they are read, and read again.

use std::{
    mem,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::Algorithm;
use ports::{AuthenticationError, Cause, Clock, DatabaseError};
use tokio::sync::Mutex;

use super::{
    KeySetConfig, Place,
    key::Key,
    key_set::KeySet,
    place::{ReadError, Reader},
};

/// How soon it is tried again, while there are no keys at all.
const WITHOUT_KEYS: TimeDelta = TimeDelta::seconds(1);

/// The keys of a file or a URL, as they were when they were last read.
///
/// They are read again when a token names a key that is not among them, which is how a new key
/// is noticed, and when they are old, which is how it is noticed that one was taken back; never
/// more often than once in the shortest interval, whatever tokens come, and by one caller for
/// all who wait. When that fails, the keys from before stay.
pub(super) struct FetchedKeys {
    place: Place,
    reader: Reader,
    clock: Arc<dyn Clock>,
    min_interval: TimeDelta,
    max_age: TimeDelta,
    current: RwLock<Current>,
    /// Held while the keys are read.
    last: Mutex<Option<Attempt>>,
}

#[derive(Clone, Default)]
struct Current {
    keys: Arc<KeySet>,
    read_at: DateTime<Utc>,
}

struct Attempt {
    ended_at: DateTime<Utc>,
    failure: Option<Cause>,
}

impl FetchedKeys {
    pub(super) fn new(config: KeySetConfig, clock: Arc<dyn Clock>) -> Result<Self, DatabaseError> {
        let place = config.place;
        let unusable = |reason: String| {
            DatabaseError::configuration(format!(
                "AUTH_JWKS: {place} can not be used: {reason}; allowed are the path and the URL \
                 of a JSON Web Key Set"
            ))
        };
        let reader = Reader::new(&place, config.timeout)
            .map_err(|error| unusable(chain(&error.without_url())))?;
        let keys = match reader.read_file() {
            Some(read) => read.map_err(|error| unusable(chain(&error)))?,
            None => KeySet::default(),
        };
        if place.is_open_to_forgery() {
            tracing::warn!(%place, "AUTH_JWKS is no https URL: keys can be forged on their way");
        }
        let read_at = clock.now();
        let keys = Arc::new(keys);
        Ok(Self {
            place,
            reader,
            clock,
            min_interval: span(config.min_interval),
            max_age: span(config.max_age),
            current: RwLock::new(Current { keys, read_at }),
            last: Mutex::new(None),
        })
    }

    /// The key that a token names.
    pub(super) async fn find(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<Key>, AuthenticationError> {
        let current = self.current();
        if let Some(key) = current.keys.find(id, algorithm)? {
            self.renew_if_old(current.read_at);
            return Ok(key);
        }
        let failure = self.read_again().await;
        match (self.current().keys.find(id, algorithm)?, failure) {
            (Some(key), _) => Ok(key),
            // Perhaps the key is there by now, where nobody can look at the moment.
            (None, Some(cause)) => Err(AuthenticationError::Unavailable(cause)),
            (None, None) => Err(AuthenticationError::refused(
                "the token is signed with a key that is not known here",
            )),
        }
    }

    pub(super) async fn warm_up(self: &Arc<Self>) {
        if self.current().keys.is_empty() {
            self.read_again().await;
        }
    }

    /// In the background: the keys at hand are good enough for the token at hand.
    fn renew_if_old(self: &Arc<Self>, read_at: DateTime<Utc>) {
        if self.clock.now() - read_at < self.max_age {
            return;
        }
        let is_due = self
            .last
            .try_lock()
            .is_ok_and(|last| !self.is_recent(last.as_ref()));
        if is_due {
            let this = self.clone();
            tokio::spawn(async move { this.attempt().await });
        }
    }

    /// In a task of its own: a caller that hangs up takes nothing away from those who wait.
    async fn read_again(self: &Arc<Self>) -> Option<Cause> {
        if let Ok(last) = self.last.try_lock()
            && let Some(attempt) = last.as_ref()
            && self.is_recent(Some(attempt))
        {
            return attempt.failure.clone();
        }
        let this = self.clone();
        let attempt = tokio::spawn(async move { this.attempt().await });
        attempt.await.unwrap_or_else(|error| Some(Arc::new(error)))
    }

    /// Reads the keys, unless somebody else just has; answers the failure.
    async fn attempt(&self) -> Option<Cause> {
        let mut last = self.last.lock().await;
        if let Some(attempt) = last.as_ref().filter(|last| self.is_recent(Some(last))) {
            return attempt.failure.clone();
        }
        let failure = match self.reader.read().await {
            Ok(keys) => {
                self.keep(keys);
                None
            }
            Err(error) => {
                self.complain(&error);
                Some(Arc::new(error) as Cause)
            }
        };
        let ended_at = self.clock.now();
        *last = Some(Attempt {
            ended_at,
            failure: failure.clone(),
        });
        failure
    }

    fn is_recent(&self, last: Option<&Attempt>) -> bool {
        let Some(last) = last else { return false };
        let interval = if self.current().keys.is_empty() {
            self.min_interval.min(WITHOUT_KEYS)
        } else {
            self.min_interval
        };
        let passed = self.clock.now() - last.ended_at;
        // A clock that was set back must not keep the keys as they are until it has caught up.
        passed >= TimeDelta::zero() && passed < interval
    }

    fn current(&self) -> Current {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    fn keep(&self, keys: KeySet) {
        tracing::debug!(place = %self.place, keys = keys.len(), "the keys of tokens were read");
        let new = Current {
            keys: Arc::new(keys),
            read_at: self.clock.now(),
        };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        drop(mem::replace(&mut *current, new));
    }

    fn complain(&self, error: &ReadError) {
        let (place, error, kept) = (&self.place, chain(error), self.current().keys.len());
        tracing::warn!(%place, error, kept, "the keys of tokens can not be read");
    }
}

fn span(length: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX)
}

/// A failure and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
