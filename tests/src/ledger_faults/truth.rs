//! What the database has, against what the clients know.

use std::sync::Mutex;

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, query_as, query_scalar};

use super::{
    book::{Fate, Order, lock},
    import::{ROWS, Told},
    place::{ACCOUNTS, EACH, Place},
    report::Imports,
};

/// What was found to be stored so far.
#[derive(Default)]
pub(super) struct Truth(Mutex<Stored>);

#[derive(Clone, Copy, Default)]
struct Stored {
    /// The greatest amount of an order that was looked at.
    amount: i64,
    transfers: i64,
    keys: i64,
}

/// What a round has come to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) acknowledged: usize,
    pub(super) refused: usize,
    pub(super) unclear: usize,
    /// How many of the unclear ones were carried out.
    pub(super) unclear_stored: usize,
    pub(super) imports: Imports,
}

type Row = (i64, String, String, String);

/// Compares, and adds what must not be to the findings. Nobody may be at work.
pub(super) async fn check(place: &Place) -> Counts {
    let before = *lock(&place.truth.0);
    let orders = place.book.take_orders();
    let mut session = place.database.connect().await;
    let rows: Vec<Row> = query_as(
        "SELECT amount, id::text, from_account_id::text, to_account_id::text \
         FROM transfers WHERE amount > $1 ORDER BY amount",
    )
    .bind(before.amount)
    .fetch_all(&mut session)
    .await
    .expect("the transfers of a round");

    let mut counts = Counts::default();
    for (order, fate) in orders.values() {
        let from = rows.partition_point(|row| row.0 < order.amount);
        let until = rows.partition_point(|row| row.0 <= order.amount);
        let stored = rows.get(from..until).unwrap_or_default();
        counts.count(fate, stored.len());
        if let Some(wrong) = wrong(place, order, fate, stored) {
            place.book.find(wrong);
        }
    }
    let unknown = rows.iter().filter(|row| !orders.contains_key(&row.0));
    for row in unknown {
        place.book.find(format!("nobody has ordered {row:?}"));
    }
    let keyed = rows.iter().filter_map(|row| orders.get(&row.0));
    let keyed = keyed.filter(|(order, _)| order.key.is_some()).count();
    let now = Stored {
        amount: orders.keys().next_back().copied().unwrap_or(before.amount),
        transfers: before.transfers + i64::try_from(rows.len()).unwrap_or(i64::MAX),
        keys: before.keys + i64::try_from(keyed).unwrap_or(i64::MAX),
    };
    check_sums(place, &mut session, now).await;
    counts.imports = check_imports(place, &mut session).await;
    *lock(&place.truth.0) = now;
    drop(session.close().await);
    counts
}

impl Counts {
    fn count(&mut self, fate: &Fate, stored: usize) {
        match fate {
            Fate::Stored(_) => self.acknowledged += 1,
            Fate::Refused => self.refused += 1,
            Fate::Unclear => {
                self.unclear += 1;
                self.unclear_stored += stored;
            }
        }
    }
}

/// What is wrong with an order, if something is.
fn wrong(place: &Place, order: &Order, fate: &Fate, stored: &[Row]) -> Option<String> {
    let told = match (fate, stored) {
        (Fate::Stored(id), [row]) if row.1 == *id => None,
        (Fate::Stored(_), []) => Some("was acknowledged, and is not there"),
        (Fate::Stored(_), [_]) => Some("was acknowledged, and is another transfer"),
        (Fate::Refused, [_, ..]) => Some("was refused, and carried out"),
        (_, [_, _, ..]) => Some("was carried out more than once"),
        (Fate::Unclear, _) if order.key.is_some() => Some("has a key, and is unclear for ever"),
        _ => None,
    };
    if let Some(told) = told {
        return Some(format!("{order:?} {told}: {fate:?}, {stored:?}"));
    }
    let ids = (place.accounts.get(order.from), place.accounts.get(order.to));
    let moved = stored.first()?;
    let right = ids == (Some(&moved.2), Some(&moved.3));
    (!right).then(|| format!("{order:?} has moved money elsewhere: {moved:?}"))
}

async fn check_sums(place: &Place, session: &mut PgConnection, now: Stored) {
    let ours = format!("id IN ('{}')", place.accounts.join("','"));
    let wrong_balances = format!(
        "SELECT count(*) FROM (SELECT id, balance, CASE WHEN owner = 'Client {ACCOUNTS}' \
         THEN 0 ELSE {EACH} END AS began FROM accounts WHERE {ours}) AS a \
         LEFT JOIN (SELECT to_account_id, sum(amount) AS amount FROM transfers GROUP BY 1) AS i \
         ON i.to_account_id = a.id \
         LEFT JOIN (SELECT from_account_id, sum(amount) AS amount FROM transfers GROUP BY 1) AS o \
         ON o.from_account_id = a.id \
         WHERE balance < 0 OR balance <> began + coalesce(i.amount, 0) - coalesce(o.amount, 0)"
    );
    let sum = format!("SELECT sum(balance)::bigint FROM accounts WHERE {ours}");
    let keys_of_nothing = "SELECT count(*) FROM idempotency_keys k \
         LEFT JOIN transfers t ON t.id = k.result \
         WHERE k.key IS DISTINCT FROM 'order-' || t.amount";
    let all = [
        (
            sum.as_str(),
            EACH * i64::try_from(ACCOUNTS).expect("a few"),
            "the sum of all balances",
        ),
        (
            &wrong_balances,
            0,
            "balances that their transfers do not explain",
        ),
        ("SELECT count(*) FROM transfers", now.transfers, "transfers"),
        (
            "SELECT count(*) FROM idempotency_keys",
            now.keys,
            "keys of what was carried out",
        ),
        (keys_of_nothing, 0, "keys of something else"),
    ];
    for (sql, expected, what) in all {
        let found: i64 = query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *session)
            .await
            .expect("a sum");
        if found != expected {
            place
                .book
                .find(format!("{what}: {found}, and not {expected}"));
        }
    }
}

/// All accounts of a file are there, or none.
async fn check_imports(place: &Place, session: &mut PgConnection) -> Imports {
    let mut imports = Imports::default();
    for (owner, told) in place.book.take_imports() {
        let count = query_scalar("SELECT count(*) FROM accounts WHERE owner = $1");
        let found: i64 = count
            .bind(&owner)
            .fetch_one(&mut *session)
            .await
            .expect("a count");
        let rows = i64::try_from(ROWS).expect("a few");
        let (count, right) = match told {
            Told::All => (&mut imports.all, found == rows),
            Told::None => (&mut imports.none, found == 0),
            Told::Unclear => (&mut imports.unclear, found == 0 || found == rows),
        };
        *count += 1;
        if !right {
            let finding = format!("{owner}: {found} of {ROWS} accounts, and was told {told:?}");
            place.book.find(finding);
        }
    }
    imports
}
