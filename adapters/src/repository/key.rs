//! Primary keys in conditions.

use sea_orm::{
    ColumnTrait as _, DbBackend, Iterable as _, PrimaryKeyToColumn as _, Value,
    sea_query::{Asterisk, Expr, ExprTrait as _, Query, ValueTuple},
};

use super::{Record, condition, value};

/// The row's key is one of these.
pub(super) fn one_of<E: Record>(keys: &[ValueTuple], dialect: DbBackend) -> Expr {
    if let Some(column) = sole::<E>() {
        return condition::one_of::<E>(column, values(keys), dialect);
    }
    let columns = E::PrimaryKey::iter().map(|key| Expr::col(key.into_column().as_column_ref()));
    // SQLite compares rows with a query, and not with a list.
    let list = Query::select()
        .column(Asterisk)
        .from_values(keys.to_vec(), "keys")
        .take();
    Expr::tuple(columns).in_subquery(list)
}

/// These keys as one value of this column: where there are arrays, and a key is one column.
pub(super) fn array_of<E: Record>(
    keys: &[ValueTuple],
    dialect: DbBackend,
) -> Option<(E::Column, Value)> {
    let column = sole::<E>().filter(|_| dialect == DbBackend::Postgres)?;
    Some((column, value::array_of::<E>(column, values(keys))))
}

/// The column of a key that is no more than one.
fn sole<E: Record>() -> Option<E::Column> {
    let mut columns = E::PrimaryKey::iter();
    let first = columns.next()?;
    columns.next().is_none().then(|| first.into_column())
}

fn values(keys: &[ValueTuple]) -> Vec<Value> {
    keys.iter()
        .cloned()
        .flat_map(ValueTuple::into_iter)
        .collect()
}
