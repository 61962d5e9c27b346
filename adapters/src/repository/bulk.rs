//! Creating many rows at once.
//!
//! Rows are grouped by which of their columns have a value, so that a column left
//! unset gets its DEFAULT, and not NULL because another row has set it. PostgreSQL gets
//! each group as one array for each column (`UNNEST`): one statement text for any number
//! of rows. Other databases get lists of values, in chunks.

use std::collections::BTreeMap;

use ports::DatabaseError;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ColumnTrait as _, ConnectionTrait, DbBackend,
    Iterable as _, TransactionTrait as _, Value,
    sea_query::{Expr, Func, InsertStatement, Query},
};

use super::{
    AsyncAdapter, Context, Record, settle, stamp,
    value::{self, is_null},
};
use crate::seaorm::{Backend, database_error};

/// Rows of one statement on PostgreSQL: enough to make round trips rare, few enough to
/// keep messages small.
const ROWS_OF_ARRAYS: usize = 10_000;

/// What a row says of a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Unset,
    Null,
    Value,
}

/// The rows that say the same of each column. Their values are column by column, in the
/// order of the columns that have values.
struct Group {
    values: Vec<Vec<Value>>,
    rows: usize,
}

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// Stores any number of new rows, all or none, and answers how many. Columns left
    /// unset get their conventions' values, else their defaults. Hooks of
    /// `ActiveModelBehavior` are not called.
    ///
    /// # Errors
    ///
    /// The violation of a constraint by its name, or what else a statement can fail
    /// with; nothing is stored then.
    #[doc(alias = "bulk_create")]
    #[doc(alias = "add_all")]
    pub async fn create_many(
        &self,
        rows: impl IntoIterator<Item = E::ActiveModel>,
    ) -> Result<u64, DatabaseError> {
        let session = self.session()?;
        let groups = group::<E>(&self.context, rows)?;
        let inserts = statements::<E, B>(groups)?;
        match inserts.as_slice() {
            [] => Ok(0),
            [only] if !session.in_unit_of_work() => insert(&session, only).await,
            all => {
                // Also around a single statement: a refusal that the caller handles must
                // leave the unit of work intact, however many rows there were.
                let scope = session.begin().await.map_err(database_error)?;
                let stored = insert_all(&scope, all).await;
                settle(scope, stored).await
            }
        }
    }
}

async fn insert_all<C: ConnectionTrait>(
    scope: &C,
    statements: &[InsertStatement],
) -> Result<u64, DatabaseError> {
    let mut stored = 0;
    for statement in statements {
        stored += insert(scope, statement).await?;
    }
    Ok(stored)
}

async fn insert<C: ConnectionTrait>(
    session: &C,
    statement: &InsertStatement,
) -> Result<u64, DatabaseError> {
    let done = session.execute(statement).await.map_err(database_error)?;
    Ok(done.rows_affected())
}

fn group<E: Record>(
    context: &Context,
    rows: impl IntoIterator<Item = E::ActiveModel>,
) -> Result<BTreeMap<Vec<Cell>, Group>, DatabaseError> {
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let mut groups = BTreeMap::<Vec<Cell>, Group>::new();
    // Of one row after the other.
    let mut shape = Vec::with_capacity(columns.len());
    let mut values = Vec::with_capacity(columns.len());
    for mut row in rows {
        stamp::created::<E>(context, &mut row)?;
        shape.clear();
        for column in &columns {
            let cell = match row.take(*column) {
                ActiveValue::NotSet => Cell::Unset,
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) if is_null(&value) => {
                    Cell::Null
                }
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => {
                    values.push(value);
                    Cell::Value
                }
            };
            shape.push(cell);
        }
        let group = match groups.get_mut(&shape) {
            Some(group) => group,
            None => groups.entry(shape.clone()).or_insert_with(|| Group {
                values: values.iter().map(|_| Vec::new()).collect(),
                rows: 0,
            }),
        };
        group.rows += 1;
        for (kept, value) in group.values.iter_mut().zip(values.drain(..)) {
            kept.push(value);
        }
    }
    Ok(groups)
}

fn statements<E: Record, B: Backend>(
    groups: BTreeMap<Vec<Cell>, Group>,
) -> Result<Vec<InsertStatement>, DatabaseError> {
    let mut statements = Vec::new();
    for (shape, group) in groups {
        let named = |wanted| {
            let cells = E::Column::iter().zip(&shape);
            cells
                .filter(move |(_, cell)| **cell == wanted)
                .map(|(column, _)| column)
        };
        let columns: Vec<E::Column> = named(Cell::Value).collect();
        let nulls: Vec<E::Column> = named(Cell::Null).collect();
        if B::DIALECT == DbBackend::Postgres && columns.iter().all(|c| fits_array::<E>(*c)) {
            arrays::<E>(&columns, &nulls, group, &mut statements)?;
        } else {
            lists::<E, B>(&columns, &nulls, group, &mut statements)?;
        }
    }
    Ok(statements)
}

/// Arrays of arrays, and a row without any column, have no form as arrays.
fn fits_array<E: Record>(column: E::Column) -> bool {
    !matches!(
        column.def().get_column_type(),
        sea_orm::ColumnType::Array(_) | sea_orm::ColumnType::Vector(_)
    )
}

fn arrays<E: Record>(
    columns: &[E::Column],
    nulls: &[E::Column],
    group: Group,
    statements: &mut Vec<InsertStatement>,
) -> Result<(), DatabaseError> {
    if columns.is_empty() {
        return lists_of_nothing::<E>(nulls, group.rows, statements);
    }
    let mut rest: Vec<_> = group.values.into_iter().map(Vec::into_iter).collect();
    let mut left = group.rows;
    while left > 0 {
        let take = left.min(ROWS_OF_ARRAYS);
        left -= take;
        let mut select = Query::select();
        for (column, values) in columns.iter().zip(&mut rest) {
            let array: Vec<Value> = values.by_ref().take(take).collect();
            let unnested = Func::cust("UNNEST").arg(value::array::<E>(*column, array));
            select.expr(column.save_as(Expr::expr(unnested)));
        }
        for _ in nulls {
            select.expr(Expr::cust("NULL"));
        }
        let mut insert = Query::insert();
        insert
            .into_table(E::default().table_ref())
            .columns(columns.iter().chain(nulls).copied())
            .select_from(select)
            .map_err(DatabaseError::query)?;
        statements.push(insert);
    }
    Ok(())
}

fn lists<E: Record, B: Backend>(
    columns: &[E::Column],
    nulls: &[E::Column],
    group: Group,
    statements: &mut Vec<InsertStatement>,
) -> Result<(), DatabaseError> {
    if columns.is_empty() {
        return lists_of_nothing::<E>(nulls, group.rows, statements);
    }
    let most = (B::MAX_PARAMETERS / columns.len()).clamp(1, 1_000);
    let mut rest: Vec<_> = group.values.into_iter().map(Vec::into_iter).collect();
    let mut left = group.rows;
    while left > 0 {
        let take = left.min(most);
        left -= take;
        let mut insert = Query::insert();
        insert
            .into_table(E::default().table_ref())
            .columns(columns.iter().chain(nulls).copied());
        for _ in 0..take {
            let mut row = Vec::with_capacity(columns.len() + nulls.len());
            for (column, values) in columns.iter().zip(&mut rest) {
                row.extend(values.next().map(|value| column.save_as(Expr::val(value))));
            }
            row.extend(nulls.iter().map(|_| Expr::cust("NULL")));
            insert.values(row).map_err(DatabaseError::query)?;
        }
        statements.push(insert);
    }
    Ok(())
}

/// Rows in which no column has a value: all defaults, or all defaults and NULLs.
fn lists_of_nothing<E: Record>(
    nulls: &[E::Column],
    rows: usize,
    statements: &mut Vec<InsertStatement>,
) -> Result<(), DatabaseError> {
    for _ in 0..rows {
        let mut insert = Query::insert();
        insert.into_table(E::default().table_ref());
        if nulls.is_empty() {
            insert.or_default_values();
        } else {
            insert
                .columns(nulls.iter().copied())
                .values(nulls.iter().map(|_| Expr::cust("NULL")))
                .map_err(DatabaseError::query)?;
        }
        statements.push(insert);
    }
    Ok(())
}
