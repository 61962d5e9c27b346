//! The one table from failure to status and `type`.

use axum::http::StatusCode;
// sample: begin
use domain::{AccountError, TransferError};
// sample: end
use ports::DatabaseError;
use utoipa::openapi::{Object, ObjectBuilder, schema::Type};

use super::Problem;
use crate::services::IdempotencyError;
// sample: begin
use super::Place;
use crate::http::access;
use crate::services::{AccountServiceError, TransferServiceError};
// sample: end

/// A kind of problem, as a type.
pub trait Kind {
    /// Which one.
    const KIND: ProblemKind;
}

/// Every `type` that there is.
pub(super) fn types() -> Object {
    let types = ProblemKind::ALL.iter().map(|kind| kind.uri());
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(types))
        .build()
}

macro_rules! table {
    ($($(#[doc = $doc:literal])* $kind:ident = $status:ident, $slug:literal, $title:literal;)*) => {
        /// What kinds of failures there are. The `type` of a problem is `/problems/` and its
        /// name here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemKind {
            $($(#[doc = $doc])* $kind,)*
        }

        /// The kinds as types, for the attributes that document operations.
        pub mod kind {
            use super::{Kind, ProblemKind};

            $($(#[doc = $doc])* #[derive(Debug)] pub enum $kind {}

            impl Kind for $kind {
                const KIND: ProblemKind = ProblemKind::$kind;
            })*
        }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)* }
            }

            /// The last part of its `type`.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug,)* }
            }

            /// What it says of every failure of its kind.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }

            /// When it is answered.
            pub(in crate::http) fn meaning(self) -> &'static str {
                match self { $(Self::$kind => concat!($($doc),*).trim(),)* }
            }
        }
    };
}

table! {
    /// The body is not JSON, or the query string makes no sense.
    Malformed = BAD_REQUEST, "malformed-request", "The request can not be read";
    /// A query parameter that this path does not know.
    UnknownParameter = BAD_REQUEST, "unknown-parameter", "A parameter is not known here";
    /// It is not known who is asking.
    Unauthenticated = UNAUTHORIZED, "unauthenticated", "The request does not say who is asking";
    /// The caller is not allowed to do this.
    InsufficientScope = FORBIDDEN, "insufficient-scope", "The caller may not do this";
    /// Nothing is at this path.
    NotFound = NOT_FOUND, "not-found", "There is nothing here";
    /// The path does not take this method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed here";
    /// The row was changed by somebody else meanwhile.
    Conflict = CONFLICT, "conflict", "Somebody else changed it meanwhile";
    /// The change is only made to a version that the client names.
    PreconditionRequired = PRECONDITION_REQUIRED, "precondition-required", "The request must say which version it changes";
    /// A condition of the client's no longer holds.
    Stale = PRECONDITION_FAILED, "stale-version", "It was changed since it was read";
    /// The body came too slowly.
    SlowRequest = REQUEST_TIMEOUT, "slow-request", "The request took too long to arrive";
    /// The body is too large.
    TooLarge = PAYLOAD_TOO_LARGE, "too-large", "The body is too large";
    /// The body is not declared as JSON.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be JSON";
    /// A value of the wrong type, or one that is not allowed.
    InvalidValue = UNPROCESSABLE_ENTITY, "invalid-value", "A value is not allowed";
    /// The idempotency key belongs to a request that was different.
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The idempotency key belongs to another request";
    /// The client has asked for more than it may.
    RateLimited = TOO_MANY_REQUESTS, "rate-limited", "Too many requests";
    /// A failure of ours.
    Internal = INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong on our side";
    /// More requests than the service can serve at once.
    Overloaded = SERVICE_UNAVAILABLE, "overloaded", "The service is too busy";
    /// It took longer than a request may.
    RequestTimeout = SERVICE_UNAVAILABLE, "request-timeout", "The request took too long";
    /// The service is about to end. Only `/readyz` answers so.
    Stopping = SERVICE_UNAVAILABLE, "stopping", "The service is about to end";
    /// What credentials are checked with is not there.
    AuthenticationUnavailable = SERVICE_UNAVAILABLE, "authentication-unavailable", "Credentials can not be checked at the moment";
    /// The database is not there, too busy, or full.
    DatabaseUnavailable = SERVICE_UNAVAILABLE, "database-unavailable", "The database can not be used at the moment";
    /// The connection broke while the work was being committed.
    OutcomeUnknown = SERVICE_UNAVAILABLE, "outcome-unknown", "It is unknown whether the request was carried out";
    // sample: begin
    /// No such account.
    UnknownAccount = NOT_FOUND, "unknown-account", "The account does not exist";
    /// No such transfer.
    UnknownTransfer = NOT_FOUND, "unknown-transfer", "The transfer does not exist";
    /// The account's state forbids it.
    AccountState = CONFLICT, "account-state", "The state of the account forbids it";
    /// The account would be closed with money on it.
    BalanceNotZero = CONFLICT, "balance-not-zero", "The account still holds money";
    /// The source holds less than the amount.
    InsufficientFunds = CONFLICT, "insufficient-funds", "The account holds too little";
    /// The target can not hold that much.
    BalanceOverflow = CONFLICT, "balance-overflow", "The account holds too much";
    // sample: end
}

impl ProblemKind {
    /// The `type`: relative, so that it names this service wherever it runs.
    pub fn uri(self) -> String {
        format!("/problems/{}", self.slug())
    }

    /// Whether the request was not carried out, and may be before long: then the answer says
    /// when to send it again. Never where nobody knows what became of it.
    pub(super) const fn is_repeatable(self) -> bool {
        matches!(
            self,
            Self::AuthenticationUnavailable | Self::Overloaded | Self::DatabaseUnavailable
        )
    }

    /// What a client is told when the reason is not for their eyes.
    pub(in crate::http) const fn explanation(self) -> &'static str {
        match self {
            Self::DatabaseUnavailable => {
                "nothing was stored; the same request may succeed a little later"
            }
            Self::OutcomeUnknown => "look whether it was, before you send the request again",
            Self::Conflict => "nothing was stored; read it again, then repeat the change",
            _ => "the log has the reason, under the id of this request",
        }
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        let kind = match &error {
            // The text is written for whoever has asked.
            DatabaseError::InvalidQuery(_) => return Self::of(ProblemKind::InvalidValue, error),
            DatabaseError::Conflict { .. } => ProblemKind::Conflict,
            DatabaseError::Connection(_)
            | DatabaseError::PoolTimeout { .. }
            | DatabaseError::StatementTimeout(_)
            | DatabaseError::LockTimeout(_)
            | DatabaseError::Deadlock(_)
            | DatabaseError::Serialization(_)
            | DatabaseError::ReadOnly(_)
            | DatabaseError::OutOfResources(_) => ProblemKind::DatabaseUnavailable,
            DatabaseError::TransactionAborted(first) => {
                match first.downcast_ref::<DatabaseError>() {
                    Some(first) => Self::from(first.clone()).kind(),
                    None => ProblemKind::Internal,
                }
            }
            DatabaseError::CommitOutcomeUnknown(_) => ProblemKind::OutcomeUnknown,
            _ => ProblemKind::Internal,
        };
        Self::internal(kind, error)
    }
}

impl From<IdempotencyError> for Problem {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::Reused => Self::of(ProblemKind::IdempotencyKeyReused, error),
            IdempotencyError::Database(error) => error.into(),
        }
    }
}

// sample: begin
impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let kind = match error {
            AccountError::NegativeOpeningBalance => {
                let place = Place::member("opening_balance");
                return Self::of(ProblemKind::InvalidValue, error).at(place);
            }
            AccountError::Frozen
            | AccountError::AlreadyFrozen
            | AccountError::NotFrozen
            | AccountError::Closed => ProblemKind::AccountState,
            AccountError::BalanceNotZero { .. } => ProblemKind::BalanceNotZero,
            AccountError::UnknownAccount { .. } => ProblemKind::UnknownAccount,
            AccountError::InvalidSnapshot { .. } => {
                return Self::internal(ProblemKind::Internal, error);
            }
        };
        Self::of(kind, error)
    }
}

impl From<TransferError> for Problem {
    fn from(error: TransferError) -> Self {
        let invalid = |member| Self::of(ProblemKind::InvalidValue, error).at(Place::member(member));
        let kind = match error {
            TransferError::SameAccount => return invalid("to"),
            TransferError::AmountNotPositive { .. } => return invalid("amount"),
            TransferError::CurrencyMismatch { .. } => return invalid("currency"),
            TransferError::AccountFrozen { .. } | TransferError::AccountClosed { .. } => {
                ProblemKind::AccountState
            }
            TransferError::InsufficientFunds { .. } => ProblemKind::InsufficientFunds,
            TransferError::BalanceOverflow { .. } => ProblemKind::BalanceOverflow,
            TransferError::UnknownAccount { .. } => ProblemKind::UnknownAccount,
        };
        Self::of(kind, error)
    }
}

impl From<AccountServiceError> for Problem {
    fn from(error: AccountServiceError) -> Self {
        match error {
            AccountServiceError::Account(error) => error.into(),
            AccountServiceError::OtherOwner => access::beyond(error).at(Place::member("owner")),
            AccountServiceError::Stale { .. } => {
                Self::of(ProblemKind::Stale, error).at(Place::header("If-Match"))
            }
            AccountServiceError::Database(error) => error.into(),
        }
    }
}

impl From<TransferServiceError> for Problem {
    fn from(error: TransferServiceError) -> Self {
        match error {
            TransferServiceError::Transfer(error) => error.into(),
            TransferServiceError::Account(error) => error.into(),
            TransferServiceError::Idempotency(error) => error.into(),
            TransferServiceError::Database(error) => error.into(),
        }
    }
}
// sample: end
