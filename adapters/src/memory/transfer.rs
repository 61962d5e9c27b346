//! Transfers in memory.

use std::{collections::btree_map::Entry, sync::Arc};

use async_trait::async_trait;
use domain::{AccountId, Transfer, TransferId};
use ports::{
    AddTransferError, DatabaseError, Filter, Page, PageRequest, Sort, TransferField, Transfers,
    Value, Violation,
};
use uuid::Uuid;

use super::{
    Ledger, MemoryLedger, Record,
    query::{self, Query},
};

const NEWEST_FIRST: &[Sort<TransferField>] = &[Sort::descending(TransferField::CreatedAt)];

/// [`Transfers`] in memory.
pub struct MemoryTransfers(MemoryLedger);

impl MemoryTransfers {
    /// The transfers of this ledger.
    pub const fn new(ledger: MemoryLedger) -> Self {
        Self(ledger)
    }
}

#[async_trait]
impl Transfers for MemoryTransfers {
    async fn find(&self, id: TransferId) -> Result<Option<Transfer>, DatabaseError> {
        self.0
            .read(|ledger| Ok(ledger.transfers.get(&id).copied()))
            .await
    }

    async fn add(&self, transfer: &Transfer) -> Result<(), AddTransferError> {
        let mut unknown = None;
        let add = |ledger: &mut Ledger| {
            unknown = missing(ledger, transfer);
            insert(ledger, std::slice::from_ref(transfer))
        };
        let added = self.0.write(add).await;
        match unknown {
            Some(account) => Err(AddTransferError::UnknownAccount { account }),
            None => Ok(added?),
        }
    }

    async fn add_many(&self, transfers: &[Transfer]) -> Result<(), DatabaseError> {
        self.0.write(|ledger| insert(ledger, transfers)).await
    }

    async fn list(
        &self,
        filters: &[Filter<TransferField>],
        sort: &[Sort<TransferField>],
        page: &PageRequest,
    ) -> Result<Page<Transfer>, DatabaseError> {
        let query = Query {
            list: "transfers",
            filters,
            sort: if sort.is_empty() { NEWEST_FIRST } else { sort },
            page,
        };
        let list =
            |ledger: &Ledger| query::list(ledger.transfers.values(), &query, self.0.cursors());
        self.0.read(list).await
    }

    async fn list_by_account(
        &self,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Transfer>, DatabaseError> {
        let query = Query {
            list: "transfers of an account",
            filters: &[],
            sort: NEWEST_FIRST,
            page,
        };
        let list = |ledger: &Ledger| {
            let all = ledger.transfers.values();
            let of_account =
                all.filter(|transfer| transfer.from() == account || transfer.to() == account);
            query::list(of_account, &query, self.0.cursors())
        };
        self.0.read(list).await
    }

    async fn count(&self, filters: &[Filter<TransferField>]) -> Result<u64, DatabaseError> {
        let count = |ledger: &Ledger| query::count(ledger.transfers.values(), filters);
        self.0.read(count).await
    }
}

/// The account of the transfer that is not there.
fn missing(ledger: &Ledger, transfer: &Transfer) -> Option<AccountId> {
    let accounts = [transfer.from(), transfer.to()].into_iter();
    let mut missing = accounts.filter(|account| !ledger.accounts.contains_key(account));
    missing.next()
}

/// All of them, or none.
fn insert(ledger: &mut Ledger, transfers: &[Transfer]) -> Result<(), DatabaseError> {
    let mut all = ledger.transfers.clone();
    for transfer in transfers {
        if missing(ledger, transfer).is_some() {
            return Err(dangling());
        }
        match all.entry(transfer.id()) {
            Entry::Occupied(_) => return Err(duplicate()),
            Entry::Vacant(place) => place.insert(*transfer),
        };
    }
    ledger.transfers = all;
    Ok(())
}

impl Record<TransferField> for Transfer {
    fn id(&self) -> Uuid {
        self.id().as_uuid()
    }

    fn value(&self, field: TransferField) -> Value {
        match field {
            TransferField::Id => self.id().as_uuid().into(),
            TransferField::From => self.from().as_uuid().into(),
            TransferField::To => self.to().as_uuid().into(),
            TransferField::Amount => self.amount().minor().into(),
            TransferField::Currency => self.amount().currency().code().into(),
            TransferField::CreatedAt => self.created_at().into(),
        }
    }
}

fn dangling() -> DatabaseError {
    DatabaseError::ForeignKeyViolation(Violation {
        constraint: None,
        table: Some("transfers".to_owned()),
        column: None,
        source: Arc::new(Dangling),
    })
}

#[derive(Debug, thiserror::Error)]
#[error("an account of the transfer is not stored")]
struct Dangling;

fn duplicate() -> DatabaseError {
    DatabaseError::UniqueViolation(Violation {
        constraint: Some("transfers_pkey".to_owned()),
        table: Some("transfers".to_owned()),
        column: Some("id".to_owned()),
        source: Arc::new(Duplicate),
    })
}

#[derive(Debug, thiserror::Error)]
#[error("a transfer with this id is stored already")]
struct Duplicate;
