//! Where it is remembered which requests have been carried out already.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::DatabaseError;

/// The name that a client gives a request which it may have to send more than once.
///
/// 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters of a key.
    pub const MAX_LENGTH: usize = 255;

    /// The key with this text.
    ///
    /// # Errors
    ///
    /// [`IdempotencyKeyError`] when the text is empty or too long, or when there is anything in
    /// it but visible ASCII characters. A blank is not visible.
    pub fn new(text: impl Into<String>) -> Result<Self, IdempotencyKeyError> {
        let text = text.into();
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(IdempotencyKeyError)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that can not be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to {max} visible ASCII characters", max = IdempotencyKey::MAX_LENGTH)]
pub struct IdempotencyKeyError;

/// A request that is about to be carried out under its key.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Whose key it is: callers do not meet each other's. Empty where they are not told apart.
    pub caller: &'a str,
    /// The key.
    pub key: &'a IdempotencyKey,
    /// What is asked for, in a form that is the same for the same request, however it was
    /// written down. Two requests with one key are the same when these are.
    pub request: &'a str,
    /// The identity of what the request makes: it is what a repetition will be answered from.
    pub result: Uuid,
    /// The present. A key that expires now or earlier counts for nothing. Where several
    /// processes share the keys, their clocks may differ: then an implementation goes by one
    /// that they share, and takes from these two moments alone how long the key is remembered.
    pub now: DateTime<Utc>,
    /// Until when the key is remembered.
    pub expires_at: DateTime<Utc>,
}

/// What became of a [`Claim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// The key is new, or had expired: the request is to be carried out, in this unit of work.
    First,
    /// The same request was carried out before.
    Repeated {
        /// The identity of what it has made.
        result: Uuid,
    },
    /// The key is that of another request.
    Reused,
}

/// Where it is remembered which requests have been carried out already.
///
/// A key is stored in the unit of work that carries its request out: with what that stores,
/// or not at all.
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Takes the key for a request, unless it is taken. Of two units of work that claim one
    /// key at once, the second waits for the end of the first, and sees what it has stored. To
    /// be called before anything else is locked, so that nobody waits in a circle.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::OutsideUnitOfWork`] when there is none: the key would stay taken
    /// whatever became of the request.
    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, DatabaseError>;

    /// Forgets keys that expire now or earlier, by the clock that [`claim`](Self::claim) goes
    /// by: the oldest ones, at most so many. Answers how many those were. Passes over keys that
    /// are just being claimed.
    async fn remove_expired(&self, now: DateTime<Utc>, limit: u64) -> Result<u64, DatabaseError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_and_neither_empty_nor_long() {
        for bad in ["", " ", "a b", "a\t", "a\n", "é", &"x".repeat(256)] {
            assert_eq!(
                IdempotencyKey::new(bad),
                Err(IdempotencyKeyError),
                "{bad:?}"
            );
        }
        for good in ["1", "!", "~", "\"7d5e\"", &"x".repeat(255)] {
            let key = IdempotencyKey::new(good);
            assert_eq!(key.map(|key| key.to_string()), Ok(good.to_owned()));
        }
    }
}
