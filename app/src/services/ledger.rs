//! Taking over accounts with what has happened to them.

use std::sync::Arc;

use domain::{Account, Transfer};
use ports::{Accounts, Atomic as _, DatabaseError, Transfers, UnitOfWork};

/// The most transfers that are in memory at once.
const BATCH: usize = 5_000;

/// Stores accounts that have a past: of another system, or of a demonstration.
pub struct LedgerService {
    accounts: Arc<dyn Accounts>,
    transfers: Arc<dyn Transfers>,
    unit_of_work: Arc<dyn UnitOfWork>,
}

impl LedgerService {
    /// The service on these ports.
    pub fn new(
        accounts: Arc<dyn Accounts>,
        transfers: Arc<dyn Transfers>,
        unit_of_work: Arc<dyn UnitOfWork>,
    ) -> Self {
        Self {
            accounts,
            transfers,
            unit_of_work,
        }
    }

    /// Stores all of them, or nothing: the accounts as they are after their transfers, and the
    /// transfers. `past` tells the transfers anew each time the work has to be done, so that
    /// they need not all be in memory. Answers `false`, and stores nothing, when the first
    /// account is there already.
    pub async fn take_over<I>(
        &self,
        accounts: &[Account],
        past: impl Fn() -> I + Send + Sync,
    ) -> Result<bool, DatabaseError>
    where
        I: Iterator<Item = Transfer> + Send,
    {
        let past = &past;
        self.unit_of_work
            .atomic(|| async move {
                if let Some(first) = accounts.first()
                    && self.accounts.find(first.id()).await?.is_some()
                {
                    return Ok(false);
                }
                self.accounts.add_many(accounts).await?;
                let mut past = past();
                loop {
                    let batch: Vec<_> = past.by_ref().take(BATCH).collect();
                    if batch.is_empty() {
                        return Ok(true);
                    }
                    self.transfers.add_many(&batch).await?;
                }
            })
            .await
    }
}
