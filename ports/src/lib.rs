//! What the application asks of the outside world, in the application's words.
//!
//! A port is a trait that is usable as `dyn`, together with the values it
//! speaks in. Nothing here knows an ORM, a driver, a runtime or a web framework:
//! the manifest has no such dependency, and a test keeps it so.
//!
//! # To add an aggregate
//!
//! README.md has the whole way. The part of it that is here is one file, say
//! `ports/src/invoice.rs`, declared and re-exported below:
//!
//! 1. a field enum, for filters and sorts: what is not in it can not be asked for;
//! 2. a trait with verbs from the set `find`, `find_by_<field>`, `add`, `save`,
//!    `list`, `count`, `remove`, or the domain's own verb;
//! 3. an error for each verb that fails in a way which the domain has a name for.
//!
//! Its implementations are `adapters/src/<context>/invoice.rs`, on any database, and
//! `adapters/src/memory/invoice.rs`, for tests without one.
//!
//! Absence is `Ok(None)`. A failure that the domain has a name for is a variant
//! of the port's own error; every other failure is a [`DatabaseError`].

mod actor;
mod authentication;
pub mod blocking;
mod clock;
mod error;
mod idempotency;
mod ids;
pub mod query;
mod session;
pub mod unit_of_work;

pub use actor::{Actor, ActorError};
pub use authentication::{AuthenticationError, Authenticator, Caller};
pub use clock::Clock;
pub use error::{Cause, DatabaseError, Violation};
pub use idempotency::{Claim, Claimed, IdempotencyKey, IdempotencyKeyError, IdempotencyKeys};
pub use ids::Ids;
pub use query::{Condition, Cursor, Direction, Filter, Page, PageRequest, Sort, Value};
pub use session::{AsyncSessionManager, SessionManager};
pub use unit_of_work::{Atomic, Isolation, RetryPolicy, UnitOfWork, UnitOfWorkOptions, Verdict};

// sample: begin
pub mod account;
pub mod transfer;

pub use account::{AccountField, Accounts};
pub use transfer::{AddTransferError, TransferField, Transfers};
// sample: end
