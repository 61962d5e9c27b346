//! The sample ledger's repositories, on any database of the session layer.

mod account;
mod row;
mod transfer;

pub use account::AccountRepository;
pub use transfer::TransferRepository;
