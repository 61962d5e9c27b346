//! Where transfers are kept.

use async_trait::async_trait;
use domain::{AccountId, Transfer, TransferId};

use crate::{DatabaseError, Filter, Page, PageRequest, Sort};

/// What transfers can be filtered and sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferField {
    /// The identity.
    Id,
    /// The account that the money left.
    From,
    /// The account that the money went to.
    To,
    /// The amount in minor units.
    Amount,
    /// The ISO 4217 code.
    Currency,
    /// When the money moved.
    CreatedAt,
}

/// Where transfers are kept. They are never changed.
#[async_trait]
pub trait Transfers: Send + Sync {
    /// The transfer with this id.
    async fn find(&self, id: TransferId) -> Result<Option<Transfer>, DatabaseError>;

    /// Stores a new transfer.
    async fn add(&self, transfer: &Transfer) -> Result<(), AddTransferError>;

    /// Stores any number of new transfers, all or none. Which account is missing, if one is,
    /// is not told.
    async fn add_many(&self, transfers: &[Transfer]) -> Result<(), DatabaseError>;

    /// The transfers for which all filters hold. No sort means newest first.
    async fn list(
        &self,
        filters: &[Filter<TransferField>],
        sort: &[Sort<TransferField>],
        page: &PageRequest,
    ) -> Result<Page<Transfer>, DatabaseError>;

    /// The transfers from or to this account, newest first.
    async fn list_by_account(
        &self,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Transfer>, DatabaseError>;

    /// How many transfers there are for which all filters hold.
    async fn count(&self, filters: &[Filter<TransferField>]) -> Result<u64, DatabaseError>;
}

/// Why a transfer was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AddTransferError {
    /// One of its accounts is not in the ledger.
    #[error("an account of the transfer does not exist")]
    UnknownAccount {
        /// The account that is missing.
        account: AccountId,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
