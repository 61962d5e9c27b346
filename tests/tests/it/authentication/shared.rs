use adapters::jwt::Trust;
use jsonwebtoken::{Algorithm, Header};
use serde_json::json;
use tests::issuer::{forged, shared};

use super::Door;

const SECRET: &str = "a secret of the tests, known to all";

fn door() -> Door {
    Door::new(Trust::Secret(SECRET.into()))
}

fn header() -> Header {
    Header::new(Algorithm::HS256)
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let door = door();
    let token = shared(&header(), SECRET.as_bytes(), &door.claims());
    assert_eq!(door.show(&token).await, Ok("Ada".to_owned()));

    door.later(3600 + 29);
    assert!(door.admits(&token).await, "the clocks may differ a little");
    door.later(1);
    assert_eq!(
        door.show(&token).await,
        Err("the token has expired".to_owned())
    );
}

#[tokio::test]
async fn a_token_of_another_secret_is_refused() {
    let door = door();
    let token = shared(
        &header(),
        b"another secret of the tests' own",
        &door.claims(),
    );
    let refused = door.show(&token).await.unwrap_err();
    assert_eq!(refused, "the signature of the token is wrong");
}

#[tokio::test]
async fn what_was_signed_can_not_be_changed() {
    let door = door();
    let token = shared(&header(), SECRET.as_bytes(), &door.claims());
    let [head, _, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{token}")
    };
    let mut claims = door.claims();
    claims["sub"] = json!("Bob");
    let other = forged(&json!({}), &claims, b"");
    let body = other.split('.').nth(1).unwrap();
    assert!(!door.admits(&format!("{head}.{body}.{signature}")).await);
}

#[tokio::test]
async fn a_secret_is_for_one_algorithm() {
    let door = door();
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = shared(&Header::new(algorithm), SECRET.as_bytes(), &door.claims());
        let refused = door.show(&token).await.unwrap_err();
        assert!(refused.contains("algorithm"), "{refused}");
    }
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let door = door();
    for algorithm in ["none", "None", "NONE", "nOnE", "", "HS256"] {
        let header = json!({"alg": algorithm, "typ": "JWT"});
        assert!(
            !door.admits(&forged(&header, &door.claims(), b"")).await,
            "{algorithm}"
        );
    }
    assert!(!door.admits(&forged(&json!({}), &door.claims(), b"")).await);
}

#[tokio::test]
async fn critical_extensions_and_other_kinds_of_tokens_are_refused() {
    let door = door();
    let mut critical = header();
    critical.crit = Some(vec!["b64".to_owned()]);
    let mut logout = header();
    logout.typ = Some("logout+jwt".to_owned());
    for (header, part) in [(critical, "critical"), (logout, "no access token")] {
        let token = shared(&header, SECRET.as_bytes(), &door.claims());
        let refused = door.show(&token).await.unwrap_err();
        assert!(refused.contains(part), "{refused}");
    }
    let mut access = header();
    access.typ = Some("AT+JWT".to_owned());
    assert!(
        door.admits(&shared(&access, SECRET.as_bytes(), &door.claims()))
            .await
    );
}

#[tokio::test]
async fn garbage_is_refused() {
    let door = door();
    let long = shared(
        &header(),
        SECRET.as_bytes(),
        &json!({"x": "y".repeat(9000)}),
    );
    for token in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "e30.e30.e30",
        "e30.e30.e30.e30",
        "é.é.é",
        "\0",
        &long,
    ] {
        assert!(!door.admits(token).await, "{token}");
    }
    for claims in [
        json!([]),
        json!(null),
        json!("x"),
        json!({}),
        json!({"exp": {}}),
    ] {
        let token = shared(&header(), SECRET.as_bytes(), &claims);
        assert!(!door.admits(&token).await, "{claims}");
    }
}
