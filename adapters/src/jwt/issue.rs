//! Tokens of our own, for development.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use jsonwebtoken::{EncodingKey, Header, encode};
use ports::{Actor, DatabaseError};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::{JwtConfig, Trust};

/// What a token is to say.
pub struct NewToken<'a> {
    /// Whose it is.
    pub subject: &'a Actor,
    /// What they may do.
    pub scopes: &'a BTreeSet<String>,
    /// For how long.
    pub lifetime: Duration,
}

#[derive(Serialize)]
struct Claims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    iat: i64,
    exp: i64,
    scope: String,
}

/// A token that a service with this configuration takes, signed with its secret.
///
/// # Errors
///
/// [`DatabaseError::Configuration`] when the configuration has no secret to sign with.
pub fn issue(
    config: &JwtConfig,
    token: &NewToken<'_>,
    now: DateTime<Utc>,
) -> Result<String, DatabaseError> {
    let Trust::Secret(secret) = &config.trust else {
        return Err(DatabaseError::configuration(
            "AUTH_JWKS is set: tokens come from the issuer of those keys, who alone can sign \
             them; AUTH_SECRET in its place is for tokens of your own",
        ));
    };
    let iat = now.timestamp();
    let lifetime = i64::try_from(token.lifetime.as_secs()).unwrap_or(i64::MAX);
    let scopes: Vec<_> = token.scopes.iter().map(String::as_str).collect();
    let claims = Claims {
        iss: config.issuer.as_deref(),
        sub: token.subject.as_str(),
        aud: config.audience.as_deref(),
        iat,
        exp: iat.saturating_add(lifetime),
        scope: scopes.join(" "),
    };
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    encode(&Header::default(), &claims, &key).map_err(DatabaseError::query)
}
