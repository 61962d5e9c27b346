//! The wiring of the sample.

use std::sync::Arc;

use adapters::{
    ledger::{AccountRepository, TransferRepository},
    repository::SharedAsyncManager,
    seaorm::Backend,
};
use ports::{Accounts, Transfers, UnitOfWork};

use super::Sources;
use crate::services::{AccountService, IdempotencyService, LedgerService, TransferService};

/// The use cases of the sample, in the sessions of this manager.
pub(super) fn services<B: Backend>(
    manager: SharedAsyncManager<B>,
    idempotency: Arc<IdempotencyService>,
    sources: &Sources,
) -> (
    Arc<AccountService>,
    Arc<TransferService>,
    Arc<LedgerService>,
) {
    let Sources { clock, ids } = sources.clone();
    let accounts: Arc<dyn Accounts> =
        Arc::new(AccountRepository::new(manager.clone(), clock.clone()));
    let transfers: Arc<dyn Transfers> = Arc::new(TransferRepository::new(manager.clone()));
    let unit_of_work: Arc<dyn UnitOfWork> = manager;
    let ledger = LedgerService::new(accounts.clone(), transfers.clone(), unit_of_work.clone());
    (
        Arc::new(AccountService::new(
            accounts.clone(),
            unit_of_work.clone(),
            clock.clone(),
            ids.clone(),
        )),
        Arc::new(TransferService::new(
            accounts,
            transfers,
            idempotency,
            unit_of_work,
            clock,
            ids,
        )),
        Arc::new(ledger),
    )
}
