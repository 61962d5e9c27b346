//! Use cases: what the service does, on domain and ports alone.
//!
//! A service decides what is atomic and names what is absent; the domain decides what is
//! allowed. No SQL, no HTTP, no clock and no ids of its own.
//!
//! To add one:
//!
//! 1. write `services/<noun>.rs`, with the ports it needs as `Arc<dyn ..>`, one error enum, and
//!    each change inside of one `atomic`; each method begins with the [`Reach`] of its caller;
//! 2. test it in `app/tests/services/<noun>.rs` on `adapters::memory`;
//! 3. give it to [`Services`], where `bootstrap` wires it.

mod idempotency;
mod reach;
// sample: begin
mod account;
mod ledger;
mod transfer;
// sample: end

use std::sync::Arc;

pub use idempotency::{IdempotencyError, IdempotencyService, Made, Once};
// sample: begin
pub use account::{AccountService, AccountServiceError, ExpectedVersion, NewAccount, Totals};
pub use ledger::LedgerService;
pub use transfer::{TransferOrder, TransferService, TransferServiceError};
// sample: end
pub use reach::Reach;

/// All use cases, ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Which requests have been carried out already.
    pub idempotency: Arc<IdempotencyService>,
    // sample: begin
    /// Opening, finding and changing accounts.
    pub accounts: Arc<AccountService>,
    /// Moving money.
    pub transfers: Arc<TransferService>,
    /// Taking over accounts that have a past.
    pub ledger: Arc<LedgerService>,
    // sample: end
}
