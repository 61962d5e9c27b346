//! The life cycle of an account.

use std::fmt;
use std::str::FromStr;

use super::AccountError;
use crate::excerpt::excerpt;

/// Where an account is in its life.
///
/// | from | freeze | unfreeze | close |
/// |---|---|---|---|
/// | active | frozen | `NotFrozen` | closed |
/// | frozen | `AlreadyFrozen` | active | `Frozen` |
/// | closed | `Closed` | `Closed` | `Closed` |
///
/// A frozen account has to be unfrozen before it can be closed: somebody froze it for a reason,
/// and closing would take the account out of sight before that reason is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountStatus {
    /// Sends and receives transfers.
    Active,
    /// Neither sends nor receives, until it is unfrozen.
    Frozen,
    /// Over, for good.
    Closed,
}

impl AccountStatus {
    /// Every status, in the order of a life.
    pub const ALL: [Self; 3] = [Self::Active, Self::Frozen, Self::Closed];

    /// The name that is stored and sent: `active`, `frozen` or `closed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        }
    }

    /// Active to frozen.
    pub fn freeze(self) -> Result<Self, AccountError> {
        match self {
            Self::Active => Ok(Self::Frozen),
            Self::Frozen => Err(AccountError::AlreadyFrozen),
            Self::Closed => Err(AccountError::Closed),
        }
    }

    /// Frozen to active.
    pub fn unfreeze(self) -> Result<Self, AccountError> {
        match self {
            Self::Active => Err(AccountError::NotFrozen),
            Self::Frozen => Ok(Self::Active),
            Self::Closed => Err(AccountError::Closed),
        }
    }

    /// Active to closed.
    pub fn close(self) -> Result<Self, AccountError> {
        match self {
            Self::Active => Ok(Self::Closed),
            Self::Frozen => Err(AccountError::Frozen),
            Self::Closed => Err(AccountError::Closed),
        }
    }
}

impl fmt::Display for AccountStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AccountStatus {
    type Err = AccountStatusError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| AccountStatusError {
                given: excerpt(name),
            })
    }
}

/// A text that is not the name of an [`AccountStatus`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("account status {given:?} does not exist; it must be one of active, frozen, closed")]
pub struct AccountStatusError {
    /// The refused text, cut short when it was long.
    pub given: String,
}

#[cfg(test)]
mod tests {
    use super::AccountStatus::{Active, Closed, Frozen};
    use super::*;

    #[test]
    fn an_active_account_can_be_frozen_and_closed() {
        assert_eq!(Active.freeze(), Ok(Frozen));
        assert_eq!(Active.unfreeze(), Err(AccountError::NotFrozen));
        assert_eq!(Active.close(), Ok(Closed));
    }

    #[test]
    fn a_frozen_account_can_only_be_unfrozen() {
        assert_eq!(Frozen.freeze(), Err(AccountError::AlreadyFrozen));
        assert_eq!(Frozen.unfreeze(), Ok(Active));
        assert_eq!(Frozen.close(), Err(AccountError::Frozen));
    }

    #[test]
    fn a_closed_account_stays_closed() {
        for end in [Closed.freeze(), Closed.unfreeze(), Closed.close()] {
            assert_eq!(end, Err(AccountError::Closed));
        }
    }

    #[test]
    fn a_name_reads_back_as_its_status() {
        for status in AccountStatus::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_every_name_that_is_allowed() {
        for name in ["", "Active", " active", "open"] {
            let refused = name
                .parse::<AccountStatus>()
                .map_err(|error| error.to_string());
            let text = refused.err().unwrap_or_default();
            assert!(text.contains(&format!("{name:?}")), "{text}");
            for status in AccountStatus::ALL {
                assert!(text.contains(status.as_str()), "{text}");
            }
        }
    }
}
