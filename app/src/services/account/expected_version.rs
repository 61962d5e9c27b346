//! Optimistic locking, as the caller of a change sees it.

use domain::Version;

/// To which version of an account a change may be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// To whichever is stored.
    #[default]
    Any,
    /// To one of these. None of them is never right.
    OneOf(Vec<Version>),
}

impl ExpectedVersion {
    pub(super) fn allows(&self, current: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(expected) => expected.contains(&current),
        }
    }
}
