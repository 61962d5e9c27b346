//! What is refused before any server is asked: every variable by name, with its value and with
//! what is allowed.

use super::config;
use ports::DatabaseError;

const NUMBER: &str = "whole numbers from ";
const TIME: &str = "lengths of time such as 250ms, 30s, 10min, or a number of seconds";

#[test]
fn every_malformed_variable_is_named_with_its_value_and_what_is_allowed() {
    let wrong = [
        ("PORT", "http", NUMBER),
        ("PORT", "65536", NUMBER),
        ("POOL_SIZE", "-1", NUMBER),
        ("POOL_MAX_OVERFLOW", "some", NUMBER),
        ("POOL_TIMEOUT", "soon", TIME),
        ("POOL_TIMEOUT", "-1", TIME),
        ("POOL_RECYCLE", "1 fortnight", TIME),
        (
            "POOL_PRE_PING",
            "sometimes",
            "always, never, or the idle time",
        ),
        ("POOL_LIFO", "maybe", "true and false"),
        ("POOL_RESET_ON_RETURN", "commit", "rollback, none"),
        ("CONNECT_TIMEOUT", "10x", TIME),
        ("STATEMENT_TIMEOUT", "x", TIME),
        ("LOCK_TIMEOUT", "x", TIME),
        ("IDLE_IN_TRANSACTION_TIMEOUT", "x", TIME),
        (
            "ISOLATION_LEVEL",
            "chaos",
            "read committed, repeatable read, serializable",
        ),
        ("STATEMENT_CACHE_SIZE", "0", NUMBER),
        (
            "SSL_MODE",
            "allow",
            "disable, prefer, require, verify-ca, verify-full",
        ),
        ("ECHO", "loud", "true and false"),
        ("ECHO_POOL", "loud", "true and false"),
        ("HIDE_PARAMETERS", "2", "true and false"),
        ("SLOW_STATEMENT", "slow", TIME),
        ("LONG_UNIT_OF_WORK", "never", TIME),
        ("RETRY_ATTEMPTS", "0", NUMBER),
        ("RETRY_BASE", "x", TIME),
        ("RETRY_CAP", "x", TIME),
        ("MIGRATE_ON_START", "perhaps", "true and false"),
    ];
    for (name, value, allowed) in wrong {
        let message = refusal(&[(name, value)]);
        let begin = format!("DATABASE_{name} is {value:?}; allowed are ");
        assert!(message.starts_with(&begin), "{message}");
        assert!(message.contains(allowed), "{message}");
    }
}

#[test]
fn an_unknown_variable_is_named_with_all_that_there_are() {
    let message = refusal(&[("POOL_SZIE", "hunter2")]);
    assert!(message.starts_with("DATABASE_POOL_SZIE is no setting; allowed are DATABASE_"));
    assert!(message.contains("DATABASE_POOL_SIZE, "), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn values_may_have_blanks_around_them_and_any_case() {
    let settings = [
        ("POOL_SIZE", " 7 "),
        ("POOL_LIFO", "No"),
        ("SSL_MODE", "Verify-Full"),
        ("POOL_PRE_PING", "ALWAYS"),
        ("ISOLATION_LEVEL", "Repeatable_Read"),
        ("POOL_TIMEOUT", "1m 30s"),
    ];
    let read = config("postgres://h/x", &settings).unwrap();
    assert_eq!(read.session.pool_size, 7);
    assert!(!read.session.pool_lifo);
    assert_eq!(read.session.pool_timeout.as_secs(), 90);
}

#[test]
fn a_certificate_that_is_not_there_is_named() {
    for (url, settings) in [
        ("postgres://h/x", &[("SSL_ROOT_CERT", "/no/such.pem")][..]),
        ("postgres://h/x?sslrootcert=/no/such.pem", &[]),
    ] {
        let message = config(url, settings).unwrap_err().to_string();
        assert!(message.contains("DATABASE_"), "{message}");
        assert!(message.contains("/no/such.pem"), "{message}");
    }
}

fn refusal(settings: &[(&str, &str)]) -> String {
    let refused = config("postgres://h/x", settings).unwrap_err();
    assert!(
        matches!(refused, DatabaseError::Configuration(_)),
        "{refused:?}"
    );
    refused.to_string()
}

#[test]
fn a_cursor_key_is_long_and_is_not_repeated() {
    let refused = config("postgres://localhost/x", &[("CURSOR_KEY", "hunter2")]);
    let message = refused.unwrap_err().to_string();
    assert_eq!(
        message,
        "DATABASE_CURSOR_KEY is too short; allowed are secrets of at least 32 characters"
    );
}
