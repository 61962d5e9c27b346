use adapters::{
    jwt::{JwtAuthenticator, JwtConfig, KeySetConfig, Place, Trust},
    memory::FixedClock,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::NamedTempFile;
use tests::issuer::{Issuer, key_set};

use super::Door;

/// What comes of a file with this in it.
fn opened(text: &str) -> Result<Door, String> {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let place = Place::File(file.path().to_owned());
    let config = JwtConfig::new(Trust::KeySet(KeySetConfig::at(place)));
    let tried = JwtAuthenticator::new(config, Arc::new(FixedClock::default()));
    let tried = tried.map_err(|error| error.to_string());
    tried.map(|_| Door::trusting(file.path().to_str().unwrap()))
}

fn of_keys(keys: &[Value]) -> Result<Door, String> {
    opened(&json!({ "keys": keys }).to_string())
}

#[tokio::test]
async fn keys_that_are_for_something_else_are_passed_over() {
    let good = Issuer::new("good", Algorithm::ES256);
    let with = |name: &str, value: Value| {
        let mut jwk = good.jwk();
        jwk[name] = value;
        jwk
    };
    let unusable = [
        with("use", json!("enc")),
        with("key_ops", json!(["sign"])),
        with("alg", json!("ES384")),
        with("alg", json!("HS256")),
        with("crv", json!("P-384")),
        with("crv", json!("P-521")),
        with("crv", json!("secp256k1")),
        with("kty", json!("OKP")),
        with("x", json!("AAAA")),
        with("y", good.jwk()["x"].clone()),
        json!({"kty": "oct", "kid": "good", "k": BASE64.encode([7; 32])}),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "good", "x": "AAAA"}),
        json!({"kty": "RSA", "kid": "good", "n": BASE64.encode([255; 128]), "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "good", "n": BASE64.encode([vec![0; 128], vec![255; 128]].concat()), "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "good", "n": "!", "e": "AQAB"}),
        json!({"kty": "new", "kid": "good"}),
        json!({}),
        json!(7),
    ];
    for jwk in &unusable {
        let refused = of_keys(std::slice::from_ref(jwk)).err();
        assert!(
            refused.is_some_and(|text| text.contains("none of its 1 keys")),
            "{jwk}"
        );
    }
    let all = [&unusable[..], &[good.jwk()]].concat();
    let door = of_keys(&all).unwrap();
    assert!(door.admits(&good.sign(&door.claims())).await);
}

#[tokio::test]
async fn a_document_that_is_none_is_a_wrong_setting() {
    for text in ["", "{", "[]", "{}", r#"{"keys": {}}"#] {
        let refused = opened(text).err().unwrap();
        assert!(refused.starts_with("AUTH_JWKS: "), "{refused}");
        assert!(refused.contains("no JSON Web Key Set"), "{refused}");
    }
    let absent = JwtConfig::new(Trust::KeySet(KeySetConfig::at(Place::File("/none".into()))));
    let refused = JwtAuthenticator::new(absent, Arc::new(FixedClock::default()));
    let refused = refused.err().unwrap().to_string();
    assert!(
        refused.contains("/none") && refused.contains("No such file"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_token_without_a_name_of_its_key_fits_one_key_or_none() {
    let (one, other) = (
        Issuer::new("1", Algorithm::ES256),
        Issuer::new("2", Algorithm::EdDSA),
    );
    let unnamed = |door: &Door| one.sign_as(Algorithm::ES256, None, &door.claims());

    let door = of_keys(&[one.jwk(), other.jwk()]).unwrap();
    assert!(door.admits(&unnamed(&door)).await);
    let third = Issuer::new("3", Algorithm::ES256);
    let door = of_keys(&[one.jwk(), other.jwk(), third.jwk()]).unwrap();
    let refused = door.show(&unnamed(&door)).await.unwrap_err();
    assert!(refused.contains("which of several keys"), "{refused}");
}

#[tokio::test]
async fn a_file_is_read_again_when_a_token_names_a_key_that_is_new() {
    let (old, new) = (
        Issuer::new("old", Algorithm::ES256),
        Issuer::new("new", Algorithm::ES256),
    );
    let file = NamedTempFile::new().unwrap();
    let write = |keys: &[&Issuer]| std::fs::write(file.path(), key_set(keys).to_string()).unwrap();
    write(&[&old]);
    let door = Door::trusting(file.path().to_str().unwrap());
    assert!(door.admits(&old.sign(&door.claims())).await);

    write(&[&new]);
    assert!(door.admits(&new.sign(&door.claims())).await);
    assert!(!door.admits(&old.sign(&door.claims())).await);
}
