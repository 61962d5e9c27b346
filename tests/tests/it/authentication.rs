//! Callers by their tokens: the adapter alone, at a time that the test sets.

mod algorithm;
mod any;
mod key_set;
mod outage;
mod shared;

use std::sync::Arc;

use adapters::{
    jwt::{JwtAuthenticator, JwtConfig, KeySetConfig, Place, Trust},
    memory::FixedClock,
};
use chrono::TimeDelta;
use ports::{AuthenticationError, Authenticator as _, Clock as _};
use serde_json::{Value, json};

/// A service that callers show their tokens to.
struct Door {
    clock: Arc<FixedClock>,
    authenticator: Arc<JwtAuthenticator>,
}

impl Door {
    fn new(trust: Trust) -> Self {
        let mut config = JwtConfig::new(trust);
        config.audience = Some("ledger".to_owned());
        let clock = Arc::new(FixedClock::default());
        let authenticator = JwtAuthenticator::new(config, clock.clone()).unwrap();
        Self {
            clock,
            authenticator: Arc::new(authenticator),
        }
    }

    /// One that trusts the keys there.
    fn trusting(place: &str) -> Self {
        let place = Place::read(place).unwrap();
        Self::new(Trust::KeySet(KeySetConfig::at(place)))
    }

    fn claims(&self) -> Value {
        let end = self.clock.now() + TimeDelta::hours(1);
        json!({"sub": "Ada", "aud": "ledger", "exp": end.timestamp()})
    }

    fn later(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// The caller's name, or why they are turned away.
    async fn show(&self, token: &str) -> Result<String, String> {
        let shown = self.authenticator.authenticate(token).await;
        shown
            .map(|caller| caller.subject.to_string())
            .map_err(|error| match error {
                AuthenticationError::Refused(reason) => reason.into_owned(),
                unavailable @ AuthenticationError::Unavailable(_) => format!("503: {unavailable}"),
            })
    }

    async fn admits(&self, token: &str) -> bool {
        let shown = self.show(token).await;
        let told = shown.clone().err().unwrap_or_default();
        assert!(token.len() < 8 || !told.contains(token), "{told}");
        shown.is_ok()
    }
}
