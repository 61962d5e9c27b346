//! Transfers that the domain allows, one after the other.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Account, Money, Transfer, TransferId};
use fake::rand::{RngExt as _, rngs::StdRng};

use super::book::id;

/// All transfers of a chunk happen within this time after its last opening.
const SPAN_SECONDS: i64 = 90 * 24 * 3600;

/// Moves money between accounts of one currency. The accounts are changed by the domain, and
/// never hold less than nothing.
pub(super) struct History {
    rng: StdRng,
    accounts: Vec<(Account, i64)>,
    /// Accounts by currency, where there are at least two of one; by their places.
    groups: Vec<Vec<usize>>,
    now: DateTime<Utc>,
    step: TimeDelta,
    left: u64,
}

impl History {
    pub(super) fn new(
        rng: StdRng,
        accounts: Vec<Account>,
        begin: DateTime<Utc>,
        transfers: u64,
    ) -> Self {
        let mut groups = BTreeMap::<_, Vec<usize>>::new();
        for (place, account) in accounts.iter().enumerate() {
            // Half of those that were opened with nothing are never used.
            if account.balance().is_zero() && place.is_multiple_of(2) {
                continue;
            }
            groups.entry(account.currency()).or_default().push(place);
        }
        let has_money = |group: &Vec<usize>| {
            let mut accounts = group.iter().filter_map(|place| accounts.get(*place));
            accounts.any(|account| !account.balance().is_zero())
        };
        let groups = groups.into_values();
        let groups = groups.filter(|group| group.len() > 1 && has_money(group));
        let millis = SPAN_SECONDS * 1_000;
        let step = millis / i64::try_from(transfers.max(1)).unwrap_or(millis);
        Self {
            rng,
            groups: groups.collect(),
            accounts: accounts.into_iter().map(|account| (account, 0)).collect(),
            now: begin + TimeDelta::minutes(2),
            step: TimeDelta::milliseconds(step),
            left: transfers,
        }
    }

    /// The accounts, and how often each was changed.
    pub(super) fn into_accounts(self) -> Vec<(Account, i64)> {
        self.accounts
    }

    /// Two accounts of one currency, the first of which has money.
    fn pair(&mut self) -> Option<(usize, usize)> {
        // The larger a group, the more often it is taken.
        let all: usize = self.groups.iter().map(Vec::len).sum();
        let mut drawn = self.rng.random_range(0..all.max(1));
        let group = self.groups.iter().find(|group| {
            let is_here = drawn < group.len();
            drawn = drawn.saturating_sub(group.len());
            is_here
        })?;
        let has_money = |place: usize| {
            let account = self.accounts.get(place);
            account.is_some_and(|(account, _)| !account.balance().is_zero())
        };
        // Whoever comes next in the circle has some, if the one that was drawn has not.
        let drawn = self.rng.random_range(0..group.len());
        let circle = group.iter().enumerate().cycle().skip(drawn);
        let mut circle = circle.take(group.len());
        let (index, from) = circle.find(|(_, place)| has_money(**place))?;
        let distance = self.rng.random_range(1..group.len());
        let to = group.get((index + distance) % group.len())?;
        Some((*from, *to))
    }

    /// A part of what the account has: mostly small, seldom all of it.
    fn amount(&mut self, account: &Account) -> Money {
        let balance = account.balance().minor();
        let most = match self.rng.random_range(0..100) {
            0 => balance,
            1..20 => balance / 4,
            _ => balance / 50,
        };
        Money::new(self.rng.random_range(1..=most.max(1)), account.currency())
    }
}

impl Iterator for History {
    type Item = Transfer;

    fn next(&mut self) -> Option<Transfer> {
        self.left = self.left.checked_sub(1)?;
        let (from, to) = self.pair()?;
        let (mut source, debits) = self.accounts.get(from).cloned()?;
        let (mut target, credits) = self.accounts.get(to).cloned()?;
        let amount = self.amount(&source);
        let now = self.now;
        self.now += self.step;
        let id = TransferId::new(id(&mut self.rng, now));
        let transfer = source.transfer_to(&mut target, id, amount, now).ok()?;
        *self.accounts.get_mut(from)? = (source, debits + 1);
        *self.accounts.get_mut(to)? = (target, credits + 1);
        Some(transfer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{Account, AccountId, Currency};

    use super::super::book::Book;

    fn sums(accounts: &[Account]) -> BTreeMap<Currency, i64> {
        let mut sums = BTreeMap::new();
        for account in accounts {
            *sums.entry(account.currency()).or_default() += account.balance().minor();
        }
        sums
    }

    #[test]
    fn transfers_are_as_many_as_asked_for_and_keep_the_sums() {
        for (accounts, transfers) in [(2, 50), (3, 1_000), (400, 2_000)] {
            let book = Book::new([7, accounts, transfers, 0], accounts, 0, 1);
            let (before, after) = (book.after(0), book.after(transfers));
            assert_eq!(before.len() as u64, accounts);
            assert_eq!(book.history(transfers).count() as u64, transfers);
            assert_eq!(sums(&before), sums(&after));
            assert_ne!(before, after);
        }
    }

    #[test]
    fn the_balances_are_what_the_transfers_have_made_of_them() {
        let book = Book::new([7, 0, 0, 0], 300, 0, 1);
        let mut balances: BTreeMap<AccountId, i64> = BTreeMap::new();
        for account in book.history(0).into_accounts() {
            balances.insert(account.0.id(), account.0.balance().minor());
        }
        let mut last = None;
        for transfer in book.history(3_000) {
            let minor = transfer.amount().minor();
            *balances.get_mut(&transfer.from()).unwrap() -= minor;
            *balances.get_mut(&transfer.to()).unwrap() += minor;
            assert!(balances[&transfer.from()] >= 0);
            assert!(last <= Some(transfer.created_at()));
            last = Some(transfer.created_at());
        }
        for account in book.after(3_000) {
            assert_eq!(balances[&account.id()], account.balance().minor());
        }
    }

    #[test]
    fn the_data_is_varied() {
        let accounts = Book::new([7, 0, 0, 0], 1_000, 0, 1).after(3_000);
        assert!(sums(&accounts).len() >= 5, "currencies");
        for status in ["active", "frozen", "closed"] {
            let is = |account: &&Account| account.status().as_str() == status;
            assert!(accounts.iter().any(|account| is(&account)), "{status}");
        }
        let mut owners: Vec<_> = accounts.iter().map(Account::owner).collect();
        owners.sort();
        owners.dedup();
        assert!((500..1_000).contains(&owners.len()), "{}", owners.len());
    }
}
