//! Whatever is shown as a token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{TestCaseError, TestRunner},
};
use tests::issuer::{self, Issuer, key_set};

use super::Door;
use adapters::jwt::Trust;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// One who trusts a secret with a token of it, and one who trusts the key of an issuer.
fn doors() -> Vec<(Door, String)> {
    let shared = Door::new(Trust::Secret(SECRET.into()));
    let secret = issuer::shared(&Header::default(), SECRET.as_bytes(), &shared.claims());
    let issuer = Issuer::new("key", Algorithm::ES256);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), key_set(&[&issuer]).to_string()).unwrap();
    let keyed = Door::trusting(file.path().to_str().unwrap());
    let signed = issuer.sign(&keyed.claims());
    vec![(shared, secret), (keyed, signed)]
}

fn runner() -> TestRunner {
    TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

fn refused(door: &Door, token: &str) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let admitted = runtime.unwrap().block_on(door.admits(token));
    prop_assert!(!admitted, "{}", token);
    Ok(())
}

#[test]
fn any_text_is_refused() {
    let part = || prop::collection::vec(any::<u8>(), 0..40);
    let text = prop_oneof![
        any::<String>(),
        "[A-Za-z0-9_.-]{0,80}",
        (part(), part(), part()).prop_map(|(head, claims, signature)| {
            [head, claims, signature]
                .map(|part| URL_SAFE_NO_PAD.encode(part))
                .join(".")
        }),
    ];
    for (door, _) in doors() {
        let shown = runner().run(&text, |text| refused(&door, &text));
        shown.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_token_that_was_changed_anywhere_is_refused() {
    for (door, good) in doors() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        assert!(runtime.unwrap().block_on(door.admits(&good)));
        let change = (any::<Index>(), any::<char>(), 0..4_u8);
        let shown = runner().run(&change, |(at, char, kind)| {
            let mut chars: Vec<char> = good.chars().collect();
            let at = at.index(chars.len());
            match kind {
                0 => chars.insert(at, char),
                1 => drop(chars.remove(at)),
                2 => chars[at] = char,
                // A letter of the alphabet that tokens are written in.
                _ => chars[at] = if chars[at] == 'A' { 'B' } else { 'A' },
            }
            let changed: String = chars.into_iter().collect();
            if changed == good {
                return Ok(());
            }
            refused(&door, &changed)
        });
        shown.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn claims_of_any_kind_are_admitted_only_when_they_are_right() {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        prop::collection::vec(any::<String>().prop_map(serde_json::Value::from), 0..3)
            .prop_map(Into::into),
    ];
    let name = prop::sample::select(vec!["sub", "aud", "exp", "nbf", "iat", "scope", "iss"]);
    let claims = prop::collection::btree_map(name, leaf, 0..6);
    let door = Door::new(Trust::Secret(SECRET.into()));
    let shown = runner().run(&claims, |claims| {
        let token = issuer::shared(
            &Header::default(),
            SECRET.as_bytes(),
            &serde_json::to_value(&claims).unwrap(),
        );
        let names_us = match claims.get("aud") {
            Some(serde_json::Value::String(one)) => one == "ledger",
            Some(serde_json::Value::Array(many)) => many.contains(&"ledger".into()),
            _ => false,
        };
        if names_us {
            Ok(())
        } else {
            refused(&door, &token)
        }
    });
    shown.unwrap_or_else(|error| panic!("{error}"));
}
