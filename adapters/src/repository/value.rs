//! Values with the type of the column that they are compared with or stored in.
//!
//! The type matters: a statement is prepared once for its text, with the types of the
//! first values, and values of other types sent to it later are misread.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use ports::DatabaseError;
use sea_orm::{
    ColumnTrait as _, ColumnType, EntityTrait, IdenStatic as _, ModelTrait as _, Value,
    sea_query::{ArrayType, Enum, Expr, ExprTrait as _, OptionEnum},
};

/// The value as one of this column's type.
///
/// # Errors
///
/// [`DatabaseError::InvalidQuery`] naming the column, when it has no such value.
pub(super) fn bind<E: EntityTrait>(
    column: E::Column,
    value: &ports::Value,
) -> Result<Value, DatabaseError> {
    let kind = E::Model::get_value_type(column);
    let variants = variants::<E>(column);
    let refuse = |allowed: &str| {
        DatabaseError::invalid_query(format!(
            "{} can not be compared with {value:?}; allowed is {allowed}",
            column.as_str()
        ))
    };
    match (value, &variants) {
        // The server refuses other names of an enum, as a failure of the statement.
        (ports::Value::Text(text), Some(known)) if !known.contains(text) => {
            Err(refuse(&format!("one of {}", known.join(", "))))
        }
        _ => as_kind(&kind, value).ok_or_else(|| refuse(describe(&kind))),
    }
}

pub(super) fn is_null(value: &Value) -> bool {
    !value.is_some()
}

/// A value on its way into a statement, with the cast that its column asks for.
pub(super) fn sql<E: EntityTrait>(column: E::Column, value: Value) -> Expr {
    column.save_as(Expr::val(value))
}

/// Values as one array parameter, with the cast that their column asks for. PostgreSQL
/// alone has arrays.
pub(super) fn array<E: EntityTrait>(column: E::Column, values: Vec<Value>) -> Expr {
    array_sql::<E>(column, array_of::<E>(column, values))
}

/// Values of this column's type as one.
pub(super) fn array_of<E: EntityTrait>(column: E::Column, values: Vec<Value>) -> Value {
    Value::Array(E::Model::get_value_type(column), Some(Box::new(values)))
}

/// An array on its way into a statement, with the cast that its column asks for.
pub(super) fn array_sql<E: EntityTrait>(column: E::Column, array: Value) -> Expr {
    let is_text = E::Model::get_value_type(column) == ArrayType::String;
    let array = Expr::val(array);
    match column.enum_type_name() {
        Some(name) if is_text => array.as_enum(format!("{name}[]")),
        _ => column.save_array_as(array),
    }
}

/// What an enum of the database can be.
fn variants<E: EntityTrait>(column: E::Column) -> Option<Vec<String>> {
    match column.def().get_column_type() {
        ColumnType::Enum { variants, .. } => {
            Some(variants.iter().map(ToString::to_string).collect())
        }
        _ => None,
    }
}

fn as_kind(kind: &ArrayType, value: &ports::Value) -> Option<Value> {
    match value {
        ports::Value::Bool(flag) => (*kind == ArrayType::Bool).then(|| (*flag).into()),
        ports::Value::Int(number) => integer(kind, *number),
        ports::Value::Float(number) => float(kind, *number),
        ports::Value::Text(text) => from_text(kind, text),
        ports::Value::Uuid(uuid) => (*kind == ArrayType::Uuid).then(|| (*uuid).into()),
        ports::Value::Timestamp(moment) => timestamp(kind, *moment),
    }
}

fn integer(kind: &ArrayType, number: i64) -> Option<Value> {
    Some(match kind {
        ArrayType::TinyInt => i8::try_from(number).ok()?.into(),
        ArrayType::SmallInt => i16::try_from(number).ok()?.into(),
        ArrayType::Int => i32::try_from(number).ok()?.into(),
        ArrayType::BigInt => number.into(),
        ArrayType::TinyUnsigned => u8::try_from(number).ok()?.into(),
        ArrayType::SmallUnsigned => u16::try_from(number).ok()?.into(),
        ArrayType::Unsigned => u32::try_from(number).ok()?.into(),
        ArrayType::BigUnsigned => u64::try_from(number).ok()?.into(),
        ArrayType::Float | ArrayType::Double => {
            // Exact, or not at all: an f64 has 53 bits for the number.
            #[expect(clippy::cast_precision_loss, reason = "there is none in this range")]
            let exact = (number.unsigned_abs() <= 1 << 53).then_some(number as f64)?;
            return float(kind, exact);
        }
        _ => return None,
    })
}

fn float(kind: &ArrayType, number: f64) -> Option<Value> {
    match kind {
        ArrayType::Double => Some(number.into()),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the column has this precision"
        )]
        ArrayType::Float => Some((number as f32).into()),
        _ => None,
    }
}

/// A moment as the column keeps it.
pub(super) fn timestamp(kind: &ArrayType, moment: DateTime<Utc>) -> Option<Value> {
    Some(match kind {
        ArrayType::ChronoDateTimeUtc => moment.into(),
        ArrayType::ChronoDateTimeWithTimeZone => moment.fixed_offset().into(),
        ArrayType::ChronoDateTime => moment.naive_utc().into(),
        ArrayType::String => moment.to_rfc3339().into(),
        _ => return None,
    })
}

fn from_text(kind: &ArrayType, text: &str) -> Option<Value> {
    // PostgreSQL's text has no NUL.
    if text.contains('\0') {
        return None;
    }
    Some(match kind {
        ArrayType::String => text.into(),
        ArrayType::Enum(name) => Value::Enum(OptionEnum::Some(Box::new(Enum {
            type_name: name.as_ref().clone(),
            value: text.to_owned().into(),
        }))),
        ArrayType::Char => text.parse::<char>().ok()?.into(),
        ArrayType::Uuid => text.parse::<uuid::Uuid>().ok()?.into(),
        ArrayType::ChronoDate => text.parse::<NaiveDate>().ok()?.into(),
        ArrayType::ChronoTime => text.parse::<NaiveTime>().ok()?.into(),
        ArrayType::ChronoDateTime => text.parse::<NaiveDateTime>().ok()?.into(),
        ArrayType::ChronoDateTimeUtc | ArrayType::ChronoDateTimeWithTimeZone => {
            let moment = DateTime::parse_from_rfc3339(text).ok()?;
            return timestamp(kind, moment.to_utc());
        }
        _ => return None,
    })
}

const NOTHING: &str = "nothing: columns of this type can not be compared";

fn describe(kind: &ArrayType) -> &'static str {
    match kind {
        ArrayType::Bool => "true or false",
        ArrayType::TinyInt
        | ArrayType::SmallInt
        | ArrayType::Int
        | ArrayType::BigInt
        | ArrayType::TinyUnsigned
        | ArrayType::SmallUnsigned
        | ArrayType::Unsigned
        | ArrayType::BigUnsigned => "a whole number in the column's range",
        ArrayType::Float | ArrayType::Double => "a number",
        ArrayType::String | ArrayType::Enum(_) => "text without NUL",
        ArrayType::Char => "a single character",
        ArrayType::Uuid => "a UUID",
        ArrayType::ChronoDate => "a date such as 2026-01-31",
        ArrayType::ChronoTime => "a time such as 12:30:00",
        ArrayType::ChronoDateTime => "a date and time such as 2026-01-31T12:30:00",
        ArrayType::ChronoDateTimeUtc | ArrayType::ChronoDateTimeWithTimeZone => {
            "a moment such as 2026-01-31T12:30:00Z"
        }
        _ => NOTHING,
    }
}

/// Refuses a column whose values have no place in a cursor, before a statement is sent.
pub(super) fn check_unbinds<E: EntityTrait>(column: E::Column) -> Result<(), DatabaseError> {
    if describe(&E::Model::get_value_type(column)) != NOTHING {
        return Ok(());
    }
    Err(DatabaseError::invalid_query(format!(
        "rows can not be paged by {}, a column of this type; use pages by number",
        column.as_str()
    )))
}

/// The opposite of [`bind`], for cursors: `Ok(None)` is NULL.
pub(super) fn unbind(value: &Value) -> Result<Option<ports::Value>, DatabaseError> {
    use ports::Value as Plain;
    let plain = match value {
        Value::Bool(value) => value.map(Plain::Bool),
        Value::TinyInt(value) => value.map(|n| Plain::Int(n.into())),
        Value::SmallInt(value) => value.map(|n| Plain::Int(n.into())),
        Value::Int(value) => value.map(|n| Plain::Int(n.into())),
        Value::BigInt(value) => value.map(Plain::Int),
        Value::TinyUnsigned(value) => value.map(|n| Plain::Int(n.into())),
        Value::SmallUnsigned(value) => value.map(|n| Plain::Int(n.into())),
        Value::Unsigned(value) => value.map(|n| Plain::Int(n.into())),
        Value::BigUnsigned(value) => value.and_then(|n| i64::try_from(n).ok()).map(Plain::Int),
        Value::Float(value) => value.map(|n| Plain::Float(n.into())),
        Value::Double(value) => value.map(Plain::Float),
        Value::String(value) => value.clone().map(Plain::Text),
        Value::Char(value) => value.map(|c| Plain::Text(c.to_string())),
        Value::Enum(OptionEnum::Some(value)) => Some(Plain::Text(value.value.to_string())),
        Value::Enum(OptionEnum::None(_)) => None,
        Value::Uuid(value) => value.map(Plain::Uuid),
        Value::ChronoDate(value) => value.map(|d| Plain::Text(d.to_string())),
        Value::ChronoTime(value) => value.map(|t| Plain::Text(t.to_string())),
        Value::ChronoDateTime(value) => value.map(|t| Plain::Text(format!("{t:?}"))),
        Value::ChronoDateTimeUtc(value) => value.map(Plain::Timestamp),
        Value::ChronoDateTimeWithTimeZone(value) => value.map(|t| Plain::Timestamp(t.to_utc())),
        _ => {
            return Err(DatabaseError::invalid_query(
                "rows can not be paged by a column of this type; use pages by number",
            ));
        }
    };
    Ok(plain)
}
