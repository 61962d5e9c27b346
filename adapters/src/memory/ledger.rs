//! The ledger in memory: both tables, changed together.

use std::collections::BTreeMap;

use domain::{Account, AccountId, Transfer, TransferId};

use super::MemoryStore;

/// The tables of the sample.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) transfers: BTreeMap<TransferId, Transfer>,
}

/// A ledger in memory, which the repositories and the unit of work of a test share.
pub type MemoryLedger = MemoryStore<Ledger>;
