//! Bearer tokens: JSON Web Tokens (RFC 7519), signed with a secret that is shared, or with a key
//! of a set that their issuer publishes.
//!
//! A key says with which algorithms it is used, the token does not: it can only name a key. The
//! time comes from the clock that is given, never from the system.

mod claims;
mod config;
mod fetched;
mod issue;
mod key;
mod key_set;
mod place;

use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::{Header, decode_header};
use ports::{AuthenticationError, Authenticator, Caller, Clock, DatabaseError};
use secrecy::ExposeSecret as _;

use claims::Rules;
pub use config::{JwtConfig, KeySetConfig, Trust};
use fetched::FetchedKeys;
pub use issue::{NewToken, issue};
use key::Key;
pub use place::Place;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// What a token of ours may call itself, in small letters. Others, such as logout tokens, are
/// signed with the same keys and mean something else.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Tells callers by their tokens.
pub struct JwtAuthenticator {
    keys: Keys,
    rules: Rules,
    clock: Arc<dyn Clock>,
}

enum Keys {
    Secret(Arc<Key>),
    Set(Arc<FetchedKeys>),
}

impl JwtAuthenticator {
    /// An authenticator with these settings. A file of keys is read now; a URL is not asked
    /// before the first token comes, or [`warm_up`](Self::warm_up).
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] when the file can not be used.
    pub fn new(config: JwtConfig, clock: Arc<dyn Clock>) -> Result<Self, DatabaseError> {
        let keys = match config.trust {
            Trust::Secret(secret) => Keys::Secret(Arc::new(Key::shared(secret.expose_secret()))),
            Trust::KeySet(set) => Keys::Set(Arc::new(FetchedKeys::new(set, clock.clone())?)),
        };
        let rules = Rules {
            issuer: config.issuer,
            audience: config.audience,
            leeway: config.leeway,
        };
        Ok(Self { keys, rules, clock })
    }

    /// Fetches the keys, so that the first caller need not wait for them. When that fails, it is
    /// tried again when a token comes.
    pub async fn warm_up(&self) {
        if let Keys::Set(keys) = &self.keys {
            keys.warm_up().await;
        }
    }

    async fn key(&self, header: &Header) -> Result<Arc<Key>, AuthenticationError> {
        match &self.keys {
            Keys::Secret(key) if key.takes(header.alg) => Ok(key.clone()),
            Keys::Secret(_) => Err(key::wrong_algorithm()),
            Keys::Set(keys) => keys.find(header.kid.as_deref(), header.alg).await,
        }
    }
}

#[async_trait]
impl Authenticator for JwtAuthenticator {
    fn scheme(&self) -> &'static str {
        "Bearer"
    }

    async fn authenticate(&self, credential: &str) -> Result<Caller, AuthenticationError> {
        if credential.len() > MAX_TOKEN {
            return Err(AuthenticationError::refused("the token is too long"));
        }
        let header = decode_header(credential).map_err(|_| {
            AuthenticationError::refused("it is no JSON Web Token with a known signature")
        })?;
        check(&header)?;
        let key = self.key(&header).await?;
        let claims = key.open(credential, header.alg)?;
        self.rules.caller(claims, self.clock.now())
    }
}

/// What the header must not ask of us.
fn check(header: &Header) -> Result<(), AuthenticationError> {
    // It names extensions that have to be understood, and none is.
    if header.crit.is_some() {
        let text = "the token has critical extensions, and none is known here";
        return Err(AuthenticationError::refused(text));
    }
    let of_ours = |given: &String| TYPES.contains(&given.to_ascii_lowercase().as_str());
    if header.typ.as_ref().is_some_and(|given| !of_ours(given)) {
        return Err(AuthenticationError::refused("it is no access token"));
    }
    Ok(())
}
