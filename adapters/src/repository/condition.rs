//! Filters as SQL: first their values, with the types of their columns, then their text.

use ports::{Condition, DatabaseError, Filter};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, IdenStatic as _, ModelTrait as _, Value,
    sea_query::{
        self, ArrayType, BinOper, Expr, ExprTrait as _, Func, PgFunc,
        extension::postgres::PgBinOper,
    },
};

use super::value::{array_of, array_sql, bind, sql};

/// The longest pattern that every database takes, in bytes: SQLite's limit.
const MAX_PATTERN: usize = 50_000;

/// The values of these filters, in the order in which [`all_of`] takes them.
pub(super) fn values<E: EntityTrait>(
    filters: &[Filter<E::Column>],
    dialect: DbBackend,
) -> Result<Vec<Value>, DatabaseError> {
    let mut all = Vec::with_capacity(filters.len());
    for filter in filters {
        add_values::<E>(filter, dialect, &mut all)?;
    }
    Ok(all)
}

/// All filters together, with these values.
pub(super) fn all_of<E: EntityTrait>(
    filters: &[Filter<E::Column>],
    values: &mut impl Iterator<Item = Value>,
    dialect: DbBackend,
) -> sea_query::Condition {
    let written = filters
        .iter()
        .map(|filter| one::<E>(filter, values, dialect));
    written.fold(sea_query::Condition::all(), sea_query::Condition::add)
}

/// What decides the text of these filters: filters with another text are told apart.
pub(super) fn describe<C: ColumnTrait>(filters: &[Filter<C>], dialect: DbBackend) -> String {
    let mut text = String::new();
    for filter in filters {
        let kind = match &filter.condition {
            Condition::Equal(_) => "=",
            Condition::NotEqual(_) => "<>",
            Condition::LessThan(_) => "<",
            Condition::LessThanOrEqual(_) => "<=",
            Condition::GreaterThan(_) => ">",
            Condition::GreaterThanOrEqual(_) => ">=",
            Condition::InList(_) => "in",
            Condition::NotInList(values) if values.is_empty() => "is any",
            Condition::NotInList(_) => "not in",
            Condition::ILike(_) => "ilike",
            Condition::Like(_)
            | Condition::StartsWith(_)
            | Condition::EndsWith(_)
            | Condition::Contains(_) => "like",
            Condition::IsNull => "is null",
            Condition::IsNotNull => "is any",
        };
        let length = match &filter.condition {
            Condition::InList(values) | Condition::NotInList(values) => Some(values.len()),
            _ => None,
        };
        text.extend([filter.field.as_str(), "\0", kind, "\0"]);
        if let Some(length) = length.filter(|_| dialect != DbBackend::Postgres) {
            text.extend([&length.to_string(), "\0"]);
        }
    }
    text
}

fn add_values<E: EntityTrait>(
    filter: &Filter<E::Column>,
    dialect: DbBackend,
    all: &mut Vec<Value>,
) -> Result<(), DatabaseError> {
    let column = filter.field;
    match &filter.condition {
        Condition::Equal(value)
        | Condition::NotEqual(value)
        | Condition::LessThan(value)
        | Condition::LessThanOrEqual(value)
        | Condition::GreaterThan(value)
        | Condition::GreaterThanOrEqual(value) => all.push(bind::<E>(column, value)?),
        Condition::NotInList(values) if values.is_empty() => {}
        Condition::InList(values) | Condition::NotInList(values) => {
            let values = values.iter().map(|value| bind::<E>(column, value));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            match dialect {
                // One array parameter, so that lists of every length share a statement.
                DbBackend::Postgres => all.push(array_of::<E>(column, values)),
                _ => all.extend(values),
            }
        }
        Condition::Like(pattern) => all.push(pattern_of::<E>(column, pattern.clone())?),
        Condition::ILike(pattern) => all.push(match dialect {
            DbBackend::Postgres => pattern_of::<E>(column, pattern.clone())?,
            _ => pattern_of::<E>(column, pattern.to_ascii_lowercase())?,
        }),
        Condition::StartsWith(text) => {
            all.push(pattern_of::<E>(column, format!("{}%", literal(text)))?);
        }
        Condition::EndsWith(text) => {
            all.push(pattern_of::<E>(column, format!("%{}", literal(text)))?);
        }
        Condition::Contains(text) => {
            all.push(pattern_of::<E>(column, format!("%{}%", literal(text)))?);
        }
        Condition::IsNull | Condition::IsNotNull => {}
    }
    Ok(())
}

fn one<E: EntityTrait>(
    filter: &Filter<E::Column>,
    values: &mut impl Iterator<Item = Value>,
    dialect: DbBackend,
) -> Expr {
    let column = filter.field;
    let field = Expr::col(column.as_column_ref());
    // There is a value for each that is asked for: `values` has seen to that.
    let mut next = || values.next().unwrap_or(Value::Bool(None));
    let mut compare = |operator| {
        let value = sql::<E>(column, next());
        field.clone().binary(operator, value)
    };
    match &filter.condition {
        Condition::Equal(_) => compare(BinOper::Equal),
        Condition::NotEqual(_) => compare(BinOper::NotEqual),
        Condition::LessThan(_) => compare(BinOper::SmallerThan),
        Condition::LessThanOrEqual(_) => compare(BinOper::SmallerThanOrEqual),
        Condition::GreaterThan(_) => compare(BinOper::GreaterThan),
        Condition::GreaterThanOrEqual(_) => compare(BinOper::GreaterThanOrEqual),
        Condition::NotInList(listed) if listed.is_empty() => field.is_not_null(),
        Condition::InList(_) if dialect == DbBackend::Postgres => in_array::<E>(column, next()),
        Condition::NotInList(_) if dialect == DbBackend::Postgres => {
            field.ne(PgFunc::all(array_sql::<E>(column, next())))
        }
        Condition::InList(listed) => in_values::<E>(column, listed.iter().map(|_| next())),
        Condition::NotInList(listed) => {
            field.is_not_in(listed.iter().map(|_| sql::<E>(column, next())))
        }
        Condition::Like(_)
        | Condition::StartsWith(_)
        | Condition::EndsWith(_)
        | Condition::Contains(_) => field.binary(BinOper::Like, escaped(next())),
        // `\` is what escapes there anyway, and sea-query writes an ESCAPE of ILIKE between
        // parentheses, where it is a syntax error.
        Condition::ILike(_) if dialect == DbBackend::Postgres => {
            field.binary(PgBinOper::ILike, Expr::val(next()))
        }
        Condition::ILike(_) => {
            Expr::expr(Func::lower(field)).binary(BinOper::Like, escaped(next()))
        }
        Condition::IsNull => field.is_null(),
        Condition::IsNotNull => field.is_not_null(),
    }
}

/// The column has one of these values, which are of its type.
pub(super) fn one_of<E: EntityTrait>(
    column: E::Column,
    values: Vec<Value>,
    dialect: DbBackend,
) -> Expr {
    match dialect {
        DbBackend::Postgres => in_array::<E>(column, array_of::<E>(column, values)),
        _ => in_values::<E>(column, values.into_iter()),
    }
}

/// The column has one of the values of this array. PostgreSQL alone has arrays.
pub(super) fn in_array<E: EntityTrait>(column: E::Column, array: Value) -> Expr {
    let array = array_sql::<E>(column, array);
    Expr::col(column.as_column_ref()).eq(PgFunc::any(array))
}

fn in_values<E: EntityTrait>(column: E::Column, values: impl Iterator<Item = Value>) -> Expr {
    let values = values.map(|value| sql::<E>(column, value));
    Expr::col(column.as_column_ref()).is_in(values)
}

/// A pattern in which `\` takes the meaning off the character that follows it.
fn escaped(pattern: Value) -> Expr {
    Expr::val(pattern).binary(BinOper::Escape, Expr::Constant('\\'.into()))
}

fn pattern_of<E: EntityTrait>(column: E::Column, pattern: String) -> Result<Value, DatabaseError> {
    check_pattern::<E>(column, &pattern)?;
    Ok(pattern.into())
}

fn check_pattern<E: EntityTrait>(column: E::Column, pattern: &str) -> Result<(), DatabaseError> {
    let name = column.as_str();
    let is_text =
        E::Model::get_value_type(column) == ArrayType::String && column.enum_type_name().is_none();
    if !is_text {
        return Err(DatabaseError::invalid_query(format!(
            "{name} is no text: it can not be searched by pattern"
        )));
    }
    if pattern.contains('\0') {
        return Err(DatabaseError::invalid_query(format!(
            "a pattern for {name} holds a NUL, which no text does"
        )));
    }
    if pattern.len() > MAX_PATTERN {
        return Err(DatabaseError::invalid_query(format!(
            "a pattern for {name} is too long; at most {MAX_PATTERN} bytes are allowed"
        )));
    }
    let trailing = pattern.chars().rev().take_while(|c| *c == '\\').count();
    if trailing % 2 == 1 {
        return Err(DatabaseError::invalid_query(format!(
            "a pattern for {name} ends with a single \\, which must be followed by the \
             character that it makes literal"
        )));
    }
    Ok(())
}

/// The text with the meaning taken off `%`, `_` and `\`.
fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use sea_orm::entity::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "names")]
    struct Model {
        #[sea_orm(primary_key)]
        id: i64,
        a: i64,
        b: i64,
        #[sea_orm(column_name = "0b")]
        zero_b: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    #[test]
    fn conditions_with_other_texts_are_told_apart() {
        let different = [
            vec![
                Filter::in_list(Column::A, [1]),
                Filter::equal(Column::ZeroB, 1),
            ],
            vec![
                Filter::in_list(Column::A, 0..10),
                Filter::equal(Column::B, 1),
            ],
            vec![Filter::in_list(Column::A, [1, 2])],
            vec![Filter::not_in_list(Column::A, [1, 2])],
            vec![Filter::equal(Column::A, 1)],
            vec![Filter::not_equal(Column::A, 1)],
            vec![Filter::is_null(Column::A)],
            vec![Filter::is_not_null(Column::A)],
            vec![],
        ];
        let dialect = DbBackend::Sqlite;
        for (place, one) in different.iter().enumerate() {
            for other in &different[..place] {
                assert_ne!(describe(one, dialect), describe(other, dialect));
            }
        }
        // One array each, whatever is in it.
        let [one, other] = [1, 10].map(|length| [Filter::in_list(Column::A, 0..length)]);
        let dialect = DbBackend::Postgres;
        assert_eq!(describe(&one, dialect), describe(&other, dialect));
    }
}
