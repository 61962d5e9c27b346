//! Statements in the log: all of them at debug level (at info level with `ECHO`),
//! slow ones as warnings.

use std::time::Instant;

use sea_orm::{
    sea_query::Values,
    sqlx::{self, SqlStr},
};
use tracing::Level;

use super::{request::Request, settings::SessionSettings};

const TARGET: &str = "adapters::statement";

/// A statement on its way.
pub(super) struct Entry {
    begun: Instant,
    sql: SqlStr,
    values: Option<Values>,
}

impl Entry {
    pub(super) fn begin(request: &impl Request, settings: &SessionSettings) -> Self {
        // Values are copied only when they are going to be printed.
        let shown = settings.echo || tracing::enabled!(target: TARGET, Level::DEBUG);
        let values = if shown && !settings.hide_parameters {
            request.values().cloned()
        } else {
            None
        };
        Self {
            begun: Instant::now(),
            sql: request.sql().clone(),
            values,
        }
    }

    pub(super) fn end(self, error: Option<&sqlx::Error>, settings: &SessionSettings) {
        let elapsed = self.begun.elapsed();
        let failed = error.is_some();
        if elapsed >= settings.slow_statement {
            tracing::warn!(target: TARGET, sql = self.sql.as_str(), ?elapsed, failed, "slow statement");
        } else if settings.echo {
            let values = self.values.as_ref().map(|values| &values.0);
            tracing::info!(target: TARGET, sql = self.sql.as_str(), ?values, ?elapsed, failed, "statement");
        } else {
            let values = self.values.as_ref().map(|values| &values.0);
            tracing::debug!(target: TARGET, sql = self.sql.as_str(), ?values, ?elapsed, failed, "statement");
        }
    }
}
