//! The condition that a row comes after a given place in an order.

use ports::{DatabaseError, Direction, Sort};
use sea_orm::{
    ColumnTrait as _, Value,
    sea_query::{BinOper, Condition, Expr, ExprTrait as _},
};

use super::{
    Record,
    order::is_nullable,
    value::{bind, sql},
};

/// A key of the order with its value at the place; `None` is NULL.
struct Key<C> {
    sort: Sort<C>,
    value: Option<Expr>,
}

/// The values of the order's keys at a place, with the types of their columns; `None` is NULL.
pub(super) fn bound<E: Record>(
    keys: &[Sort<E::Column>],
    values: &[Option<ports::Value>],
) -> Result<Vec<Option<Value>>, DatabaseError> {
    let pairs = keys.iter().zip(values);
    let bound = pairs.map(|(sort, value)| {
        let value = value.as_ref();
        value.map(|value| bind::<E>(sort.field, value)).transpose()
    });
    bound.collect()
}

/// Rows after the place that has these values of the order's keys.
pub(super) fn after<E: Record>(
    keys: &[Sort<E::Column>],
    values: impl Iterator<Item = Option<Value>>,
) -> Condition {
    let place: Vec<_> = keys
        .iter()
        .zip(values)
        .map(|(sort, value)| Key {
            sort: *sort,
            value: value.map(|value| sql::<E>(sort.field, value)),
        })
        .collect();
    match as_row::<E>(&place) {
        Some(row) => Condition::all().add(row),
        None => step_by_step::<E>(&place),
    }
}

/// `(a, b) > (x, y)`, where that is right: one direction, no NULLs. The database walks
/// an index to the place.
fn as_row<E: Record>(place: &[Key<E::Column>]) -> Option<Expr> {
    let direction = place.first()?.sort.direction;
    let uniform = place
        .iter()
        .all(|key| key.sort.direction == direction && !is_nullable(key.sort.field));
    if !uniform {
        return None;
    }
    let fields = Expr::tuple(place.iter().map(|key| column::<E>(key)));
    let values = place.iter().map(|key| key.value.clone());
    let values = Expr::tuple(values.collect::<Option<Vec<_>>>()?);
    Some(fields.binary(beyond(direction), values))
}

/// Further in the first key; or the same there and further in the second; and so on.
fn step_by_step<E: Record>(place: &[Key<E::Column>]) -> Condition {
    let mut any = Condition::any();
    let mut level = Condition::all();
    for key in place {
        if let Some(further) = further::<E>(key) {
            any = any.add(level.clone().add(further));
        }
        level = level.add(equal::<E>(key));
    }
    // Never empty: the primary key is last and is never NULL.
    let mut all = Condition::all().add(any);
    if let Some(first) = place.first()
        && let Some(bound) = not_before::<E>(first)
    {
        // Says nothing new, but lets the database begin at the place in an index.
        all = all.add(bound);
    }
    all
}

/// NULL is the greatest value: nothing is further when ascending, and everything else
/// is when descending.
fn further<E: Record>(key: &Key<E::Column>) -> Option<Expr> {
    let nullable = is_nullable(key.sort.field);
    match (&key.value, key.sort.direction) {
        (None, Direction::Ascending) => None,
        (None, Direction::Descending) => Some(column::<E>(key).is_not_null()),
        (Some(value), direction) => {
            let further = column::<E>(key).binary(beyond(direction), value.clone());
            let with_nulls = nullable && direction == Direction::Ascending;
            Some(if with_nulls {
                further.or(column::<E>(key).is_null())
            } else {
                further
            })
        }
    }
}

fn equal<E: Record>(key: &Key<E::Column>) -> Expr {
    match &key.value {
        None => column::<E>(key).is_null(),
        Some(value) => column::<E>(key).eq(value.clone()),
    }
}

fn not_before<E: Record>(key: &Key<E::Column>) -> Option<Expr> {
    let value = key.value.clone().filter(|_| !is_nullable(key.sort.field))?;
    let operator = match key.sort.direction {
        Direction::Ascending => BinOper::GreaterThanOrEqual,
        Direction::Descending => BinOper::SmallerThanOrEqual,
    };
    Some(column::<E>(key).binary(operator, value))
}

fn column<E: Record>(key: &Key<E::Column>) -> Expr {
    Expr::col(key.sort.field.as_column_ref())
}

const fn beyond(direction: Direction) -> BinOper {
    match direction {
        Direction::Ascending => BinOper::GreaterThan,
        Direction::Descending => BinOper::SmallerThan,
    }
}
