// sample: file

//! The schema refuses what the domain refuses, whoever asks, on both databases by the same names.

use super::Empty;

const ONE: &str = "00000000-0000-7000-8000-000000000001";
const OTHER: &str = "00000000-0000-7000-8000-000000000002";

/// An insertion of an account that is right but for these values: `balance = -1, ..`.
pub(super) fn account(changes: &str) -> String {
    insertion(
        "accounts",
        &format!(
            "id = '{ONE}'; owner = 'Ada'; currency = 'EUR'; balance = 0; status = 'active'; \
             version = 1; created_at = '2026-01-01T00:00:00+00:00'; \
             updated_at = '2026-01-01T00:00:00+00:00'"
        ),
        changes,
    )
}

fn transfer(changes: &str) -> String {
    insertion(
        "transfers",
        &format!(
            "id = '{ONE}'; from_account_id = '{ONE}'; to_account_id = '{OTHER}'; amount = 1; \
             currency = 'EUR'; created_at = '2026-01-01T00:00:00+00:00'"
        ),
        changes,
    )
}

/// The later of two values for a column counts.
fn insertion(table: &str, usual: &str, changes: &str) -> String {
    let mut values = std::collections::BTreeMap::new();
    for pair in usual.split("; ").chain(changes.split("; ")) {
        if let Some((column, value)) = pair.split_once(" = ") {
            values.insert(column, value);
        }
    }
    let columns: Vec<_> = values.keys().copied().collect();
    let values: Vec<_> = values.values().copied().collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    format!("INSERT INTO {table} ({columns}) VALUES ({values})")
}

async fn both() -> [Empty; 2] {
    let both = Empty::both().await;
    for empty in &both {
        migration::migrate_url(&empty.url()).await.unwrap();
    }
    both
}

async fn refused(empty: &Empty, sql: &str, constraint: &str) {
    let refusal = empty.execute(sql).await.err().unwrap_or_default();
    assert!(refusal.contains(constraint), "{sql}\n{refusal:?}");
}

#[tokio::test]
async fn a_wrong_account_is_refused_by_the_name_of_the_rule() {
    let long = format!("owner = '{}'", "é".repeat(201));
    for empty in both().await {
        for (changes, constraint) in [
            ("balance = -1", "accounts_balance_not_negative"),
            ("status = 'open'", "accounts_status_known"),
            ("status = 'Active'", "accounts_status_known"),
            ("currency = 'eur'", "accounts_currency_code"),
            ("currency = 'EU'", "accounts_currency_code"),
            ("currency = 'EURO'", "accounts_currency_code"),
            ("currency = 'EU1'", "accounts_currency_code"),
            ("balance = 1; status = 'closed'", "accounts_closed_is_empty"),
            ("version = 0", "accounts_version_positive"),
            ("owner = ''", "accounts_owner_length"),
            (&long, "accounts_owner_length"),
        ] {
            refused(&empty, &account(changes), constraint).await;
        }
    }
}

#[tokio::test]
async fn a_right_account_is_taken_up_to_the_limits() {
    let longest = format!("owner = '{}'", "é".repeat(200));
    for empty in both().await {
        for changes in [
            "balance = 9223372036854775807",
            "status = 'frozen'; balance = 1",
            "status = 'closed'; deleted_at = '2026-01-01T00:00:00+00:00'",
            &longest,
        ] {
            empty.execute(&account(changes)).await.unwrap();
            empty.execute("DELETE FROM accounts").await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_an_account_must_have_is_never_null() {
    for empty in both().await {
        for column in ["id", "owner", "currency", "balance", "status", "version"] {
            let sql = account(&format!("{column} = NULL"));
            assert!(empty.execute(&sql).await.is_err(), "{sql}");
        }
        empty.execute(&account("")).await.unwrap();
        assert!(empty.execute(&account("")).await.is_err(), "twice one id");
    }
}

#[tokio::test]
async fn a_wrong_transfer_is_refused_by_the_name_of_the_rule() {
    let to_itself = format!("to_account_id = '{ONE}'");
    for empty in both().await {
        empty.execute(&account("")).await.unwrap();
        let other = account(&format!("id = '{OTHER}'"));
        empty.execute(&other).await.unwrap();
        for (changes, constraint) in [
            ("amount = 0", "transfers_amount_positive"),
            ("amount = -1", "transfers_amount_positive"),
            ("currency = 'eur'", "transfers_currency_code"),
            (&to_itself, "transfers_between_two_accounts"),
        ] {
            refused(&empty, &transfer(changes), constraint).await;
        }
        empty.execute(&transfer("")).await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_idempotency_key_is_refused_by_the_name_of_the_rule() {
    let digest = "0".repeat(64);
    let usual = format!(
        "caller = ''; key = 'k'; fingerprint = '{digest}'; result = '{ONE}'; \
         created_at = '2026-01-01T00:00:00+00:00'; expires_at = '2026-01-02T00:00:00+00:00'"
    );
    let (long, longest) = (
        format!("key = '{}'", "k".repeat(256)),
        format!("key = '{}'", "k".repeat(255)),
    );
    for empty in both().await {
        for (changes, constraint) in [
            ("key = ''", "idempotency_keys_key_length"),
            (&long, "idempotency_keys_key_length"),
            ("fingerprint = '0'", "idempotency_keys_fingerprint_length"),
        ] {
            let sql = insertion("idempotency_keys", &usual, changes);
            refused(&empty, &sql, constraint).await;
        }
        for changes in ["", &longest, "caller = 'ada'"] {
            let sql = insertion("idempotency_keys", &usual, changes);
            empty.execute(&sql).await.unwrap();
            assert!(empty.execute(&sql).await.is_err(), "twice: {sql}");
        }
    }
}

#[tokio::test]
async fn a_transfer_needs_both_of_its_accounts_for_ever() {
    for empty in both().await {
        let named = |name| match empty {
            Empty::Postgres(_) => name,
            // SQLite does not say which one it was.
            Empty::Sqlite(_) => "FOREIGN KEY constraint failed",
        };
        empty.execute(&account("")).await.unwrap();
        let to = named("transfers_to_account_fkey");
        refused(&empty, &transfer(""), to).await;

        let other = account(&format!("id = '{OTHER}'"));
        empty.execute(&other).await.unwrap();
        empty.execute(&transfer("")).await.unwrap();
        let deletion = format!("DELETE FROM accounts WHERE id = '{ONE}'");
        refused(&empty, &deletion, named("transfers_from_account_fkey")).await;
    }
}

/// Foreign keys aside: sea-query does not name them on SQLite, which would not tell the name.
#[tokio::test]
async fn every_check_and_index_has_the_same_name_on_both() {
    let [postgres, sqlite] = both().await;
    let names = postgres
        .column(
            "SELECT conname::text FROM pg_constraint
             WHERE conrelid::regclass::text IN ('accounts', 'transfers', 'idempotency_keys')
             AND contype IN ('c', 'p')
             UNION SELECT indexname::text FROM pg_indexes
             WHERE tablename IN ('accounts', 'transfers', 'idempotency_keys')",
        )
        .await;
    let definitions = sqlite.schema().await.concat();

    assert_eq!(names.len(), 21, "{names:?}");
    for name in names {
        assert!(definitions.contains(&format!("\"{name}\"")), "{name}");
    }
}
