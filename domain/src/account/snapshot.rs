//! The parts of an account.

use chrono::{DateTime, Utc};

use super::{AccountId, AccountStatus};
use crate::{Money, Owner, Version};

/// The parts of an [`Account`](super::Account), unchecked: what a repository has read and
/// [`Account::restore`](super::Account::restore) takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSnapshot {
    /// The identity.
    pub id: AccountId,
    /// Who it belongs to.
    pub owner: Owner,
    /// What it holds.
    pub balance: Money,
    /// Where it is in its life.
    pub status: AccountStatus,
    /// The version that is stored.
    pub version: Version,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
