//! What variables are read as, and how they are refused.

use std::time::Duration;

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    Variables::of("DATABASE", pairs.iter().copied()).unwrap()
}

fn message<T>(result: Result<T, DatabaseError>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn values_keep_their_text() {
    let read = variables(&[("DATABASE_PASSWORD", "0123 @:/%# é")]);
    assert_eq!(read.text("password"), Some("0123 @:/%# é"));
}

#[test]
fn an_empty_variable_is_not_set() {
    let read = variables(&[("DATABASE_POOL_SIZE", "")]);
    assert_eq!(read.number("pool_size", 1..=10).unwrap(), None);
}

#[test]
fn lengths_of_time_have_units_or_are_seconds() {
    let read = variables(&[
        ("DATABASE_A", "90"),
        ("DATABASE_B", "10min"),
        ("DATABASE_C", "x"),
    ]);
    assert_eq!(read.duration("a").unwrap(), Some(Duration::from_secs(90)));
    assert_eq!(read.duration("b").unwrap(), Some(Duration::from_mins(10)));
    assert_eq!(
        message(read.duration("c")),
        "DATABASE_C is \"x\"; allowed are lengths of time such as 250ms, 30s, 10min, \
         or a number of seconds"
    );
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    let read = variables(&[("DATABASE_POOL_SIZE", "0")]);
    assert_eq!(
        message(read.number("pool_size", 1..=10)),
        "DATABASE_POOL_SIZE is \"0\"; allowed are whole numbers from 1 to 10"
    );
}

#[test]
fn an_unknown_variable_is_refused_by_name() {
    let read = variables(&[("DATABASE_POOL_SZIE", "1"), ("OTHER", "1")]);
    assert_eq!(
        message(read.refuse_unknown(&["pool_size"])),
        "DATABASE_POOL_SZIE is no setting; allowed are DATABASE_POOL_SIZE"
    );
}
