//! Moving money between accounts.

mod once;

use std::sync::Arc;

use domain::{
    Account, AccountError, AccountId, Money, Transfer, TransferError, TransferId, TransferSnapshot,
};
use ports::{
    Accounts, AddTransferError, Atomic as _, Clock, DatabaseError, Ids, Page, PageRequest,
    Transfers, UnitOfWork,
};

use super::{IdempotencyError, IdempotencyService, Reach, account::Both};

/// Moving money, and looking at what has moved.
pub struct TransferService {
    accounts: Arc<dyn Accounts>,
    transfers: Arc<dyn Transfers>,
    idempotency: Arc<IdempotencyService>,
    unit_of_work: Arc<dyn UnitOfWork>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// Money to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferOrder {
    /// The account to debit.
    pub from: AccountId,
    /// The account to credit.
    pub to: AccountId,
    /// What to move.
    pub amount: Money,
}

/// Why nothing was transferred, or found.
#[derive(Debug, thiserror::Error)]
pub enum TransferServiceError {
    /// The domain refuses, or an account of the transfer does not exist.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// There is no account whose transfers could be told.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The order can not be carried out under its key.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl TransferService {
    /// The service on these ports.
    pub fn new(
        accounts: Arc<dyn Accounts>,
        transfers: Arc<dyn Transfers>,
        idempotency: Arc<IdempotencyService>,
        unit_of_work: Arc<dyn UnitOfWork>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            accounts,
            transfers,
            idempotency,
            unit_of_work,
            clock,
            ids,
        }
    }

    /// Moves money: both balances change and the transfer is recorded, or nothing happens.
    /// Both accounts have to be within reach.
    pub async fn transfer(
        &self,
        reach: &Reach,
        order: TransferOrder,
    ) -> Result<Transfer, TransferServiceError> {
        let id = TransferId::new(self.ids.next());
        self.refuse_impossible(order, id)?;
        self.unit_of_work
            .atomic(|| self.carry_out(reach, order, id))
            .await
    }

    /// The transfer with this id, if one of its accounts is within reach.
    pub async fn find(
        &self,
        reach: &Reach,
        id: TransferId,
    ) -> Result<Option<Transfer>, DatabaseError> {
        let Some(transfer) = self.transfers.find(id).await? else {
            return Ok(None);
        };
        let is_seen = self.is_within(reach, &transfer).await?;
        Ok(is_seen.then_some(transfer))
    }

    /// Whether one of its accounts is within reach.
    async fn is_within(&self, reach: &Reach, transfer: &Transfer) -> Result<bool, DatabaseError> {
        if *reach == Reach::Everything {
            return Ok(true);
        }
        let accounts = self.accounts.as_ref();
        Ok(reach.find(accounts, transfer.from()).await?.is_some()
            || reach.find(accounts, transfer.to()).await?.is_some())
    }

    /// The transfers from and to this account, newest first.
    pub async fn list_by_account(
        &self,
        reach: &Reach,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Transfer>, TransferServiceError> {
        let found = reach.find(self.accounts.as_ref(), account).await?;
        found.ok_or(AccountError::UnknownAccount { account })?;
        Ok(self.transfers.list_by_account(account, page).await?)
    }

    /// What is all done, or not at all: the inside of a unit of work.
    async fn carry_out(
        &self,
        reach: &Reach,
        order: TransferOrder,
        id: TransferId,
    ) -> Result<Transfer, TransferServiceError> {
        let (mut source, mut target) = self.lock_both(reach, order).await?;
        let now = self.clock.now();
        let transfer = source.transfer_to(&mut target, id, order.amount, now)?;
        self.accounts.save(&source).await?;
        self.accounts.save(&target).await?;
        self.transfers.add(&transfer).await?;
        Ok(transfer)
    }

    /// Refuses what no account could make right, before any of them is locked.
    fn refuse_impossible(
        &self,
        TransferOrder { from, to, amount }: TransferOrder,
        id: TransferId,
    ) -> Result<(), TransferError> {
        Transfer::restore(TransferSnapshot {
            id,
            from,
            to,
            amount,
            created_at: self.clock.now(),
        })
        .map(drop)
    }

    /// Both at once, in an order that is the same whichever way the money goes: of two opposite
    /// transfers one waits for the other.
    async fn lock_both(
        &self,
        reach: &Reach,
        TransferOrder { from, to, .. }: TransferOrder,
    ) -> Result<(Account, Account), TransferServiceError> {
        // The lesser is missed first, too: the answer is the same for both ways.
        let ids = if from < to { [from, to] } else { [to, from] };
        match reach.lock_both(self.accounts.as_ref(), ids).await? {
            Both::Locked(source, target) if from < to => Ok((source, target)),
            Both::Locked(target, source) => Ok((source, target)),
            Both::Missing(account) => Err(TransferError::UnknownAccount { account }.into()),
        }
    }
}

impl From<AddTransferError> for TransferServiceError {
    fn from(error: AddTransferError) -> Self {
        match error {
            AddTransferError::UnknownAccount { account } => {
                TransferError::UnknownAccount { account }.into()
            }
            AddTransferError::Database(error) => error.into(),
        }
    }
}
