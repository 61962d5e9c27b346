//! Accounts in bodies.

use chrono::{DateTime, Utc};
use domain::{Account, Currency, Money, Owner};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        ledger_schemas::{CurrencyCode, GivenOwnerName, OwnerName, StatusName},
        members::{FromMembers, Members},
        timestamp,
    },
    services::NewAccount,
};

/// What an account is opened with.
#[derive(ToSchema)]
pub(super) struct OpenAccount {
    #[schema(value_type = GivenOwnerName)]
    owner: Owner,
    #[schema(value_type = CurrencyCode)]
    currency: Currency,
    /// In minor units: 10000 is 100.00 EUR.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    opening_balance: i64,
}

/// What of an account is changed.
#[derive(ToSchema)]
pub(super) struct ChangeAccount {
    #[schema(value_type = GivenOwnerName)]
    pub(super) owner: Owner,
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account, example = json!({
    "id": "019a0000-0000-7000-8000-000000000001",
    "owner": "Ada Lovelace",
    "currency": "EUR",
    "balance": 10000,
    "status": "active",
    "version": 1,
    "created_at": "2026-01-01T12:00:00Z",
    "updated_at": "2026-01-01T12:00:00Z",
}))]
pub(super) struct AccountBody {
    id: Uuid,
    #[schema(value_type = OwnerName)]
    owner: String,
    #[schema(value_type = CurrencyCode)]
    currency: &'static str,
    /// In minor units: 10000 is 100.00 EUR.
    #[schema(minimum = 0)]
    balance: i64,
    #[schema(value_type = StatusName)]
    status: &'static str,
    /// Grows by one with each change. It is the account's entity tag, too.
    #[schema(minimum = 1)]
    version: i64,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
}

impl FromMembers for OpenAccount {
    fn read(members: &mut Members) -> Option<Self> {
        let owner = members.text("owner", |name| Owner::new(name));
        let currency = members.text("currency", Currency::new);
        let opening_balance = members.whole_number("opening_balance", 0..=i64::MAX);
        Some(Self {
            owner: owner?,
            currency: currency?,
            opening_balance: opening_balance?,
        })
    }
}

impl FromMembers for ChangeAccount {
    fn read(members: &mut Members) -> Option<Self> {
        let owner = members.text("owner", |name| Owner::new(name))?;
        Some(Self { owner })
    }
}

impl From<OpenAccount> for NewAccount {
    fn from(body: OpenAccount) -> Self {
        Self {
            owner: body.owner,
            opening_balance: Money::new(body.opening_balance, body.currency),
        }
    }
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id().as_uuid(),
            owner: account.owner().to_string(),
            currency: account.currency().code(),
            balance: account.balance().minor(),
            status: account.status().as_str(),
            version: account.version().get(),
            created_at: account.created_at(),
            updated_at: account.updated_at(),
        }
    }
}
