//! Destroying data in a production database has to be said twice.

use std::collections::HashMap;

use adapters::Database;
use migration::guard::{Consent, Decision, Target, decide};

const LOCAL: &str = "postgres://u:hunter2@127.0.0.1/ledger";
const REMOTE: &str = "postgres://u:hunter2@db.example.org/ledger";

fn target(url: &str, environment: &[(&str, &str)]) -> Target {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let environment: HashMap<_, _> = environment.iter().map(owned).collect();
    Target::new(&Database::from_url(url).unwrap(), &environment)
}

fn consent(yes: bool, database_name: Option<&str>) -> Consent {
    Consent {
        yes,
        database_name: database_name.map(str::to_owned),
    }
}

fn is_refused(target: &Target, consent: &Consent) -> bool {
    matches!(decide(target, consent), Decision::Refuse(_))
}

#[test]
fn a_local_database_needs_a_yes() {
    for url in [
        LOCAL,
        "postgres://u@localhost/ledger",
        "postgres://u@[::1]/ledger",
        "postgres:///ledger?host=/run/postgresql",
        "sqlite://data/ledger",
    ] {
        let target = target(url, &[]);
        assert_eq!(target.name, "ledger");
        assert_eq!(target.production, None, "{url}");
        assert_eq!(decide(&target, &consent(false, None)), Decision::Ask);
        assert_eq!(decide(&target, &consent(true, None)), Decision::Proceed);
    }
}

#[test]
fn a_database_elsewhere_needs_a_yes_and_its_name() {
    for url in [
        REMOTE,
        "postgres://u@10.0.0.7/ledger",
        "postgres://u@db/ledger",
    ] {
        let target = target(url, &[("APP_ENV", "test")]);
        assert!(is_refused(&target, &consent(false, None)), "{url}");
        assert!(is_refused(&target, &consent(true, None)), "{url}");
        assert!(
            is_refused(&target, &consent(false, Some("ledger"))),
            "{url}"
        );
        assert!(is_refused(&target, &consent(true, Some("Ledger"))), "{url}");
        let twice = consent(true, Some("ledger"));
        assert_eq!(decide(&target, &twice), Decision::Proceed, "{url}");
    }
}

#[test]
fn an_environment_that_is_not_known_to_be_harmless_is_production() {
    for (name, value, is_production) in [
        ("APP_ENV", "production", true),
        ("APP_ENV", "Prod", true),
        ("APP_ENV", "staging", true),
        ("ENVIRONMENT", "production", true),
        ("APP_ENV", "", false),
        ("APP_ENV", "development", false),
        ("ENVIRONMENT", "CI", false),
    ] {
        for url in [LOCAL, "sqlite://data/ledger"] {
            let target = target(url, &[(name, value)]);
            assert_eq!(target.production.is_some(), is_production, "{name}={value}");
        }
    }
    let both = [("APP_ENV", "test"), ("ENVIRONMENT", "production")];
    assert!(target(LOCAL, &both).production.is_some());
}

#[test]
fn a_name_that_is_not_the_databases_is_refused_everywhere() {
    let wrong = consent(true, Some("orders"));
    assert!(is_refused(&target(LOCAL, &[]), &wrong));
    assert!(is_refused(&target(REMOTE, &[]), &wrong));
}

#[test]
fn a_refusal_says_what_and_why_and_how_without_the_password() {
    let Decision::Refuse(text) = decide(&target(REMOTE, &[]), &consent(true, None)) else {
        panic!("not refused");
    };
    for part in ["ledger", "db.example.org", "--yes", "--database-name"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}
