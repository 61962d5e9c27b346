//! What holds after any history of the ledger, and for any two amounts.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Account, AccountError, AccountId, AccountStatus, Currency, Money, MoneyError, Owner,
    TransferError, TransferId,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseResult;
use uuid::Uuid;

/// Something a client might try. The indexes pick accounts.
#[derive(Clone, Debug)]
enum Step {
    Transfer {
        from: Index,
        to: Index,
        amount: Money,
    },
    Freeze(Index),
    Unfreeze(Index),
    Close(Index),
    Rename(Index),
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_loses_money_or_goes_into_debt(
        mut accounts in accounts(),
        steps in prop::collection::vec(step(), 0..100),
    ) {
        let sums = sum_per_currency(&accounts);
        for (step, now) in steps.iter().zip(1..) {
            take(&mut accounts, step, at(now))?;
            for account in &accounts {
                prop_assert!(!account.balance().is_negative());
                let closed = account.status() == AccountStatus::Closed;
                prop_assert!(!closed || account.balance().is_zero());
            }
            prop_assert_eq!(&sum_per_currency(&accounts), &sums);
        }
    }

    #[test]
    fn sums_and_differences_are_exact_or_refused(
        left in any_minor(), right in any_minor(), currency in currency(),
    ) {
        let (a, b) = (Money::new(left, currency), Money::new(right, currency));
        let exact = |minor: i128| {
            i64::try_from(minor)
                .map(|minor| Money::new(minor, currency))
                .map_err(|_| MoneyError::Overflow)
        };
        prop_assert_eq!(a.checked_add(b), exact(i128::from(left) + i128::from(right)));
        prop_assert_eq!(a.checked_sub(b), exact(i128::from(left) - i128::from(right)));
    }

    #[test]
    fn an_amount_shows_all_of_its_digits(minor in any_minor(), currency in currency()) {
        let shown = Money::new(minor, currency).to_string();
        let (number, code) = shown.split_once(' ').unwrap_or_default();
        prop_assert_eq!(code, currency.code());
        prop_assert_eq!(number.replace('.', "").parse(), Ok(minor));
        let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        prop_assert_eq!(decimals, usize::from(currency.minor_units()));
    }

    #[test]
    fn any_text_is_refused_or_kept_as_it_was_trimmed(text in any::<String>()) {
        if let Ok(owner) = Owner::new(text.as_str()) {
            prop_assert_eq!(owner.as_str(), text.trim());
            prop_assert!((1..=Owner::MAX_CHARS).contains(&owner.as_str().chars().count()));
            prop_assert_eq!(Owner::new(owner.as_str()), Ok(owner));
        }
        if let Ok(currency) = Currency::new(&text) {
            prop_assert_eq!(currency.code(), text);
        }
    }
}

/// Takes one step on copies, as a service would, and keeps them only when it succeeded.
fn take(accounts: &mut [Account], step: &Step, now: DateTime<Utc>) -> TestCaseResult {
    match step {
        Step::Transfer { from, to, amount } => transfer(accounts, *from, *to, *amount, now),
        Step::Freeze(index) => change(accounts, *index, |account| account.freeze(now)),
        Step::Unfreeze(index) => change(accounts, *index, |account| account.unfreeze(now)),
        Step::Close(index) => change(accounts, *index, |account| account.close(now)),
        Step::Rename(index) => {
            let owner = Owner::new("Grace Hopper").map_err(|error| fail(&error))?;
            change(accounts, *index, |account| account.rename(owner, now))
        }
    }
}

fn transfer(
    accounts: &mut [Account],
    from: Index,
    to: Index,
    amount: Money,
    now: DateTime<Utc>,
) -> TestCaseResult {
    let (source_before, target_before) = (from.get(accounts).clone(), to.get(accounts).clone());
    let (mut source, mut target) = (source_before.clone(), target_before.clone());
    let id = TransferId::new(Uuid::from_u128(1));

    let result = source.transfer_to(&mut target, id, amount, now);

    prop_assert_eq!(
        result.err(),
        expected_refusal(&source_before, &target_before, amount)
    );
    if result.is_ok() {
        prop_assert_eq!((source.updated_at(), target.updated_at()), (now, now));
        prop_assert_eq!(source.version(), source_before.version());
        *from.get_mut(accounts) = source;
        *to.get_mut(accounts) = target;
    } else {
        prop_assert_eq!((source, target), (source_before, target_before));
    }
    Ok(())
}

/// The rules of a transfer once more, in wide integers and in their documented order.
fn expected_refusal(source: &Account, target: &Account, amount: Money) -> Option<TransferError> {
    let after = i128::from(target.balance().minor()) + i128::from(amount.minor());
    if source.id() == target.id() {
        return Some(TransferError::SameAccount);
    }
    if amount.minor() < 1 {
        return Some(TransferError::AmountNotPositive { amount });
    }
    let odd = [source, target]
        .into_iter()
        .find(|account| account.currency() != amount.currency());
    if let Some(odd) = odd {
        let (account, expected, given) = (odd.id(), odd.currency(), amount.currency());
        return Some(TransferError::CurrencyMismatch {
            account,
            expected,
            given,
        });
    }
    for account in [source, target] {
        match (account.status(), account.id()) {
            (AccountStatus::Active, _) => {}
            (AccountStatus::Frozen, account) => {
                return Some(TransferError::AccountFrozen { account });
            }
            (AccountStatus::Closed, account) => {
                return Some(TransferError::AccountClosed { account });
            }
        }
    }
    if source.balance().minor() < amount.minor() {
        let (account, balance) = (source.id(), source.balance());
        return Some(TransferError::InsufficientFunds {
            account,
            balance,
            amount,
        });
    }
    (after > i128::from(i64::MAX)).then_some(TransferError::BalanceOverflow {
        account: target.id(),
    })
}

fn change(
    accounts: &mut [Account],
    index: Index,
    change: impl FnOnce(Account) -> Result<Account, AccountError>,
) -> TestCaseResult {
    let slot = index.get_mut(accounts);
    let Ok(changed) = change(slot.clone()) else {
        return Ok(());
    };
    prop_assert_eq!(changed.balance(), slot.balance());
    prop_assert_eq!(changed.version(), slot.version());
    prop_assert_ne!(slot.status(), AccountStatus::Closed);
    *slot = changed;
    Ok(())
}

fn sum_per_currency(accounts: &[Account]) -> BTreeMap<Currency, i128> {
    let mut sums = BTreeMap::new();
    for account in accounts {
        *sums.entry(account.currency()).or_default() += i128::from(account.balance().minor());
    }
    sums
}

/// Three to eight accounts in up to two currencies, some empty and some nearly full.
fn accounts() -> impl Strategy<Value = Vec<Account>> {
    let minor = prop_oneof![
        4 => 0..1_000_i64,
        1 => Just(0),
        1 => i64::MAX - 1_000..=i64::MAX,
    ];
    prop::collection::vec((minor, ledger_currency()), 3..=8).prop_filter_map("valid", |balances| {
        (1..)
            .zip(balances)
            .map(|(id, (minor, currency))| open(id, Money::new(minor, currency)))
            .collect()
    })
}

fn open(id: u128, balance: Money) -> Option<Account> {
    let owner = Owner::new("Ada Lovelace").ok()?;
    Account::open(AccountId::new(Uuid::from_u128(id)), owner, balance, at(0)).ok()
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        16 => (index(), index(), amount())
            .prop_map(|(from, to, amount)| Step::Transfer { from, to, amount }),
        1 => index().prop_map(Step::Freeze),
        2 => index().prop_map(Step::Unfreeze),
        1 => index().prop_map(Step::Close),
        1 => index().prop_map(Step::Rename),
    ]
}

fn amount() -> impl Strategy<Value = Money> {
    let minor = prop_oneof![8 => 1..500_i64, 1 => -2..=1_i64, 1 => any_minor()];
    (minor, ledger_currency()).prop_map(|(minor, currency)| Money::new(minor, currency))
}

fn any_minor() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -1_000..1_000_i64,
        Just(i64::MIN),
        Just(i64::MAX)
    ]
}

fn ledger_currency() -> impl Strategy<Value = Currency> {
    prop_oneof![4 => listed(&["EUR"]), 1 => listed(&["USD"])]
}

fn currency() -> impl Strategy<Value = Currency> {
    listed(&["JPY", "EUR", "KWD", "CLF"])
}

fn listed(codes: &'static [&'static str]) -> impl Strategy<Value = Currency> {
    select(codes).prop_filter_map("listed", |code| Currency::new(code).ok())
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn fail(error: &dyn std::error::Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}
