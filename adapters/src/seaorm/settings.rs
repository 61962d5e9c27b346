//! What a session layer lives by, on every database.

mod cursor_key;
mod variables;

use std::time::Duration;

use ports::RetryPolicy;

pub use cursor_key::CursorKey;
pub(crate) use variables::KEYS;

/// How the session layer treats connections, statements and units of work.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the environment"
)]
pub struct SessionSettings {
    /// Connections that are kept.
    pub pool_size: usize,
    /// Connections beyond those, opened under load and closed on return.
    pub pool_max_overflow: usize,
    /// The longest wait for a connection.
    pub pool_timeout: Duration,
    /// The age at which a connection is replaced.
    pub pool_recycle: Duration,
    /// When an idle connection is tried before it is handed out.
    pub pool_pre_ping: PrePing,
    /// Hand out the connection that was used last (true), or the one that has been
    /// idle for longest (false).
    pub pool_lifo: bool,
    /// What becomes of a connection whose unit of work was abandoned.
    pub pool_reset_on_return: ResetOnReturn,
    /// The longest time for opening a connection.
    pub connect_timeout: Duration,
    /// Log every statement.
    pub echo: bool,
    /// Log what the pool does.
    pub echo_pool: bool,
    /// Keep the values of parameters out of the log.
    pub hide_parameters: bool,
    /// Warn about statements that take at least this long.
    pub slow_statement: Duration,
    /// Warn about units of work that stay open for this long; 0: never.
    pub long_unit_of_work: Duration,
    /// Retries of units of work.
    pub retry: RetryPolicy,
    /// What cursors are sealed with.
    pub cursor_key: CursorKey,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            pool_size: 20,
            pool_max_overflow: 1,
            pool_timeout: Duration::from_secs(30),
            pool_recycle: Duration::from_mins(10),
            pool_pre_ping: PrePing::default(),
            pool_lifo: true,
            pool_reset_on_return: ResetOnReturn::Rollback,
            connect_timeout: Duration::from_secs(10),
            echo: false,
            echo_pool: false,
            hide_parameters: false,
            slow_statement: Duration::from_secs(1),
            long_unit_of_work: Duration::from_secs(10),
            retry: RetryPolicy::default(),
            cursor_key: CursorKey::default(),
        }
    }
}

/// When an idle connection is tried, with one round trip, before it is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrePing {
    /// Each time.
    Always,
    /// When it has been idle for this long.
    AfterIdle(Duration),
    /// Not at all.
    Never,
}

impl Default for PrePing {
    /// After half a minute.
    fn default() -> Self {
        Self::AfterIdle(Duration::from_secs(30))
    }
}

/// What becomes of a connection that comes back inside a transaction, because its
/// unit of work was dropped between two statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetOnReturn {
    /// It is rolled back, and kept if that works.
    Rollback,
    /// It is closed.
    None,
}
