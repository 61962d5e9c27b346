//! What the environment says of the session layer.

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
        variables.flag_or("migrate_on_start", true)?;
        Ok(Self {
            pool_size: variables.number_or("pool_size", 1..=10_000, default.pool_size)?,
            pool_max_overflow: variables.number_or(
                "pool_max_overflow",
                0..=10_000,
                default.pool_max_overflow,
            )?,
            pool_timeout: variables.duration_or("pool_timeout", default.pool_timeout)?,
            pool_recycle: variables.duration_or("pool_recycle", default.pool_recycle)?,
            pool_pre_ping: pre_ping(variables, default.pool_pre_ping)?,
            pool_lifo: variables.flag_or("pool_lifo", default.pool_lifo)?,
            pool_reset_on_return: variables.one_of_or(
                "pool_reset_on_return",
                &Allowed(&[
                    ("rollback", ResetOnReturn::Rollback),
                    ("none", ResetOnReturn::None),
                ]),
                default.pool_reset_on_return,
            )?,
            connect_timeout: variables.duration_or("connect_timeout", default.connect_timeout)?,
            echo: variables.flag_or("echo", default.echo)?,
            echo_pool: variables.flag_or("echo_pool", default.echo_pool)?,
            hide_parameters: variables.flag_or("hide_parameters", default.hide_parameters)?,
            slow_statement: variables.duration_or("slow_statement", default.slow_statement)?,
            long_unit_of_work: variables
                .duration_or("long_unit_of_work", default.long_unit_of_work)?,
            retry: retry(variables, default.retry)?,
            cursor_key: cursor_key(variables)?.unwrap_or(default.cursor_key),
        })
    }
}

fn pre_ping(variables: &Variables, default: PrePing) -> Result<PrePing, DatabaseError> {
    match default {
        PrePing::Always => variables.otherwise("pool_pre_ping", "always"),
        PrePing::Never => variables.otherwise("pool_pre_ping", "never"),
        PrePing::AfterIdle(time) => {
            variables.otherwise("pool_pre_ping", crate::config::duration_text(time));
        }
    }
    let allowed = "always, never, or the idle time after which to try, such as 30s";
    let found = variables.read("pool_pre_ping", allowed, |text| {
        let words = [("always", PrePing::Always), ("never", PrePing::Never)];
        Allowed(&words)
            .find(text)
            .or_else(|| crate::config::duration(text).map(PrePing::AfterIdle))
    })?;
    Ok(found.unwrap_or(default))
}

/// A secret: its value is not repeated when it is refused.
fn cursor_key(variables: &Variables) -> Result<Option<CursorKey>, DatabaseError> {
    variables.otherwise("cursor_key", "random at each start");
    variables.try_read("cursor_key", |secret| {
        CursorKey::from_secret(secret).ok_or_else(|| {
            DatabaseError::configuration(format!(
                "{} is too short; allowed are secrets of at least {} characters",
                variables.name("cursor_key"),
                CursorKey::MIN_CHARS
            ))
        })
    })
}

fn retry(variables: &Variables, default: RetryPolicy) -> Result<RetryPolicy, DatabaseError> {
    let most = usize::try_from(default.max_attempts).unwrap_or(usize::MAX);
    let attempts = variables.number_or("retry_attempts", 1..=1_000, most)?;
    Ok(RetryPolicy {
        max_attempts: u32::try_from(attempts).unwrap_or(default.max_attempts),
        base: variables.duration_or("retry_base", default.base)?,
        cap: variables.duration_or("retry_cap", default.cap)?,
    })
}
