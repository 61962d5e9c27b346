//! The ledger in memory: its tables, changed together.

use std::collections::BTreeMap;

use domain::{Account, AccountId, Transfer, TransferId};

use super::{KeyTable, MemoryStore};

/// The tables of the sample.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) transfers: BTreeMap<TransferId, Transfer>,
    keys: KeyTable,
}

impl AsMut<KeyTable> for Ledger {
    fn as_mut(&mut self) -> &mut KeyTable {
        &mut self.keys
    }
}

/// A ledger in memory, which the repositories and the unit of work of a test share.
pub type MemoryLedger = MemoryStore<Ledger>;
