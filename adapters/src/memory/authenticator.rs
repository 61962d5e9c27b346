//! Callers with keys that are known beforehand.

use std::collections::HashMap;

use async_trait::async_trait;
use ports::{AuthenticationError, Authenticator, Caller};

/// An [`Authenticator`] that knows its callers by heart: for tests, and as the smallest example
/// of a scheme that has no tokens.
#[derive(Default)]
pub struct KnownCallers(HashMap<String, Caller>);

impl KnownCallers {
    /// The same with one caller more, who shows this key.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, caller: Caller) -> Self {
        self.0.insert(key.into(), caller);
        self
    }
}

#[async_trait]
impl Authenticator for KnownCallers {
    fn scheme(&self) -> &'static str {
        "ApiKey"
    }

    async fn authenticate(&self, credential: &str) -> Result<Caller, AuthenticationError> {
        let known = self.0.get(credential).cloned();
        known.ok_or_else(|| AuthenticationError::refused("the key is not known"))
    }
}
