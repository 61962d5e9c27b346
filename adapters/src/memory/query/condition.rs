//! Whether a condition holds, as SQL has it for a field that is not null.

use std::{cmp::Ordering, str::FromStr};

use chrono::{DateTime, Utc};
use ports::{Condition, DatabaseError, Value};
use uuid::Uuid;

pub(super) fn holds(field: &Value, condition: &Condition) -> Result<bool, DatabaseError> {
    let against = |value: &Value| ordering(field, value);
    let any = |values: &[Value]| -> Result<bool, DatabaseError> {
        let orders = values.iter().map(against).collect::<Result<Vec<_>, _>>()?;
        Ok(orders.into_iter().any(Ordering::is_eq))
    };
    Ok(match condition {
        Condition::Equal(value) => against(value)?.is_eq(),
        Condition::NotEqual(value) => against(value)?.is_ne(),
        Condition::LessThan(value) => against(value)?.is_lt(),
        Condition::LessThanOrEqual(value) => against(value)?.is_le(),
        Condition::GreaterThan(value) => against(value)?.is_gt(),
        Condition::GreaterThanOrEqual(value) => against(value)?.is_ge(),
        Condition::InList(values) => any(values)?,
        Condition::NotInList(values) => !any(values)?,
        Condition::Like(pattern) => like(text(field)?, whole(pattern)?),
        Condition::ILike(pattern) => {
            let pattern = whole(pattern)?.to_lowercase();
            like(&text(field)?.to_lowercase(), &pattern)
        }
        Condition::StartsWith(part) => text(field)?.starts_with(part.as_str()),
        Condition::EndsWith(part) => text(field)?.ends_with(part.as_str()),
        Condition::Contains(part) => text(field)?.contains(part.as_str()),
        Condition::IsNull => false,
        Condition::IsNotNull => true,
    })
}

/// The order of two values of one kind.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Uuid(a), Value::Uuid(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// As [`compare`], with a text in the usual notation of the field's kind.
fn ordering(field: &Value, value: &Value) -> Result<Ordering, DatabaseError> {
    let read = match (field, value) {
        (Value::Uuid(_), Value::Text(text)) => Uuid::from_str(text).ok().map(Value::from),
        (Value::Timestamp(_), Value::Text(text)) => {
            DateTime::<Utc>::from_str(text).ok().map(Value::from)
        }
        // As a column of text keeps it.
        (Value::Text(_), Value::Timestamp(moment)) => Some(moment.to_rfc3339().into()),
        _ => None,
    };
    compare(field, read.as_ref().unwrap_or(value)).ok_or_else(|| {
        DatabaseError::invalid_query("a filter compares a field with a value of another type")
    })
}

fn text(field: &Value) -> Result<&str, DatabaseError> {
    match field {
        Value::Text(text) => Ok(text),
        _ => Err(DatabaseError::invalid_query("only text can be searched in")),
    }
}

/// The pattern, unless what its end makes literal is missing.
fn whole(pattern: &str) -> Result<&str, DatabaseError> {
    let trailing = pattern.chars().rev().take_while(|c| *c == '\\').count();
    if trailing % 2 == 0 {
        return Ok(pattern);
    }
    Err(DatabaseError::invalid_query(
        "a pattern ends with a single \\, which must be followed by the character that it makes \
         literal",
    ))
}

/// `%` is any text, `_` any character, `\` takes the meaning off the character that follows.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    let mut text_rest = text.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            let tails = text.char_indices().map(|(at, _)| text.split_at(at).1);
            tails.chain([""]).any(|tail| like(tail, rest.as_str()))
        }
        Some('_') => text_rest.next().is_some() && like(text_rest.as_str(), rest.as_str()),
        Some(first) => {
            let literal = match first {
                '\\' => rest.next().unwrap_or('\\'),
                other => other,
            };
            text_rest.next() == Some(literal) && like(text_rest.as_str(), rest.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_sql() {
        for (text, pattern, expected) in [
            ("Ada", "A%", true),
            ("Ada", "_d_", true),
            ("Ada", "%", true),
            ("", "%", true),
            ("Ada", "a%", false),
            ("50% off", r"50\% %", true),
            ("50 off", r"50\% %", false),
            ("a_b", r"a\_b", true),
            ("axb", r"a\_b", false),
            (r"a\b", r"a\\b", true),
        ] {
            assert_eq!(like(text, pattern), expected, "{text:?} LIKE {pattern:?}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        let refused = holds(&Value::Int(1), &Condition::Equal("x".into()));
        assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
    }

    #[test]
    fn an_identity_may_be_given_as_text() -> Result<(), DatabaseError> {
        let id = Uuid::from_u128(7);
        assert!(holds(
            &id.into(),
            &Condition::InList(vec![id.to_string().into()])
        )?);
        Ok(())
    }
}
