//! What the environment says of the session layer.

use std::time::Duration;

use ports::{DatabaseError, RetryPolicy};

use super::{CursorKey, PrePing, ResetOnReturn, SessionSettings};
use crate::config::{Allowed, Variables};

/// The settings that every database has, by the ends of their variables' names.
pub(crate) const KEYS: &[&str] = &[
    "url",
    "pool_size",
    "pool_max_overflow",
    "pool_timeout",
    "pool_recycle",
    "pool_pre_ping",
    "pool_lifo",
    "pool_reset_on_return",
    "connect_timeout",
    "statement_timeout",
    "lock_timeout",
    "statement_cache_size",
    "echo",
    "echo_pool",
    "hide_parameters",
    "slow_statement",
    "long_unit_of_work",
    "retry_attempts",
    "retry_base",
    "retry_cap",
    "cursor_key",
    "migrate_on_start",
];

impl SessionSettings {
    /// The settings in `DATABASE_POOL_SIZE` and its like; the default for each that is
    /// not set.
    pub(crate) fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        let default = Self::default();
        // The application acts on it; here it is only refused with the rest when malformed.
        variables.flag("migrate_on_start")?;
        Ok(Self {
            pool_size: variables
                .number("pool_size", 1..=10_000)?
                .unwrap_or(default.pool_size),
            pool_max_overflow: variables
                .number("pool_max_overflow", 0..=10_000)?
                .unwrap_or(default.pool_max_overflow),
            pool_timeout: variables
                .duration("pool_timeout")?
                .unwrap_or(default.pool_timeout),
            pool_recycle: variables
                .duration("pool_recycle")?
                .unwrap_or(default.pool_recycle),
            pool_pre_ping: pre_ping(variables)?.unwrap_or(default.pool_pre_ping),
            pool_lifo: variables.flag("pool_lifo")?.unwrap_or(default.pool_lifo),
            pool_reset_on_return: variables
                .one_of(
                    "pool_reset_on_return",
                    &Allowed(&[
                        ("rollback", ResetOnReturn::Rollback),
                        ("none", ResetOnReturn::None),
                    ]),
                )?
                .unwrap_or(default.pool_reset_on_return),
            connect_timeout: variables
                .duration("connect_timeout")?
                .unwrap_or(default.connect_timeout),
            echo: variables.flag("echo")?.unwrap_or(default.echo),
            echo_pool: variables.flag("echo_pool")?.unwrap_or(default.echo_pool),
            hide_parameters: variables
                .flag("hide_parameters")?
                .unwrap_or(default.hide_parameters),
            slow_statement: variables
                .duration("slow_statement")?
                .unwrap_or(default.slow_statement),
            long_unit_of_work: variables
                .duration("long_unit_of_work")?
                .unwrap_or(default.long_unit_of_work),
            retry: retry(variables, default.retry)?,
            cursor_key: cursor_key(variables)?.unwrap_or(default.cursor_key),
        })
    }
}

fn pre_ping(variables: &Variables) -> Result<Option<PrePing>, DatabaseError> {
    let allowed = "always, never, or the idle time after which to try, such as 30s";
    variables.read("pool_pre_ping", allowed, |text| {
        let words = [("always", PrePing::Always), ("never", PrePing::Never)];
        Allowed(&words)
            .find(text)
            .or_else(|| crate::config::duration(text).map(PrePing::AfterIdle))
    })
}

/// A secret: its value is not repeated when it is refused.
fn cursor_key(variables: &Variables) -> Result<Option<CursorKey>, DatabaseError> {
    let Some(secret) = variables.text("cursor_key") else {
        return Ok(None);
    };
    let key = CursorKey::from_secret(secret).ok_or_else(|| {
        DatabaseError::configuration(format!(
            "{} is too short; allowed are secrets of at least {} characters",
            variables.name("cursor_key"),
            CursorKey::MIN_CHARS
        ))
    })?;
    Ok(Some(key))
}

fn retry(variables: &Variables, default: RetryPolicy) -> Result<RetryPolicy, DatabaseError> {
    let attempts = variables.number("retry_attempts", 1..=1_000)?;
    let or = |found: Option<Duration>, default| found.unwrap_or(default);
    Ok(RetryPolicy {
        max_attempts: attempts
            .and_then(|attempts| u32::try_from(attempts).ok())
            .unwrap_or(default.max_attempts),
        base: or(variables.duration("retry_base")?, default.base),
        cap: or(variables.duration("retry_cap")?, default.cap),
    })
}
