//! What one unit of work asks of its transaction.

use std::{fmt, panic::Location, str::FromStr, time::Duration};

use crate::{DatabaseError, RetryPolicy};

/// What one unit of work asks of its transaction. Unset means: as configured.
///
/// A nested scope lives in its outermost transaction: it may ask for an isolation
/// that is not stricter, for read only, and for timeouts of its own.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct UnitOfWorkOptions {
    /// The isolation level. SQLite always gives [`Isolation::Serializable`].
    pub isolation: Option<Isolation>,
    /// Refuse writes.
    pub read_only: bool,
    /// With [`Isolation::Serializable`] and `read_only`: wait for a snapshot that
    /// can not fail (PostgreSQL).
    pub deferrable: bool,
    /// The longest time one statement may run.
    pub statement_timeout: Option<Duration>,
    /// The longest time one statement may wait for a lock.
    pub lock_timeout: Option<Duration>,
    /// Retries of the outermost scope.
    pub retry: Option<RetryPolicy>,
    /// Where the unit of work was opened: said in the log, at debug level, when it is run
    /// again, and as a warning when it is open for too long.
    pub opened_at: &'static Location<'static>,
}

impl UnitOfWorkOptions {
    /// Everything as configured, opened by the caller of this function.
    #[track_caller]
    pub const fn new() -> Self {
        Self {
            isolation: None,
            read_only: false,
            deferrable: false,
            statement_timeout: None,
            lock_timeout: None,
            retry: None,
            opened_at: Location::caller(),
        }
    }

    /// With this isolation level.
    #[must_use]
    pub const fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Refusing writes.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Waiting for a snapshot that can not fail.
    #[must_use]
    pub const fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// With this much time for each statement.
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = Some(timeout);
        self
    }

    /// With this much time for each lock.
    #[must_use]
    pub const fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = Some(timeout);
        self
    }

    /// With these retries.
    #[must_use]
    pub const fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }
}

impl Default for UnitOfWorkOptions {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

/// How far a transaction is kept apart from others that run beside it, from the
/// least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isolation {
    /// On PostgreSQL the same as [`Isolation::ReadCommitted`].
    ReadUncommitted,
    /// Each statement sees what was committed before it began.
    ReadCommitted,
    /// All statements see what was committed before the first of them.
    RepeatableRead,
    /// As if units of work ran one after the other.
    Serializable,
}

impl Isolation {
    /// All levels, from the least strict.
    pub const ALL: [Self; 4] = [
        Self::ReadUncommitted,
        Self::ReadCommitted,
        Self::RepeatableRead,
        Self::Serializable,
    ];

    /// The level as SQL writes it.
    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "READ UNCOMMITTED",
            Self::ReadCommitted => "READ COMMITTED",
            Self::RepeatableRead => "REPEATABLE READ",
            Self::Serializable => "SERIALIZABLE",
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_sql())
    }
}

impl FromStr for Isolation {
    type Err = DatabaseError;

    /// Reads `read committed`, `READ COMMITTED`, `read_committed` or `read-committed`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.trim().replace(['_', '-'], " ").to_uppercase();
        Self::ALL
            .into_iter()
            .find(|level| level.as_sql() == wanted)
            .ok_or_else(|| {
                let allowed = Self::ALL.map(Self::as_sql).join(", ");
                DatabaseError::configuration(format!(
                    "{text:?} is no isolation level; allowed are {allowed}"
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_read_back_in_any_spelling() {
        for level in Isolation::ALL {
            let sql = level.as_sql();
            for text in [sql.to_owned(), sql.to_lowercase(), sql.replace(' ', "_")] {
                assert!(
                    text.parse::<Isolation>().is_ok_and(|read| read == level),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn an_unknown_level_is_refused_with_what_is_allowed() {
        let message = "strict".parse::<Isolation>().map_err(|e| e.to_string());
        assert_eq!(
            message,
            Err(
                "\"strict\" is no isolation level; allowed are READ UNCOMMITTED, \
                 READ COMMITTED, REPEATABLE READ, SERIALIZABLE"
                    .to_owned()
            )
        );
    }

    #[test]
    fn levels_are_ordered_by_strictness() {
        assert!(Isolation::ReadCommitted < Isolation::Serializable);
    }
}
