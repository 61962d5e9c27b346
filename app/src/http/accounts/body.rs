//! Accounts in bodies.

use chrono::{DateTime, Utc};
use domain::{Account, Currency, Money, Owner};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::members::{FromMembers, Members},
    services::NewAccount,
};

/// What an account is opened with.
#[derive(ToSchema)]
pub(super) struct OpenAccount {
    #[schema(value_type = String)]
    owner: Owner,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(minimum = 0)]
    opening_balance: i64,
}

/// What of an account is changed.
#[derive(ToSchema)]
pub(super) struct ChangeAccount {
    #[schema(value_type = String)]
    pub(super) owner: Owner,
}

/// An account.
#[derive(Serialize)]
pub(super) struct AccountBody {
    id: Uuid,
    owner: String,
    currency: &'static str,
    balance: i64,
    status: &'static str,
    version: i64,
    created_at: DateTime<Utc>,
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
