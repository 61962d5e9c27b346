//! A set of keys (RFC 7517), as an issuer publishes it.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, jwk::Jwk};
use ports::AuthenticationError;
use serde::Deserialize;
use serde_json::Value;

use super::key::{Key, wrong_algorithm};

/// Keys, some of which have names.
#[derive(Default)]
pub(super) struct KeySet(Vec<Arc<Key>>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// Why a document is no set of keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeySetError {
    #[error("it is no JSON Web Key Set")]
    Document(#[source] serde_json::Error),
    #[error(
        "none of its {given} keys can be used; RSA keys have 2048 to 4096 bits, EC keys are on \
         P-256 or P-384, and OKP keys are Ed25519"
    )]
    NoKeys { given: usize },
}

impl KeySet {
    /// The usable keys of a document. Others are passed over: issuers publish keys for more
    /// than one purpose.
    pub(super) fn read(document: &[u8]) -> Result<Self, KeySetError> {
        let document: Document = serde_json::from_slice(document).map_err(KeySetError::Document)?;
        let given = document.keys.len();
        let usable = |key| Key::public(&serde_json::from_value::<Jwk>(key).ok()?);
        let keys: Vec<_> = document.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() {
            return Err(KeySetError::NoKeys { given });
        }
        Ok(Self(keys.into_iter().map(Arc::new).collect()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key that a token names; of a token that names none, the one key that is used with
    /// its algorithm. `None` when there is no such key here.
    pub(super) fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<Arc<Key>>, AuthenticationError> {
        let named = |key: &&Arc<Key>| id.is_none() || key.id.as_deref() == id;
        let mut fitting = self.0.iter().filter(named).peekable();
        if fitting.peek().is_none() {
            return Ok(None);
        }
        let mut fitting = fitting.filter(|key| key.takes(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(Some(key.clone())),
            (Some(_), Some(_)) => Err(AuthenticationError::refused(
                "the token does not say which of several keys it is signed with",
            )),
            (None, _) if id.is_some() => Err(wrong_algorithm()),
            (None, _) => Ok(None),
        }
    }
}
