//! Accounts and amounts for the unit tests next door.

use std::error::Error;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Account, AccountId, AccountSnapshot, AccountStatus};
use crate::{Currency, Money, Owner, Version};

pub(super) type TestResult<T = ()> = Result<T, Box<dyn Error>>;

pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

pub(super) fn money(minor: i64, code: &str) -> TestResult<Money> {
    Ok(Money::new(minor, Currency::new(code)?))
}

/// An active account at its first version, as of `at(0)`.
pub(super) fn snapshot(id: u128, minor: i64, code: &str) -> TestResult<AccountSnapshot> {
    Ok(AccountSnapshot {
        id: AccountId::new(Uuid::from_u128(id)),
        owner: Owner::new("Ada Lovelace")?,
        balance: money(minor, code)?,
        status: AccountStatus::Active,
        version: Version::FIRST,
        created_at: at(0),
        updated_at: at(0),
    })
}

pub(super) fn account(id: u128, minor: i64, code: &str) -> TestResult<Account> {
    Ok(Account::restore(snapshot(id, minor, code)?)?)
}
