//! The one error of every port that stands on a database.

use std::{borrow::Cow, error::Error, fmt, sync::Arc, time::Duration};

/// The failure underneath, kept for logs. Shared, because one failure can be
/// answered twice: to the statement that met it, and to the unit of work that
/// it aborted.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// What went wrong between the application and its database.
///
/// Adapters decide by SQLSTATE and by error kind, never by words in a message.
/// `Display` says what this layer was doing and never repeats its
/// [`source`](Error::source), so that a log can print the whole chain.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DatabaseError {
    /// A setting is missing or malformed. The text names it and what is allowed.
    Configuration(Cow<'static, str>),

    /// The server can not be reached, refused the login, or the connection broke.
    Connection(Cause),

    /// Every connection of the pool was in use for the whole of the waiting time.
    PoolTimeout {
        /// How long the caller was made to wait: `POOL_TIMEOUT`.
        waited: Duration,
        /// The most connections that the pool may hold, overflow included.
        size: usize,
    },

    /// The server cancelled a statement that ran for too long, or on request.
    StatementTimeout(Cause),

    /// A lock was not to be had in time (on SQLite: the database is busy).
    LockTimeout(Cause),

    /// Two rows would have had the same value where that is forbidden.
    UniqueViolation(Violation),

    /// A row refers to one that does not exist, or is still referred to.
    ForeignKeyViolation(Violation),

    /// A column that needs a value got none.
    NotNullViolation(Violation),

    /// A row does not meet a check of its table.
    CheckViolation(Violation),

    /// A row conflicts with another under an exclusion constraint.
    ExclusionViolation(Violation),

    /// The row was changed by somebody else since it was read: its version is stale.
    Conflict {
        /// The table.
        entity: Cow<'static, str>,
        /// The row's primary key, as text.
        id: String,
    },

    /// The server ended this transaction to break a deadlock (40P01).
    Deadlock(Cause),

    /// The transaction can not be placed in a serial order (40001).
    Serialization(Cause),

    /// A write in a read-only transaction, or on a read-only server.
    ReadOnly(Cause),

    /// The server lacks what the statement needs: room on its disk, memory, or more than a limit
    /// of its own lets it have. Nothing was stored by it.
    OutOfResources(Cause),

    /// The unit of work can no longer be committed: the source, its first
    /// failure, has aborted it. Nothing of it was stored.
    TransactionAborted(Cause),

    /// The connection was lost while COMMIT was on its way: the unit of work may
    /// or may not be stored. Never repeated by this layer.
    CommitOutcomeUnknown(Cause),

    /// A blocking call was made where it would have stalled an async runtime.
    BlockingInAsyncContext,

    /// Something that is only right inside a unit of work, and inside its turn,
    /// was done outside of it.
    OutsideUnitOfWork(Cow<'static, str>),

    /// The query can not be right: a value of the wrong type, a page out of
    /// range, a cursor that was tampered with. The text says what is allowed.
    InvalidQuery(Cow<'static, str>),

    /// Any other failure of a statement.
    Query(Cause),
}

impl DatabaseError {
    /// A [`DatabaseError::Configuration`] with this text.
    pub fn configuration(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Configuration(text.into())
    }

    /// A [`DatabaseError::InvalidQuery`] with this text.
    pub fn invalid_query(text: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidQuery(text.into())
    }

    /// A [`DatabaseError::Query`] around this failure.
    pub fn query(source: impl Error + Send + Sync + 'static) -> Self {
        Self::Query(Arc::new(source))
    }

    /// Whether the same call may well succeed when it is made again a little
    /// later, with nothing changed. False for
    /// [`CommitOutcomeUnknown`](Self::CommitOutcomeUnknown): repeating that
    /// could store the work twice.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connection(_)
            | Self::PoolTimeout { .. }
            | Self::LockTimeout(_)
            | Self::Deadlock(_)
            | Self::Serialization(_) => true,
            Self::TransactionAborted(source) => source
                .downcast_ref::<Self>()
                .is_some_and(Self::is_transient),
            _ => false,
        }
    }

    /// The violated constraint, if this is a violation and the server named it.
    pub fn violation(&self) -> Option<&Violation> {
        match self {
            Self::UniqueViolation(violation)
            | Self::ForeignKeyViolation(violation)
            | Self::NotNullViolation(violation)
            | Self::CheckViolation(violation)
            | Self::ExclusionViolation(violation) => Some(violation),
            _ => None,
        }
    }

    /// The name of the violated constraint: what an adapter turns into a failure
    /// that the domain has a name for.
    pub fn constraint(&self) -> Option<&str> {
        self.violation()?.constraint.as_deref()
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration(text)
            | Self::OutsideUnitOfWork(text)
            | Self::InvalidQuery(text) => text,
            Self::Connection(_) => "the connection to the database failed",
            Self::PoolTimeout { waited, size } => {
                return write!(
                    f,
                    "no connection became free within {waited:?}: all {size} of the pool are in use"
                );
            }
            Self::StatementTimeout(_) => "the statement was cancelled: it ran for too long",
            Self::LockTimeout(_) => "a lock was not granted in time",
            Self::UniqueViolation(_) => "a unique constraint was violated",
            Self::ForeignKeyViolation(_) => "a foreign key was violated",
            Self::NotNullViolation(_) => "a column that must have a value was left empty",
            Self::CheckViolation(_) => "a check constraint was violated",
            Self::ExclusionViolation(_) => "an exclusion constraint was violated",
            Self::Conflict { entity, id } => {
                return write!(
                    f,
                    "{entity} {id} was changed by somebody else since it was read"
                );
            }
            Self::Deadlock(_) => "the transaction was ended to break a deadlock",
            Self::Serialization(_) => "the transaction could not be serialized with others",
            Self::ReadOnly(_) => "a write was attempted where only reads are allowed",
            Self::OutOfResources(_) => "the database has no room for what was asked of it",
            Self::TransactionAborted(_) => {
                "the unit of work was rolled back because of an earlier failure"
            }
            Self::CommitOutcomeUnknown(_) => {
                "the connection was lost during commit: it is unknown whether the work was stored"
            }
            Self::BlockingInAsyncContext => {
                "a blocking database call was made from async code: use the async manager, \
                 or move the call to a thread that is lent out for blocking work"
            }
            Self::Query(_) => "a statement failed",
        })
    }
}

/// By hand: a derived one would answer the [`Arc`] around the source, which nobody can
/// downcast to what is in it.
impl Error for DatabaseError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Connection(cause)
            | Self::StatementTimeout(cause)
            | Self::LockTimeout(cause)
            | Self::Deadlock(cause)
            | Self::Serialization(cause)
            | Self::ReadOnly(cause)
            | Self::OutOfResources(cause)
            | Self::TransactionAborted(cause)
            | Self::CommitOutcomeUnknown(cause)
            | Self::Query(cause) => Some(cause.as_ref()),
            Self::Configuration(_)
            | Self::PoolTimeout { .. }
            | Self::Conflict { .. }
            | Self::BlockingInAsyncContext
            | Self::OutsideUnitOfWork(_)
            | Self::InvalidQuery(_) => None,
            Self::UniqueViolation(violation)
            | Self::ForeignKeyViolation(violation)
            | Self::NotNullViolation(violation)
            | Self::CheckViolation(violation)
            | Self::ExclusionViolation(violation) => Some(violation),
        }
    }
}

/// What the server said about a violated constraint. PostgreSQL names all that
/// applies; SQLite names the constraint of a check, and table and column of the
/// others.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The constraint's name.
    pub constraint: Option<String>,
    /// The table it belongs to.
    pub table: Option<String>,
    /// The column, where a single one is to blame.
    pub column: Option<String>,
    /// The driver's own error.
    pub source: Cause,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = [
            ("constraint", &self.constraint),
            ("table", &self.table),
            ("column", &self.column),
        ];
        let mut separator = "";
        for (what, name) in known {
            if let Some(name) = name {
                write!(f, "{separator}{what} {name}")?;
                separator = ", ";
            }
        }
        if separator.is_empty() {
            f.write_str("an unnamed constraint")?;
        }
        Ok(())
    }
}

impl Error for Violation {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}
