//! Filters as SQL.

use ports::{Condition, DatabaseError, Filter};
use sea_orm::{
    ColumnTrait as _, DbBackend, EntityTrait, IdenStatic as _, ModelTrait as _, Value,
    sea_query::{
        self, ArrayType, BinOper, Expr, ExprTrait as _, Func, LikeExpr, PgFunc,
        extension::postgres::PgBinOper,
    },
};

use super::value::{array, bind, sql};

/// The longest pattern that every database takes, in bytes: SQLite's limit.
const MAX_PATTERN: usize = 50_000;

/// All filters together.
pub(super) fn all_of<E: EntityTrait>(
    filters: &[Filter<E::Column>],
    dialect: DbBackend,
) -> Result<sea_query::Condition, DatabaseError> {
    let mut all = sea_query::Condition::all();
    for filter in filters {
        all = all.add(one::<E>(filter, dialect)?);
    }
    Ok(all)
}

fn one<E: EntityTrait>(
    filter: &Filter<E::Column>,
    dialect: DbBackend,
) -> Result<Expr, DatabaseError> {
    let column = filter.field;
    let field = || Expr::col(column.as_column_ref());
    let compare = |operator, value: &ports::Value| {
        let value = bind::<E>(column, value)?;
        Ok::<_, DatabaseError>(field().binary(operator, sql::<E>(column, value)))
    };
    let like = |pattern: &str, sensitive| like::<E>(column, pattern, sensitive, dialect);
    match &filter.condition {
        Condition::Equal(value) => compare(BinOper::Equal, value),
        Condition::NotEqual(value) => compare(BinOper::NotEqual, value),
        Condition::LessThan(value) => compare(BinOper::SmallerThan, value),
        Condition::LessThanOrEqual(value) => compare(BinOper::SmallerThanOrEqual, value),
        Condition::GreaterThan(value) => compare(BinOper::GreaterThan, value),
        Condition::GreaterThanOrEqual(value) => compare(BinOper::GreaterThanOrEqual, value),
        Condition::InList(values) => in_list::<E>(column, values, dialect),
        Condition::NotInList(values) if values.is_empty() => Ok(field().is_not_null()),
        Condition::NotInList(values) => not_in_list::<E>(column, values, dialect),
        Condition::Like(pattern) => like(pattern, true),
        Condition::ILike(pattern) => like(pattern, false),
        Condition::StartsWith(text) => like(&format!("{}%", literal(text)), true),
        Condition::EndsWith(text) => like(&format!("%{}", literal(text)), true),
        Condition::Contains(text) => like(&format!("%{}%", literal(text)), true),
        Condition::IsNull => Ok(field().is_null()),
        Condition::IsNotNull => Ok(field().is_not_null()),
    }
}

/// One array parameter on PostgreSQL, so that lists of every length share a statement.
fn in_list<E: EntityTrait>(
    column: E::Column,
    values: &[ports::Value],
    dialect: DbBackend,
) -> Result<Expr, DatabaseError> {
    Ok(one_of::<E>(column, bind_all::<E>(column, values)?, dialect))
}

/// The column has one of these values, which are of its type.
pub(super) fn one_of<E: EntityTrait>(
    column: E::Column,
    values: Vec<Value>,
    dialect: DbBackend,
) -> Expr {
    let field = Expr::col(column.as_column_ref());
    if dialect == DbBackend::Postgres {
        return field.eq(PgFunc::any(array::<E>(column, values)));
    }
    field.is_in(values.into_iter().map(|value| sql::<E>(column, value)))
}

fn not_in_list<E: EntityTrait>(
    column: E::Column,
    values: &[ports::Value],
    dialect: DbBackend,
) -> Result<Expr, DatabaseError> {
    let field = Expr::col(column.as_column_ref());
    let values = bind_all::<E>(column, values)?;
    if dialect == DbBackend::Postgres {
        return Ok(field.ne(PgFunc::all(array::<E>(column, values))));
    }
    Ok(field.is_not_in(values.into_iter().map(|value| sql::<E>(column, value))))
}

fn bind_all<E: EntityTrait>(
    column: E::Column,
    values: &[ports::Value],
) -> Result<Vec<Value>, DatabaseError> {
    values
        .iter()
        .map(|value| bind::<E>(column, value))
        .collect()
}

fn like<E: EntityTrait>(
    column: E::Column,
    pattern: &str,
    sensitive: bool,
    dialect: DbBackend,
) -> Result<Expr, DatabaseError> {
    check_pattern::<E>(column, pattern)?;
    let field = Expr::col(column.as_column_ref());
    let escaped = |pattern: &str| LikeExpr::new(pattern).escape('\\');
    Ok(match (sensitive, dialect) {
        (true, _) => field.like(escaped(pattern)),
        // `\` is what escapes there anyway, and sea-query writes an ESCAPE of ILIKE between
        // parentheses, where it is a syntax error.
        (false, DbBackend::Postgres) => field.binary(PgBinOper::ILike, LikeExpr::new(pattern)),
        (false, _) => {
            let folded = Expr::expr(Func::lower(field));
            folded.like(escaped(&pattern.to_ascii_lowercase()))
        }
    })
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
