//! The version of a stored entity: what optimistic locking compares.

use std::fmt;

/// How many times an entity has been stored: [`Version::FIRST`] when it is added, one more with
/// every save.
///
/// Rules never change a version. A repository's save compares the stored version with the one
/// that the entity carries and stores [`next`](Version::next); the entity that was read keeps
/// the version it was read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// The version of what was stored once.
    pub const FIRST: Self = Self(1);

    /// A version that was read from a store or from a client.
    pub const fn new(number: i64) -> Result<Self, VersionError> {
        if number < Self::FIRST.0 {
            return Err(VersionError { number });
        }
        Ok(Self(number))
    }

    /// The number, 1 or more.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The version after this one.
    ///
    /// It saturates, so that a save needs no error that nobody can ever see: at a million saves
    /// of one entity per second the last number is 292,000 years away.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number that is not a [`Version`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{number} is not a version; a version must be at least 1")]
pub struct VersionError {
    /// The refused number.
    pub number: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_start_at_one() {
        assert_eq!(Version::new(1), Ok(Version::FIRST));
        for number in [0, -1, i64::MIN] {
            assert_eq!(Version::new(number), Err(VersionError { number }));
        }
    }

    #[test]
    fn the_next_version_is_greater_by_one() {
        assert_eq!(Version::FIRST.next().get(), 2);
        assert!(Version::FIRST < Version::FIRST.next());
        assert_eq!(Version::FIRST.next().to_string(), "2");
    }

    #[test]
    fn the_last_version_stays_the_last() -> Result<(), VersionError> {
        let last = Version::new(i64::MAX)?;
        assert_eq!(last.next(), last);
        Ok(())
    }
}
