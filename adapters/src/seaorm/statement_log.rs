//! Statements in the log: all of them at debug level (at info level with `ECHO`),
//! slow ones as warnings.

use std::time::Duration;

use sea_orm::{sea_query::Values, sqlx::SqlStr};
use tracing::Level;

use super::{request::Request, settings::SessionSettings};

const TARGET: &str = "adapters::statement";

/// A statement on its way.
pub(super) struct Entry {
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
            sql: request.sql().clone(),
            values,
        }
    }

    pub(super) fn end(self, failed: bool, elapsed: Duration, settings: &SessionSettings) {
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
