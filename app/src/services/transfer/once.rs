//! Moving money once, however often the order arrives.

use domain::{Transfer, TransferError, TransferId};
use ports::{Atomic as _, DatabaseError};

use super::{TransferOrder, TransferService, TransferServiceError};
use crate::services::{Made, Once, Reach};

impl TransferService {
    /// Moves money as [`transfer`](Self::transfer) does, unless this very order was carried
    /// out under this key before: then it answers what was transferred that time. The key is
    /// stored together with the transfer, so an order that was refused leaves its key free.
    pub async fn transfer_once(
        &self,
        reach: &Reach,
        order: TransferOrder,
        once: &Once,
    ) -> Result<Made<Transfer>, TransferServiceError> {
        let id = TransferId::new(self.ids.next());
        self.refuse_impossible(order, id)?;
        let request = canonical(order);
        self.unit_of_work
            .atomic(|| async {
                let claim = self.idempotency.claim(once, &request, id.as_uuid());
                match claim.await? {
                    None => Ok(Made::now(self.carry_out(reach, order, id).await?)),
                    Some(made) => {
                        let made = TransferId::new(made);
                        Ok(Made::before(self.made_before(reach, made).await?))
                    }
                }
            })
            .await
    }

    /// A caller whose accounts were given to somebody else since then is told what the order
    /// would be told without its key.
    async fn made_before(
        &self,
        reach: &Reach,
        id: TransferId,
    ) -> Result<Transfer, TransferServiceError> {
        let found = self.transfers.find(id).await?;
        let made = found.ok_or_else(|| DatabaseError::query(Missing { id }))?;
        if !self.is_within(reach, &made).await? {
            let account = made.from();
            return Err(TransferError::UnknownAccount { account }.into());
        }
        Ok(made)
    }
}

/// Every value of the order, by its name.
fn canonical(TransferOrder { from, to, amount }: TransferOrder) -> String {
    let (minor, currency) = (amount.minor(), amount.currency().code());
    format!("transfer from={from} to={to} amount={minor} currency={currency}")
}

/// Transfers are never removed, so the key must have been stored by something else.
#[derive(Debug, thiserror::Error)]
#[error("an idempotency key refers to the transfer {id}, which does not exist")]
struct Missing {
    id: TransferId,
}
