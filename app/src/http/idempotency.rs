//! `Idempotency-Key`: a request that a client may have to send more than once.

use adapters::seaorm::current_actor;
use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, request::Parts},
};
use ports::{Actor, IdempotencyKey};

use super::problem::{Place, Problem, ProblemKind};
use crate::services::Once;

/// The header with the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The header of an answer to a request that was carried out before.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one, as a key of whoever is acting.
pub struct Keyed(
    /// The key.
    pub Option<Once>,
);

impl<S: Send + Sync> FromRequestParts<S> for Keyed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let given: Vec<_> = parts.headers.get_all(IDEMPOTENCY_KEY).iter().collect();
        let key = match given.as_slice() {
            [] => return Ok(Self(None)),
            [one] => key(one)?,
            _ => {
                return Err(refused("is given more than once"));
            }
        };
        let actor = current_actor();
        let caller = actor.as_ref().map(Actor::as_str).unwrap_or_default();
        Ok(Self(Some(Once {
            caller: caller.to_owned(),
            key,
        })))
    }
}

fn key(value: &HeaderValue) -> Result<IdempotencyKey, Problem> {
    // What is no text is no key either.
    let text = value.to_str().unwrap_or_default();
    IdempotencyKey::new(text).map_err(|error| refused(&format!("is not valid: {error}")))
}

fn refused(predicate: &str) -> Problem {
    let place = Place::header("Idempotency-Key");
    let text = format!("{place} {predicate}");
    Problem::new(ProblemKind::Malformed, text).at(place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_key_is_taken_as_it_is_or_refused(
            bytes in any::<Vec<u8>>(), visible in "[!-~]{1,255}", long in "[!-~]{254,258}",
        ) {
            for bytes in [bytes.as_slice(), visible.as_bytes(), long.as_bytes()] {
                let Ok(header) = HeaderValue::from_bytes(bytes) else { continue };
                let fits = (1..=255).contains(&bytes.len());
                let fits = fits && bytes.iter().all(u8::is_ascii_graphic);
                let key = key(&header).ok();
                prop_assert_eq!(key.as_ref().map(|key| key.as_str().as_bytes()), fits.then_some(bytes));
            }
        }
    }
}
