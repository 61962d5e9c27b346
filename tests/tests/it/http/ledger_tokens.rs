// sample: file

//! Who is let in, and who is told why not.

use std::sync::Arc;

use adapters::{
    SystemClock,
    jwt::{JwtConfig, KeySetConfig, Place, Trust},
    memory::KnownCallers,
};
use app::config::HttpConfig;
use http::{HeaderValue, Method, header};
use jsonwebtoken::{Algorithm, Header};
use ports::{Actor, Caller, Clock as _};
use serde_json::{Value, json};
use tests::{
    Answer, TestApp, TestDatabase,
    issuer::{Issuer, KeyServer, forged, shared},
};

secured_on_both!(
    a_request_without_a_token_is_told_how_to_come_back,
    tokens_that_are_not_good_are_refused_with_the_reason,
    two_tokens_are_one_too_many,
    a_subject_that_is_no_owners_name_as_it_stands_is_nobody,
    what_operators_need_and_what_is_not_there_need_no_token,
);

const LIST: &str = "/v1/accounts";

fn claims(changes: Value) -> Value {
    let now = SystemClock.now().timestamp();
    let mut claims = json!({"sub": "Ada", "exp": now + 3600, "scope": "ledger:read"});
    let all = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(all.remove(name)),
            value => drop(all.insert(name.clone(), value.clone())),
        }
    }
    claims
}

fn signed(changes: Value) -> String {
    let header = Header::new(Algorithm::HS256);
    shared(&header, TestApp::SECRET.as_bytes(), &claims(changes))
}

async fn shown(app: &TestApp, authorization: &str) -> Answer {
    app.showing(authorization).get(LIST).await
}

fn assert_unauthenticated(refused: &Answer, challenge: &str) {
    assert_eq!(refused.problem(), (401, "unauthenticated"), "{refused:?}");
    let given = refused.header("www-authenticate");
    assert!(given.starts_with("Bearer realm="), "{given}");
    assert!(given.contains(challenge), "{given}");
}

async fn a_request_without_a_token_is_told_how_to_come_back(app: TestApp) {
    let refused = app.get(LIST).await;
    assert_unauthenticated(&refused, "Bearer realm=");
    assert!(!refused.header("www-authenticate").contains("error"));
    for other in ["Basic QWRhOg==", "Bearer", "Token x", &signed(json!({}))] {
        let refused = shown(&app, other).await;
        assert_unauthenticated(&refused, "Bearer realm=");
        assert!(
            !refused.header("www-authenticate").contains("error"),
            "{other}"
        );
    }
    let token = signed(json!({}));
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(shown(&app, &format!("{scheme} {token}")).await.status, 200);
    }
}

async fn tokens_that_are_not_good_are_refused_with_the_reason(app: TestApp) {
    let now = SystemClock.now().timestamp();
    let by_another = shared(
        &Header::new(Algorithm::HS256),
        b"another secret of the tests' own",
        &claims(json!({})),
    );
    let none = forged(&json!({"alg": "none"}), &claims(json!({})), b"");
    let long = "x".repeat(100_000);
    for (token, reason) in [
        (signed(json!({"exp": now - 3600})), "expired"),
        (signed(json!({"exp": null})), "nothing of when it expires"),
        (signed(json!({"nbf": now + 3600})), "not good yet"),
        (signed(json!({"iat": now + 3600})), "in the future"),
        (
            signed(json!({"aud": "others"})),
            "not meant for this service",
        ),
        (signed(json!({"sub": null})), "no subject"),
        (by_another, "signature"),
        (none, "no JSON Web Token"),
        ("a.b.c".to_owned(), "no JSON Web Token"),
        (long, "too long"),
    ] {
        let refused = shown(&app, &format!("Bearer {token}")).await;
        assert_unauthenticated(&refused, r#"error="invalid_token""#);
        let challenge = refused.header("www-authenticate");
        assert!(challenge.contains(reason), "{challenge}");
        assert!(refused.text("detail").contains(reason), "{refused:?}");
        assert!(
            !format!("{refused:?}").contains(&token),
            "a token was repeated"
        );
    }
}

async fn two_tokens_are_one_too_many(app: TestApp) {
    let good = format!("Bearer {}", signed(json!({})));
    let mut request = app.showing(&good).request(Method::GET, LIST);
    let again = HeaderValue::from_str(&good).unwrap();
    request.headers_mut().append(header::AUTHORIZATION, again);
    assert_unauthenticated(&app.send(request).await, "more than one");
}

async fn a_subject_that_is_no_owners_name_as_it_stands_is_nobody(app: TestApp) {
    let long = "x".repeat(201);
    for subject in [" Ada", "Ada ", "\u{a0}Ada", "", " ", "A\u{7}da", &long] {
        let token = signed(json!({"sub": subject, "scope": "ledger:admin"}));
        let refused = shown(&app, &format!("Bearer {token}")).await;
        assert_unauthenticated(&refused, "subject");
    }
}

async fn what_operators_need_and_what_is_not_there_need_no_token(app: TestApp) {
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert_eq!(app.get("/v1/none").await.problem().0, 404);
    let wrong = app.send(app.request(Method::PUT, LIST)).await;
    assert_eq!(wrong.problem().0, 405);
}

#[tokio::test]
async fn issuer_and_audience_must_be_those_of_the_settings() {
    let database = TestDatabase::postgres().await;
    let mut config = JwtConfig::new(Trust::Secret(TestApp::SECRET.into()));
    config.issuer = Some("https://issuer".to_owned());
    config.audience = Some("ledger".to_owned());
    let app = TestApp::trusting(&database.url(), config).await;
    for (changes, status) in [
        (
            json!({"iss": "https://issuer", "aud": ["x", "ledger"]}),
            200,
        ),
        (json!({"iss": "https://issuer", "aud": "x"}), 401),
        (json!({"iss": "https://other", "aud": "ledger"}), 401),
        (json!({"aud": "ledger"}), 401),
        (json!({"iss": "https://issuer"}), 401),
    ] {
        let token = signed(changes.clone());
        let answer = shown(&app, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, status, "{changes}");
    }
}

#[tokio::test]
async fn keys_are_taken_from_their_issuer_and_a_public_one_is_no_secret() {
    let (old, new) = (
        Issuer::rsa("old", Algorithm::RS256),
        Issuer::new("new", Algorithm::ES256),
    );
    let server = KeyServer::start(&[&old]).await;
    let place = Place::read(&server.url()).unwrap();
    let mut set = KeySetConfig::at(place);
    set.min_interval = std::time::Duration::ZERO;
    let mut config = JwtConfig::new(Trust::KeySet(set));
    config.audience = Some("ledger".to_owned());
    let database = TestDatabase::postgres().await;
    let app = TestApp::trusting(&database.url(), config).await;
    let claims = claims(json!({"aud": "ledger"}));
    let show = async |token: String| shown(&app, &format!("Bearer {token}")).await;

    assert_eq!(show(old.sign(&claims)).await.status, 200);
    let public = include_bytes!("../../../src/issuer/rsa.pub.pem");
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("old".to_owned());
    let confused = show(shared(&header, public, &claims)).await;
    assert_unauthenticated(&confused, "algorithm of its key");

    assert_unauthenticated(&show(new.sign(&claims)).await, "not known here");
    server.show(&[&old, &new]);
    assert_eq!(show(new.sign(&claims)).await.status, 200);

    server.answer_with(500, "");
    assert_eq!(show(new.sign(&claims)).await.status, 200);
    let third = Issuer::new("third", Algorithm::ES256);
    let unavailable = show(third.sign(&claims)).await;
    assert_eq!(unavailable.problem(), (503, "authentication-unavailable"));
    assert_eq!(unavailable.header("retry-after"), "1");
}

#[tokio::test]
async fn another_scheme_is_another_authenticator() {
    let caller = Caller {
        subject: Actor::new("Ada").unwrap(),
        scopes: ["ledger:read".to_owned()].into(),
    };
    let known = Arc::new(KnownCallers::default().with("key-of-ada", caller));
    let database = TestDatabase::postgres().await;
    let app = TestApp::guarded(&database.url(), &HttpConfig::default(), Some(known)).await;

    assert_eq!(shown(&app, "ApiKey key-of-ada").await.status, 200);
    let refused = shown(&app, "ApiKey another").await;
    assert_eq!(refused.problem(), (401, "unauthenticated"));
    assert!(
        refused
            .header("www-authenticate")
            .starts_with("ApiKey realm=")
    );
    assert_eq!(shown(&app, "Bearer key-of-ada").await.status, 401);
}
