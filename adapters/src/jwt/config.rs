//! `AUTH_..`.

use std::{path::PathBuf, time::Duration};

use ports::DatabaseError;
use secrecy::SecretString;

use super::Place;
use crate::config::Variables;

/// The variables, without their prefix.
const KNOWN: [&str; 8] = [
    "secret",
    "jwks",
    "issuer",
    "audience",
    "leeway",
    "jwks_timeout",
    "jwks_min_interval",
    "jwks_max_age",
];

/// What counts for tokens, whoever has signed them.
const OF_TOKENS: [&str; 3] = ["issuer", "audience", "leeway"];

/// What counts for sets of keys alone.
const OF_SETS: [&str; 3] = ["jwks_timeout", "jwks_min_interval", "jwks_max_age"];

/// Which tokens are taken. `Debug` does not show the secret.
#[derive(Debug, Clone)]
pub struct JwtConfig {
    /// `AUTH_SECRET` or `AUTH_JWKS`: whose signatures are trusted.
    pub trust: Trust,
    /// `AUTH_ISSUER`: the `iss` of every token.
    pub issuer: Option<String>,
    /// `AUTH_AUDIENCE`: what the `aud` of every token names.
    pub audience: Option<String>,
    /// `AUTH_LEEWAY`: how much the clocks of issuer and service may differ.
    pub leeway: Duration,
}

/// Whose signatures are trusted.
#[derive(Debug, Clone)]
pub enum Trust {
    /// `AUTH_SECRET`: theirs who know the secret.
    Secret(SecretString),
    /// `AUTH_JWKS`: theirs who have the private key of one in a set.
    KeySet(KeySetConfig),
}

/// A set of keys, and how often it is read.
#[derive(Debug, Clone)]
pub struct KeySetConfig {
    /// `AUTH_JWKS`: where it is.
    pub place: Place,
    /// `AUTH_JWKS_TIMEOUT`: the longest time that a URL may take to answer.
    pub timeout: Duration,
    /// `AUTH_JWKS_MIN_INTERVAL`: the shortest time between two readings.
    pub min_interval: Duration,
    /// `AUTH_JWKS_MAX_AGE`: when it is read again although no token asks for it.
    pub max_age: Duration,
}

impl KeySetConfig {
    /// The set that is there, with everything else at its default.
    pub const fn at(place: Place) -> Self {
        Self {
            place,
            timeout: Duration::from_secs(5),
            min_interval: Duration::from_secs(30),
            max_age: Duration::from_mins(10),
        }
    }
}

impl JwtConfig {
    /// The least length of a secret, in bytes: that of its signatures.
    pub const MIN_SECRET: usize = 32;

    /// Tokens with this trust, whoever has issued them for whatever service.
    pub const fn new(trust: Trust) -> Self {
        Self {
            trust,
            issuer: None,
            audience: None,
            leeway: Duration::from_secs(30),
        }
    }

    /// The settings in these variables; `None` when there are none.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] with the variable that is wrong or missing. Half of a
    /// configuration is an error: a service that runs open by mistake looks like one that works.
    pub fn from_variables(variables: &Variables) -> Result<Option<Self>, DatabaseError> {
        variables.refuse_unknown(&KNOWN)?;
        let secret = secret(variables)?;
        let set = key_set(variables)?;
        let default = Self::new(Trust::Secret(SecretString::default()));
        let config = Self {
            issuer: name(variables, "issuer")?,
            audience: name(variables, "audience")?,
            leeway: variables.duration_or("leeway", default.leeway)?,
            ..default
        };
        check_together(variables)?;
        let trust = match (secret, set) {
            (Some(secret), _) => Trust::Secret(secret),
            (None, Some(set)) => Trust::KeySet(set),
            (None, None) => return Ok(None),
        };
        Ok(Some(Self { trust, ..config }))
    }
}

/// What has no effect, or too little, beside what else is set.
fn check_together(variables: &Variables) -> Result<(), DatabaseError> {
    let refuse = |key: &str, reason: &str| {
        let text = format!("{} {reason}", variables.name(key));
        variables.refuse(key, DatabaseError::configuration(text))
    };
    let (secret, set) = (variables.has("secret"), variables.has("jwks"));
    let idle = |keys: &'static [&'static str]| keys.iter().find(|key| variables.has(key));
    if secret && set {
        refuse(
            "secret",
            "and AUTH_JWKS are both set; allowed is one of them: the secret for tokens of your \
             own, the set of keys for those of an issuer",
        )?;
    }
    if !set && let Some(key) = idle(&OF_SETS) {
        refuse(
            key,
            "has no effect without AUTH_JWKS: set that, or leave this out",
        )?;
    }
    if !secret
        && !set
        && let Some(key) = idle(&OF_TOKENS)
    {
        refuse(
            key,
            "has no effect without AUTH_SECRET or AUTH_JWKS: set one of them, or leave this out \
             to run without authentication",
        )?;
    }
    if set && !variables.has("audience") {
        refuse(
            "audience",
            "is not set, and AUTH_JWKS is: its issuer signs tokens for others, too; set it to \
             what the `aud` of a token for this service has",
        )?;
    }
    Ok(())
}

/// Its value is never repeated.
fn secret(variables: &Variables) -> Result<Option<SecretString>, DatabaseError> {
    let least = JwtConfig::MIN_SECRET;
    let read = variables.try_read("secret", |text| {
        if text.len() >= least {
            return Ok(SecretString::from(text));
        }
        Err(DatabaseError::configuration(format!(
            "AUTH_SECRET has {} bytes; allowed are {least} or more, chosen at random, as by \
             `openssl rand -base64 32`",
            text.len()
        )))
    })?;
    Ok(read)
}

fn key_set(variables: &Variables) -> Result<Option<KeySetConfig>, DatabaseError> {
    let place = variables.try_read("jwks", |text| {
        // Not repeated: it may have a password in it.
        Place::read(text.trim()).ok_or_else(|| {
            DatabaseError::configuration(
                "AUTH_JWKS is no place of keys; allowed are the path of a file, and http:// or \
                 https:// URLs without a user name and password",
            )
        })
    })?;
    let default = KeySetConfig::at(Place::File(PathBuf::new()));
    let timeout = variables.duration_or("jwks_timeout", default.timeout)?;
    let min_interval = variables.duration_or("jwks_min_interval", default.min_interval)?;
    let max_age = variables.duration_or("jwks_max_age", default.max_age)?;
    Ok(place.map(|place| KeySetConfig {
        place,
        timeout,
        min_interval,
        max_age,
    }))
}

fn name(variables: &Variables, key: &str) -> Result<Option<String>, DatabaseError> {
    variables.read(key, "texts that are not blank", |text| {
        (!text.is_empty()).then(|| text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn read(pairs: &[(&str, &str)]) -> Result<Option<JwtConfig>, String> {
        let variables = Variables::of("AUTH", pairs.iter().copied()).unwrap();
        JwtConfig::from_variables(&variables).map_err(|error| error.to_string())
    }

    #[test]
    fn without_variables_there_is_no_authentication() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[("AUTH_SECRET", "")]).unwrap().is_none());
    }

    #[test]
    fn half_a_configuration_is_refused_with_the_variable_that_is_wrong() {
        let jwks = ("AUTH_JWKS", "https://issuer/keys");
        for (pairs, expected) in [
            (&[("AUTH_ISSUER", "me")][..], "AUTH_ISSUER has no effect"),
            (
                &[("AUTH_JWKS_TIMEOUT", "1s")],
                "AUTH_JWKS_TIMEOUT has no effect",
            ),
            (&[("AUTH_SECRET", SECRET), jwks], "both set"),
            (&[("AUTH_SECRET", &SECRET[1..])], "AUTH_SECRET has 31 bytes"),
            (
                &[("AUTH_SECRET", SECRET), ("AUTH_JWKS_MAX_AGE", "1s")],
                "AUTH_JWKS_MAX_AGE has no effect without AUTH_JWKS",
            ),
            (&[jwks], "AUTH_AUDIENCE is not set"),
            (
                &[("AUTH_JWKS", "ftp://x/y"), ("AUTH_AUDIENCE", "a")],
                "AUTH_JWKS is no place",
            ),
            (
                &[("AUTH_JWKS", "https://me:secret@x"), ("AUTH_AUDIENCE", "a")],
                "AUTH_JWKS is no place",
            ),
            (
                &[("AUTH_SECRET", SECRET), ("AUTH_LEEWAY", "x")],
                "AUTH_LEEWAY is \"x\"",
            ),
            (&[("AUTH_SERCET", SECRET)], "AUTH_SERCET is no setting"),
            (
                &[("AUTH_SECRET", SECRET), ("AUTH_ISSUER", " ")],
                "AUTH_ISSUER is",
            ),
        ] {
            let refused = read(pairs).map(|_| ()).unwrap_err();
            assert!(refused.contains(expected), "{refused}");
            assert!(
                !refused.contains(&SECRET[1..]) && !refused.contains("me:secret"),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_set_of_keys_is_a_file_or_a_url() {
        for (text, is_file) in [
            ("keys.json", true),
            ("/etc/keys.json", true),
            ("http://[::1]/k", false),
        ] {
            let config = read(&[("AUTH_JWKS", text), ("AUTH_AUDIENCE", "a")])
                .unwrap()
                .unwrap();
            let Trust::KeySet(set) = config.trust else {
                panic!("{text}")
            };
            assert_eq!(matches!(set.place, Place::File(_)), is_file, "{text}");
        }
    }

    #[test]
    fn no_debug_output_shows_the_secret() {
        let config = read(&[("AUTH_SECRET", SECRET)]).unwrap();
        assert!(!format!("{config:?}").contains(SECRET));
    }
}
