//! The domain: what is true, whoever asks and wherever it is stored.
//!
//! In here are entities, value objects and the rules that hold between them. There is no I/O, no
//! async, no serialisation, no clock and no source of ids: times and ids are parameters. Values
//! that exist are valid: fields are private, and the one way in is a constructor that can refuse.
//! The texts of errors are written for a client's eyes: they say what was wrong and what is
//! allowed.
//!
//! To add a noun:
//!
//! 1. Write `src/<noun>.rs`, with a private field for every invariant and one fallible
//!    constructor (`owner.rs` is the smallest example), and the rules' tests below the code.
//! 2. When it is an entity with a life, model the life as an enum whose transitions consume the
//!    old state, and take its parts back from a store through a snapshot that is checked. A file
//!    that grows past a screen or three is split by noun into `src/<noun>/`.
//! 3. Declare and re-export it below, and give it the same file name in the next ring out, the
//!    ports.

pub use currency::{Currency, CurrencyError};
pub use money::{Money, MoneyError};
pub use owner::{Owner, OwnerError};
pub use version::{Version, VersionError};

mod currency;
mod excerpt;
mod money;
mod owner;
mod version;

// sample: begin
mod account;
mod transfer;

pub use account::{
    Account, AccountError, AccountId, AccountSnapshot, AccountStatus, AccountStatusError,
};
pub use transfer::{Transfer, TransferError, TransferId, TransferSnapshot};
// sample: end
