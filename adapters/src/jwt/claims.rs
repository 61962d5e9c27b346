//! What a token says, and whether it holds here and now.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use ports::{Actor, AuthenticationError, Caller};
use serde::Deserialize;
use serde_json::Value;

/// What a token says. It is read leniently, so that what is wrong can be named.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Claims {
    sub: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
    iat: Option<Value>,
    iss: Option<Value>,
    aud: Option<Value>,
    scope: Option<Value>,
    scp: Option<Value>,
}

/// What must hold for the claims of a token.
pub(super) struct Rules {
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    /// How much the clocks of issuer and service may differ.
    pub(super) leeway: Duration,
}

impl Rules {
    /// The caller whom these claims are about.
    pub(super) fn caller(
        &self,
        claims: Claims,
        now: DateTime<Utc>,
    ) -> Result<Caller, AuthenticationError> {
        self.check_times(&claims, now.timestamp_micros())?;
        if self.issuer.is_some() && text(claims.iss.as_ref()) != self.issuer.as_deref() {
            return refused("the token is not of the issuer that is trusted here");
        }
        if !self.is_meant(claims.aud.as_ref()) {
            return refused("the token is not meant for this service");
        }
        let subject = text(claims.sub.as_ref()).and_then(|name| Actor::new(name).ok());
        let Some(subject) = subject else {
            return refused("the token has no subject that could be an actor's name");
        };
        let scopes = claims.scope.or(claims.scp);
        let Some(scopes) = scopes_in(scopes) else {
            return refused("the scopes of the token can not be read");
        };
        Ok(Caller { subject, scopes })
    }

    /// A token says until when it is good; it may say from when, and when it was issued.
    fn check_times(&self, claims: &Claims, now: i64) -> Result<(), AuthenticationError> {
        let leeway = i64::try_from(self.leeway.as_micros()).unwrap_or(i64::MAX);
        let (earliest, latest) = (now.saturating_sub(leeway), now.saturating_add(leeway));
        match time(claims.exp.as_ref()) {
            Ok(Some(end)) if end > earliest => {}
            Ok(Some(_)) => return refused("the token has expired"),
            Ok(None) => return refused("the token says nothing of when it expires"),
            Err(NoTime) => return refused("the time when the token expires can not be read"),
        }
        match time(claims.nbf.as_ref()) {
            Ok(begin) if begin.is_none_or(|begin| begin <= latest) => {}
            _ => return refused("the token is not good yet"),
        }
        match time(claims.iat.as_ref()) {
            Ok(issued) if issued.is_none_or(|issued| issued <= latest) => Ok(()),
            _ => refused("the token was issued in the future"),
        }
    }

    /// A token that says whom it is meant for is meant for nobody else: it is refused by a
    /// service that does not know its own name, too (RFC 7519, 4.1.3).
    fn is_meant(&self, audience: Option<&Value>) -> bool {
        let Some(ours) = self.audience.as_deref() else {
            return audience.is_none();
        };
        match audience {
            Some(Value::String(one)) => one == ours,
            Some(Value::Array(many)) => many.iter().any(|one| one.as_str() == Some(ours)),
            _ => false,
        }
    }
}

fn refused<T>(text: &'static str) -> Result<T, AuthenticationError> {
    Err(AuthenticationError::refused(text))
}

fn text(claim: Option<&Value>) -> Option<&str> {
    claim.and_then(Value::as_str)
}

/// A number of seconds that is none.
struct NoTime;

/// A time in microseconds, if there is one. Seconds may have fractions.
fn time(claim: Option<&Value>) -> Result<Option<i64>, NoTime> {
    const MICROS: i64 = 1_000_000;
    let Some(claim) = claim else { return Ok(None) };
    if let Some(seconds) = claim.as_i64() {
        return Ok(Some(seconds.saturating_mul(MICROS)));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a time beyond all times becomes the last or the first one"
    )]
    let micros = |seconds: f64| (seconds * 1e6) as i64;
    claim.as_f64().map(micros).map(Some).ok_or(NoTime)
}

/// One text with blanks between the scopes, or a list of them. None at all is fine.
fn scopes_in(claim: Option<Value>) -> Option<BTreeSet<String>> {
    match claim {
        None => Some(BTreeSet::new()),
        Some(Value::String(text)) => Some(text.split_ascii_whitespace().map(Into::into).collect()),
        Some(Value::Array(list)) => list
            .iter()
            .map(|one| one.as_str().map(Into::into))
            .collect(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_767_225_600;

    fn rules() -> Rules {
        Rules {
            issuer: Some("https://issuer".to_owned()),
            audience: Some("ledger".to_owned()),
            leeway: Duration::from_secs(30),
        }
    }

    /// The good claims with these over them; null takes one away.
    fn judged(rules: &Rules, changes: Value) -> Result<Caller, String> {
        let mut claims = json!({
            "sub": "Ada", "exp": NOW + 60, "iss": "https://issuer", "aud": "ledger",
            "scope": "read write",
        });
        let all = claims.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(all.remove(name)),
                value => drop(all.insert(name.clone(), value.clone())),
            }
        }
        let claims = serde_json::from_value(claims).unwrap();
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        rules.caller(claims, now).map_err(|error| error.to_string())
    }

    #[test]
    fn a_good_token_names_its_caller_and_scopes() {
        let caller = judged(&rules(), json!({})).unwrap();
        assert_eq!(caller.subject.as_str(), "Ada");
        assert!(caller.has("read") && caller.has("write") && !caller.has("admin"));
    }

    #[test]
    fn times_count_with_leeway_and_not_a_second_longer() {
        for (changes, expected) in [
            (json!({"exp": NOW - 29}), None),
            (json!({"exp": NOW - 30}), Some("expired")),
            (json!({"exp": f64::from(1_767_225_600 - 29) - 0.5}), None),
            (json!({"exp": u64::MAX}), None),
            (json!({"exp": 1e300}), None),
            (json!({"exp": i64::MIN}), Some("expired")),
            (json!({"exp": null}), Some("nothing of when it expires")),
            (json!({"exp": "2099"}), Some("can not be read")),
            (json!({"exp": true}), Some("can not be read")),
            (json!({"nbf": NOW + 30}), None),
            (json!({"nbf": NOW + 31}), Some("not good yet")),
            (json!({"nbf": "x"}), Some("not good yet")),
            (json!({"iat": NOW + 30}), None),
            (json!({"iat": NOW + 31}), Some("in the future")),
            (json!({"iat": []}), Some("in the future")),
        ] {
            let judged = judged(&rules(), changes.clone()).err();
            let fits = match (&judged, expected) {
                (None, None) => true,
                (Some(text), Some(part)) => text.contains(part),
                _ => false,
            };
            assert!(fits, "{changes}: {judged:?}");
        }
    }

    #[test]
    fn issuer_and_audience_must_be_ours() {
        for changes in [
            json!({"iss": "https://issuer/"}),
            json!({"iss": null}),
            json!({"iss": ["https://issuer"]}),
        ] {
            let refused = judged(&rules(), changes).err().unwrap();
            assert!(refused.contains("issuer"), "{refused}");
        }
        for changes in [
            json!({"aud": "Ledger"}),
            json!({"aud": null}),
            json!({"aud": []}),
            json!({"aud": ["x"]}),
            json!({"aud": {"ledger": 1}}),
        ] {
            let refused = judged(&rules(), changes).err().unwrap();
            assert!(refused.contains("not meant"), "{refused}");
        }
        assert!(judged(&rules(), json!({"aud": ["x", "ledger"]})).is_ok());
    }

    #[test]
    fn a_service_without_a_name_takes_no_token_that_is_meant_for_somebody() {
        let nameless = Rules {
            issuer: None,
            audience: None,
            ..rules()
        };
        assert!(judged(&nameless, json!({"aud": null, "iss": "anybody"})).is_ok());
        assert!(judged(&nameless, json!({})).is_err());
    }

    #[test]
    fn a_subject_is_an_actor() {
        for subject in [json!(null), json!(""), json!(" "), json!(7), json!("a\nb")] {
            let refused = judged(&rules(), json!({"sub": subject})).err().unwrap();
            assert!(refused.contains("subject"), "{refused}");
        }
    }

    #[test]
    fn scopes_are_a_text_or_a_list() {
        let scopes = |changes| judged(&rules(), changes).map(|caller| caller.scopes.len());
        assert_eq!(scopes(json!({"scope": null})), Ok(0));
        assert_eq!(scopes(json!({"scope": null, "scp": "a b  c"})), Ok(3));
        assert_eq!(scopes(json!({"scope": null, "scp": ["a", "b"]})), Ok(2));
        assert_eq!(scopes(json!({"scope": "a", "scp": ["a", "admin"]})), Ok(1));
        assert!(scopes(json!({"scope": 7})).is_err());
        assert!(scopes(json!({"scope": ["a", 7]})).is_err());
    }
}
