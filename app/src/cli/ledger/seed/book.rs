//! Accounts that somebody might have: names, currencies and balances.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Account, AccountId, AccountSnapshot, Currency, Money, Owner, Version};
use fake::{
    Fake as _,
    faker::name::en::Name,
    rand::{RngExt as _, SeedableRng as _, rngs::StdRng},
};
use uuid::Builder;

use super::history::History;

/// Currencies, and how often of a hundred each is taken. The first one takes the rest.
const CURRENCIES: [(&str, u32); 7] = [
    ("EUR", 100),
    ("USD", 24),
    ("GBP", 14),
    ("CHF", 7),
    ("JPY", 7),
    ("SEK", 5),
    ("PLN", 4),
];

/// The first account of all is opened at this moment: it does not depend on the day, so that the same
/// numbers make the same data.
const BEGIN: i64 = 1_704_067_200; // 2024-01-01
const OPENINGS: i64 = 365 * 24 * 3600;

/// The accounts of one chunk as they were opened, and all that follows from them.
pub(super) struct Book {
    seed: [u64; 4],
    opened: Vec<Account>,
}

impl Book {
    /// The accounts that these numbers stand for, opened in this part of the year: chunk after
    /// chunk, ids grow with time, and the database adds at the ends of its indexes.
    pub(super) fn new(seed: [u64; 4], accounts: u64, part: u64, of: u64) -> Self {
        let mut rng = random(seed, 0);
        let mut opened: Vec<Account> = Vec::new();
        let seconds = OPENINGS / i64::try_from(of.max(1)).unwrap_or(OPENINGS);
        let begin = BEGIN + seconds * i64::try_from(part).unwrap_or(0);
        for number in 0..accounts {
            let last = opened.last().map(Account::owner).cloned();
            let share = i128::from(seconds) * i128::from(number) / i128::from(accounts);
            let now = at(begin + i64::try_from(share).unwrap_or(0));
            opened.extend(open(&mut rng, number, now, last));
        }
        Self { seed, opened }
    }

    /// So many transfers between them, one after the other.
    pub(super) fn history(&self, transfers: u64) -> History {
        let end = self.opened.last().map_or(at(BEGIN), Account::created_at);
        History::new(random(self.seed, 1), self.opened.clone(), end, transfers)
    }

    /// The accounts after their transfers: some of them have been frozen, and some of those
    /// that never held anything were closed.
    pub(super) fn after(&self, transfers: u64) -> Vec<Account> {
        let mut history = self.history(transfers);
        history.by_ref().for_each(drop);
        let mut rng = random(self.seed, 2);
        let accounts = history.into_accounts().into_iter();
        accounts
            .map(|(account, changes)| ended(&mut rng, account, changes))
            .collect()
    }
}

/// An independent stream of random numbers for each purpose.
fn random(seed: [u64; 4], purpose: u8) -> StdRng {
    let mut bytes = [0; 32];
    for (place, number) in bytes.chunks_mut(8).zip(seed) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    // Numbers as high as this differ in no other way.
    bytes[31] ^= purpose;
    StdRng::from_seed(bytes)
}

/// Opens an account. `None` only if the domain refused a name.
fn open(rng: &mut StdRng, number: u64, now: DateTime<Utc>, last: Option<Owner>) -> Option<Account> {
    let now = now + TimeDelta::milliseconds(rng.random_range(0..60_000));
    let second_account = rng.random_range(0..100) < 15;
    let owner = match last {
        Some(last) if second_account => last,
        _ => Owner::new(Name().fake_with_rng::<String, _>(rng)).ok()?,
    };
    // The first two can always pay each other, however few there are.
    let currency = Currency::new(if number < 2 { "EUR" } else { code(rng) }).ok()?;
    let balance = match number {
        0 => balance(rng, currency),
        _ if rng.random_range(0..100) < 4 => 0,
        _ => balance(rng, currency),
    };
    let id = AccountId::new(id(rng, now));
    Account::open(id, owner, Money::new(balance, currency), now).ok()
}

fn code(rng: &mut StdRng) -> &'static str {
    let mut drawn = rng.random_range(0..100);
    let [(usual, _), rarer @ ..] = CURRENCIES;
    for (code, share) in rarer {
        if drawn < share {
            return code;
        }
        drawn -= share;
    }
    usual
}

/// Most have little and a few have much: from 10 to 100,000 of the currency, a yen being a
/// hundredth of what the others are.
fn balance(rng: &mut StdRng, currency: Currency) -> i64 {
    let most = 10_i64.pow(rng.random_range(2..=5));
    let major = rng.random_range(most / 10..=most);
    let minor = rng.random_range(0..100);
    match currency.minor_units() {
        0 => major * 100 + minor,
        digits => major * 10_i64.pow(digits.into()) + minor,
    }
}

/// What became of an account; its version counts how often it would have been stored.
fn ended(rng: &mut StdRng, account: Account, changes: i64) -> Account {
    let drawn = rng.random_range(0..100);
    let later = account.updated_at() + TimeDelta::days(1);
    let never_used = changes == 0 && account.balance().is_zero();
    let (ended, changes) = match drawn {
        0..2 => (account.clone().freeze(later), changes + 1),
        2..50 if never_used => (account.clone().close(later), changes + 1),
        _ => (Ok(account.clone()), changes),
    };
    let ended = ended.unwrap_or_else(|_| account.clone());
    let version = Version::new(changes.saturating_add(1)).unwrap_or(Version::FIRST);
    let snapshot = AccountSnapshot {
        id: ended.id(),
        owner: ended.owner().clone(),
        balance: ended.balance(),
        status: ended.status(),
        version,
        created_at: ended.created_at(),
        updated_at: ended.updated_at(),
    };
    Account::restore(snapshot).unwrap_or(account)
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap_or_default()
}

/// A UUID of version 7, as of this moment.
pub(super) fn id(rng: &mut StdRng, now: DateTime<Utc>) -> uuid::Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &rng.random()).into_uuid()
}
