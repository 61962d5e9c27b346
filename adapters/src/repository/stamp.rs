//! The conventions' columns, filled in.

use chrono::{DateTime, Utc};
use ports::DatabaseError;
use sea_orm::{ActiveModelTrait as _, ActiveValue, IdenStatic as _, ModelTrait as _, Value};

use super::{
    Context, Record,
    value::{bind, timestamp},
};
use crate::seaorm::{current_actor, database_error};

/// Fills in what a new row has to have and the caller has left open.
pub(super) fn created<E: Record>(
    context: &Context,
    row: &mut E::ActiveModel,
) -> Result<(), DatabaseError> {
    if let Some(columns) = E::timestamps() {
        // One moment for both: a row that never changed says so.
        let moment = context.clock.now();
        for column in [columns.created_at, columns.updated_at] {
            fill::<E>(row, column, kept::<E>(moment, column)?)?;
        }
    }
    if let Some(column) = E::version() {
        fill::<E>(row, column, bind::<E>(column, &ports::Value::Int(1))?)?;
    }
    if let Some(columns) = E::audit()
        && let Some(actor) = current_actor()
    {
        let name = ports::Value::from(actor.as_str());
        for column in [columns.created_by, columns.updated_by] {
            fill::<E>(row, column, bind::<E>(column, &name)?)?;
        }
    }
    Ok(())
}

/// Notes when, and by whom, a row is being changed, unless the caller has. When and by
/// whom it was created stays as it is, whatever the caller has.
pub(super) fn updated<E: Record>(
    context: &Context,
    row: &mut E::ActiveModel,
) -> Result<(), DatabaseError> {
    if let Some(columns) = E::timestamps() {
        row.not_set(columns.created_at);
    }
    if let Some(columns) = E::audit() {
        row.not_set(columns.created_by);
    }
    if let Some(columns) = E::timestamps()
        && !chosen::<E>(row, columns.updated_at)
    {
        let column = columns.updated_at;
        set::<E>(row, column, now::<E>(context, column)?)?;
    }
    if let Some(columns) = E::audit()
        && let Some(actor) = current_actor()
        && !chosen::<E>(row, columns.updated_by)
    {
        let column = columns.updated_by;
        let name = ports::Value::from(actor.as_str());
        set::<E>(row, column, bind::<E>(column, &name)?)?;
    }
    Ok(())
}

/// The present, as this column keeps it.
pub(super) fn now<E: Record>(context: &Context, column: E::Column) -> Result<Value, DatabaseError> {
    kept::<E>(context.clock.now(), column)
}

fn kept<E: Record>(moment: DateTime<Utc>, column: E::Column) -> Result<Value, DatabaseError> {
    let kind = E::Model::get_value_type(column);
    timestamp(&kind, moment).ok_or_else(|| {
        DatabaseError::invalid_query(format!(
            "{} keeps a time by convention, but its type can not",
            column.as_str()
        ))
    })
}

pub(super) fn set<E: Record>(
    row: &mut E::ActiveModel,
    column: E::Column,
    value: Value,
) -> Result<(), DatabaseError> {
    row.try_set(column, value).map_err(database_error)
}

/// Whether the caller has set the column, rather than read it.
fn chosen<E: Record>(row: &E::ActiveModel, column: E::Column) -> bool {
    matches!(row.get(column), ActiveValue::Set(_))
}

fn fill<E: Record>(
    row: &mut E::ActiveModel,
    column: E::Column,
    value: Value,
) -> Result<(), DatabaseError> {
    if row.is_not_set(column) {
        set::<E>(row, column, value)?;
    }
    Ok(())
}
