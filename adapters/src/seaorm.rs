//! The session layer, written once for every database that SeaORM speaks to through
//! sqlx.
//!
//! From the outside in: a [manager](AsyncManager) hands out [sessions](Session) and
//! runs units of work; a `scope` is the state of one unit of work; an `engine` is one
//! database with its `pool`; a `connection` knows whether it can be trusted.

mod actor;
mod ambient;
pub(crate) mod backend;
mod connection;
mod convention;
mod engine;
mod error;
mod guard;
mod manager;
mod metrics;
mod pool;
mod request;
mod scope;
mod session;
mod settings;
mod statement_log;
mod stream;
mod transaction;
mod unit_of_work;

pub use actor::{acting_as, acting_as_blocking, current_actor};
pub use ambient::carry;
pub use backend::Backend;
pub use convention::{
    Archive, Archived, Audit, Audited, Conventions, SoftDelete, Timestamped, Timestamps, Versioned,
};
pub use error::database_error;
pub use manager::{AsyncManager, Manager};
pub use metrics::{Databases, Observable};
pub use pool::PoolStatus;
pub(crate) use request::Prepared;
pub use session::Session;
pub(crate) use settings::KEYS as SETTING_KEYS;
pub use settings::{CursorKey, PrePing, ResetOnReturn, SessionSettings};
pub use transaction::SessionTransaction;
