//! How work asks to be ended.

use crate::DatabaseError;

/// How an attempt asks to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The work succeeded: store it.
    Commit,
    /// The work failed: forget it.
    Rollback,
}

impl Verdict {
    /// `Ok` asks for a commit, `Err` for a rollback.
    pub fn of<T, E>(result: &Result<T, E>) -> Self {
        if result.is_ok() {
            Self::Commit
        } else {
            Self::Rollback
        }
    }

    /// The result of the whole: what the layer met, else what the work answered.
    pub(crate) fn resolve<T, E: From<DatabaseError>>(
        ended: Result<Self, DatabaseError>,
        result: Option<Result<T, E>>,
    ) -> Result<T, E> {
        match (ended, result) {
            (Err(error), _) => Err(error.into()),
            (Ok(Self::Commit), Some(Ok(value))) => Ok(value),
            (Ok(_), Some(Err(error))) => Err(error),
            (Ok(_), _) => Err(DatabaseError::OutsideUnitOfWork(
                "the unit of work ended without running its work".into(),
            )
            .into()),
        }
    }
}
