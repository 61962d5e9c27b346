//! The statements, as SeaORM writes them: who writes SQL by hand sends the same.

use super::operation::Operation;

pub(crate) const READ: &str = r#"SELECT "wallets"."id", "wallets"."branch", "wallets"."owner", "wallets"."balance", "wallets"."version" FROM "wallets" WHERE "wallets"."id" = $1 LIMIT $2"#;

pub(crate) const LIST: &str = r#"SELECT "wallets"."id", "wallets"."branch", "wallets"."owner", "wallets"."balance", "wallets"."version" FROM "wallets" WHERE "wallets"."branch" = $1 AND "wallets"."balance" >= $2 ORDER BY "wallets"."owner" ASC, "wallets"."id" ASC LIMIT $3"#;

pub(crate) const LOCK: &str = r#"SELECT "wallets"."id", "wallets"."branch", "wallets"."owner", "wallets"."balance", "wallets"."version" FROM "wallets" WHERE "wallets"."id" = $1 LIMIT $2 FOR NO KEY UPDATE"#;

pub(crate) const UPDATE: &str = r#"UPDATE "wallets" SET "balance" = $1, "version" = "version" + $2 WHERE "wallets"."id" = $3 AND "wallets"."version" = $4 RETURNING "id", "branch", "owner", "balance", "version""#;

pub(crate) const INSERT: &str = r#"INSERT INTO "entries" ("wallet_id", "amount", "memo") VALUES ($1, $2, $3) RETURNING "id", "wallet_id", "amount", "memo""#;

/// What an operation that is one statement sends.
pub(crate) const fn of(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::Read => Some(READ),
        Operation::List => Some(LIST),
        Operation::Insert => Some(INSERT),
        Operation::Update => Some(UPDATE),
        Operation::Transfer => None,
    }
}

/// The step by which a version grows: the second parameter of `UPDATE`.
pub(crate) const STEP: i64 = 1;

/// How many rows a key finds: the second parameter of `READ` and `LOCK`.
pub(crate) const ONE: i64 = 1;
