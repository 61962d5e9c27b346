use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tests::issuer::{Issuer, forged, key_set, shared};

use super::Door;

fn file(document: &Value) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), document.to_string()).unwrap();
    file
}

fn door(document: &Value) -> Door {
    let file = file(document);
    Door::trusting(file.path().to_str().unwrap())
}

#[tokio::test]
async fn each_kind_of_key_admits_its_tokens() {
    let issuers = [
        Issuer::rsa("rs256", Algorithm::RS256),
        Issuer::rsa("ps256", Algorithm::PS256),
        Issuer::new("es256", Algorithm::ES256),
        Issuer::new("es384", Algorithm::ES384),
        Issuer::new("eddsa", Algorithm::EdDSA),
    ];
    let door = door(&key_set(&issuers.iter().collect::<Vec<_>>()));
    for issuer in &issuers {
        let token = issuer.sign(&door.claims());
        assert_eq!(
            door.show(&token).await,
            Ok("Ada".to_owned()),
            "{}",
            issuer.jwk()
        );
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    let issuer = Issuer::rsa("rsa", Algorithm::RS256);
    let other = Issuer::new("ec", Algorithm::ES256);
    let door = door(&key_set(&[&issuer, &other]));
    let public = include_str!("../../../src/issuer/rsa.pub.pem");
    for (id, secret) in [
        (Some("rsa"), public.as_bytes()),
        (Some("rsa"), public.trim_end().as_bytes()),
        (Some("rsa"), issuer.jwk()["n"].as_str().unwrap().as_bytes()),
        (Some("ec"), other.jwk()["x"].as_str().unwrap().as_bytes()),
        (None, public.as_bytes()),
    ] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = id.map(Into::into);
        let token = shared(&header, secret, &door.claims());
        assert!(!door.admits(&token).await, "{id:?}");
    }
}

#[tokio::test]
async fn a_key_is_used_with_its_own_algorithm_alone() {
    let rsa = Issuer::rsa("rsa", Algorithm::RS256);
    let ec = Issuer::new("ec", Algorithm::ES256);
    let ed = Issuer::new("ed", Algorithm::EdDSA);
    let door = door(&key_set(&[&rsa, &ec, &ed]));
    let claims = door.claims();
    let wrong = [
        // The set says RS256 of it.
        rsa.sign_as(Algorithm::PS256, Some("rsa"), &claims),
        rsa.sign_as(Algorithm::RS512, Some("rsa"), &claims),
        rsa.sign_as(Algorithm::RS256, Some("ec"), &claims),
        rsa.sign_as(Algorithm::RS256, Some("ed"), &claims),
        ec.sign_as(Algorithm::ES256, Some("rsa"), &claims),
        ed.sign_as(Algorithm::EdDSA, Some("ec"), &claims),
        forged(&json!({"alg": "ES384", "kid": "ec"}), &claims, &[1; 96]),
        forged(&json!({"alg": "ES256", "kid": "ec"}), &claims, &[0; 64]),
        forged(&json!({"alg": "none", "kid": "rsa"}), &claims, b""),
    ];
    for token in &wrong {
        assert!(!door.admits(token).await, "{token}");
    }
}

#[tokio::test]
async fn a_key_in_the_token_itself_is_not_trusted() {
    let (ours, theirs) = (
        Issuer::new("a", Algorithm::ES256),
        Issuer::new("a", Algorithm::ES256),
    );
    let door = door(&key_set(&[&ours]));
    assert!(!door.admits(&theirs.sign(&door.claims())).await);
    assert!(door.admits(&ours.sign(&door.claims())).await);
}
