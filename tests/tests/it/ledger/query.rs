//! Filters, orders and pages of any kind: every database answers what the ports in memory do.

use domain::{Account, AccountStatus};
use ports::{
    AccountField::{self, Balance, CreatedAt, Currency, Id, Owner, Status, UpdatedAt},
    Condition, DatabaseError, Direction, Filter, PageRequest, Sort, Value,
};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{TestCaseError, TestRunner},
};

use super::{TestLedger, account, second};

/// Queries of each run: each is asked of three ledgers, page by page.
const CASES: u32 = 150;

#[derive(Clone, Debug)]
struct Query {
    filters: Vec<Filter<AccountField>>,
    sort: Vec<Sort<AccountField>>,
    limit: u64,
    number: u64,
}

/// What comes of a query: the pages that cursors lead through, a page by its number with the
/// total, and the count. `Err` when it is refused.
#[derive(Debug, PartialEq)]
struct Answer {
    walked: Vec<Vec<Account>>,
    numbered: (Vec<Account>, Option<u64>),
    count: u64,
}

#[test]
fn every_database_answers_any_query_as_the_ledger_in_memory_does() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ledgers = runtime.block_on(async {
        let ledgers = [
            TestLedger::memory(),
            TestLedger::postgres().await,
            TestLedger::sqlite().await,
        ];
        for ledger in &ledgers {
            ledger.accounts.add_many(&accounts()).await.unwrap();
        }
        ledgers
    });
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    let mut runner = TestRunner::new(config);
    let asked = runner.run(&query(), |query| {
        runtime.block_on(async {
            let expected = ask(&ledgers[0], &query).await?;
            for (ledger, name) in ledgers[1..].iter().zip(["PostgreSQL", "SQLite"]) {
                let answer = ask(ledger, &query).await?;
                prop_assert_eq!(&answer, &expected, "{}", name);
            }
            Ok(())
        })
    });
    asked.unwrap_or_else(|error| panic!("{error}"));
}

async fn ask(ledger: &TestLedger, query: &Query) -> Result<Option<Answer>, TestCaseError> {
    let list = async |page: PageRequest| {
        let found = ledger.accounts.list(&query.filters, &query.sort, &page);
        found.await
    };
    let mut walked = Vec::new();
    let mut page = PageRequest::first(query.limit).unwrap();
    loop {
        let found = match list(page).await {
            Ok(found) => found,
            Err(DatabaseError::InvalidQuery(_)) if walked.is_empty() => return Ok(None),
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        walked.push(found.items);
        let Some(next) = found.next else { break };
        page = PageRequest::after(next, query.limit).unwrap();
    }
    let failed = |error| TestCaseError::fail(format!("{error:?}"));
    let numbered = PageRequest::number(query.number, query.limit).unwrap();
    let numbered = list(numbered).await.map_err(failed)?;
    let count = ledger
        .accounts
        .count(&query.filters)
        .await
        .map_err(failed)?;
    Ok(Some(Answer {
        walked,
        numbered: (numbered.items, numbered.total),
        count,
    }))
}

/// Names that patterns and collations could take for something else.
const OWNERS: [&str; 10] = [
    "Ada", "ada", "Äda", "A_a", "A%a", r"A\a", "a b", "Zoë", "z'\"", "B",
];

fn accounts() -> Vec<Account> {
    (0..40_u32)
        .map(|number| {
            let owner = OWNERS[number as usize % OWNERS.len()];
            // Moments that several accounts share, and balances, too.
            let mut account = account(number, owner, i64::from(number % 7) * 100);
            if number % 5 == 0 {
                account = account.freeze(second(number / 3)).unwrap();
            }
            account
        })
        .collect()
}

fn query() -> impl Strategy<Value = Query> {
    let filters = prop::collection::vec((field(), condition()), 0..3);
    let fields = vec![Id, Owner, Currency, Balance, Status, CreatedAt, UpdatedAt];
    let sort = prop::sample::subsequence(fields, 0..=3).prop_shuffle();
    (filters, sort, any::<[bool; 3]>(), 1..15_u64, 1..4_u64).prop_map(
        |(filters, sort, up, limit, number)| Query {
            filters: filters
                .into_iter()
                .map(|(field, condition)| Filter::new(field, condition))
                .collect(),
            sort: sort
                .into_iter()
                .zip(up)
                .map(|(field, up)| Sort {
                    field,
                    direction: if up {
                        Direction::Ascending
                    } else {
                        Direction::Descending
                    },
                })
                .collect(),
            limit,
            number,
        },
    )
}

fn field() -> impl Strategy<Value = AccountField> {
    select(vec![
        Id, Owner, Currency, Balance, Status, CreatedAt, UpdatedAt,
    ])
}

fn value() -> impl Strategy<Value = Value> {
    let text = select([&OWNERS[..], &["EUR", "active", "frozen", "", "é"]].concat());
    prop_oneof![
        4 => text.prop_map(Value::from),
        3 => (-100..800_i64).prop_map(Value::from),
        3 => (0..45_u32).prop_map(|number| Value::from(super::account_id(number).as_uuid())),
        3 => (0..45_u32).prop_map(|number| Value::from(second(number))),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => (0..45_u32).prop_map(|number| Value::from(super::account_id(number).to_string())),
        1 => (0..45_u32).prop_map(|number| Value::from(second(number).to_rfc3339())),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let list = || prop::collection::vec(value(), 0..4);
    // In either case only ASCII letters are the same on every database.
    let pattern = "[A-Za-z%_ ]{0,4}|[%][a-z\\\\%_\\\\\\\\]{1,3}";
    let text = "[A-Za-zäë%_\\\\\\\\ ]{0,3}";
    prop_oneof![
        3 => value().prop_map(Condition::Equal),
        2 => value().prop_map(Condition::NotEqual),
        2 => value().prop_map(Condition::LessThan),
        2 => value().prop_map(Condition::LessThanOrEqual),
        2 => value().prop_map(Condition::GreaterThan),
        2 => value().prop_map(Condition::GreaterThanOrEqual),
        1 => list().prop_map(Condition::InList),
        1 => list().prop_map(Condition::NotInList),
        2 => pattern.prop_map(Condition::Like),
        2 => pattern.prop_map(Condition::ILike),
        1 => text.prop_map(Condition::StartsWith),
        1 => text.prop_map(Condition::EndsWith),
        1 => text.prop_map(Condition::Contains),
        1 => Just(Condition::IsNull),
        1 => Just(Condition::IsNotNull),
    ]
}

#[test]
fn the_accounts_that_are_asked_for_are_of_all_kinds() {
    let accounts = accounts();
    let frozen = accounts
        .iter()
        .filter(|account| account.status() == AccountStatus::Frozen);
    assert_eq!((accounts.len(), frozen.count()), (40, 8));
}
