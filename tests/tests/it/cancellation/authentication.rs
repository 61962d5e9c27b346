//! Callers by their tokens: keys are fetched once, by whoever asks first.

use adapters::{
    jwt::{JwtAuthenticator, JwtConfig, KeySetConfig, Place, Trust},
    memory::FixedClock,
};
use chrono::TimeDelta;
use futures_util::FutureExt as _;
use jsonwebtoken::Algorithm;
use ports::{Authenticator as _, Clock as _};
use serde_json::json;
use std::sync::Arc;
use tests::issuer::{Issuer, KeyServer};

use tests::polls::{MANY, Moment, drop_after};

pub(super) const COVERS: &[&str] = &[
    "JwtAuthenticator::authenticate",
    "JwtAuthenticator::warm_up",
];

#[tokio::test]
async fn a_caller_who_is_gone_at_any_await_point_leaves_the_keys_to_the_next() {
    let issuer = Issuer::new("key", Algorithm::ES256);
    let end = FixedClock::default().now() + TimeDelta::hours(1);
    let token = issuer.sign(&json!({"sub": "Ada", "exp": end.timestamp()}));
    for (warm_up, moment) in [
        (true, Moment::Waiting),
        (true, Moment::Woken),
        (false, Moment::Waiting),
        (false, Moment::Woken),
    ] {
        let mut waited = 0;
        for polls in 0..MANY {
            let server = KeyServer::start(&[&issuer]).await;
            let place = Place::read(&server.url()).unwrap();
            let config = JwtConfig::new(Trust::KeySet(KeySetConfig::at(place)));
            let clock = Arc::new(FixedClock::default());
            let authenticator = JwtAuthenticator::new(config, clock).unwrap();

            let asking = if warm_up {
                authenticator.warm_up().boxed()
            } else {
                authenticator.authenticate(&token).map(drop).boxed()
            };
            let ended = drop_after(polls, moment, asking).await;
            let caller = authenticator.authenticate(&token).await;
            assert!(caller.is_ok(), "after {polls} polls: {caller:?}");
            assert_eq!(server.asked(), 1, "after {polls} polls");
            if ended.is_some() {
                break;
            }
            waited += 1;
        }
        assert!((1..MANY).contains(&waited), "it has waited {waited} times");
    }
}
