//! Who is asking.

use std::{borrow::Cow, collections::BTreeSet};

use async_trait::async_trait;

use crate::{Actor, error::Cause};

/// Tells who is asking, from what they show: a token, a key, a ticket. Another scheme is another
/// implementation.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The name of the scheme, as an `Authorization` header begins with it: `Bearer`.
    fn scheme(&self) -> &'static str;

    /// The caller whom this credential belongs to. It is what follows the scheme's name.
    async fn authenticate(&self, credential: &str) -> Result<Caller, AuthenticationError>;
}

/// Somebody who was asked for a credential, and had a good one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who it is.
    pub subject: Actor,
    /// What they may do, by names that the service gives a meaning.
    pub scopes: BTreeSet<String>,
}

impl Caller {
    /// Whether this scope was granted.
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
    }
}

/// Why it is not known who is asking.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthenticationError {
    /// The credential is not good. The text is fit for whoever showed it, and does not repeat it.
    #[error("{0}")]
    Refused(Cow<'static, str>),

    /// Nobody can tell at the moment: what is needed for that is not there.
    #[error("credentials can not be checked at the moment")]
    Unavailable(#[source] Cause),
}

impl AuthenticationError {
    /// An [`AuthenticationError::Refused`] with this text.
    pub fn refused(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(text.into())
    }
}
