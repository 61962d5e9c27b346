//! What the tables of the ledger have in common. Released migrations use it: it stays as it is.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::DatabaseBackend,
    sea_query::{Alias, Check, Expr},
};

/// A currency is three upper-case letters. Patterns are all that the databases do not share:
/// ranges of letters depend on the collation where they are compared as texts.
pub(crate) fn currency_check(manager: &SchemaManager<'_>, name: &'static str) -> Check {
    let letters = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => r#""currency" GLOB '[A-Z][A-Z][A-Z]'"#,
        _ => r#""currency" ~ '^[A-Z]{3}$'"#,
    };
    named(name, Expr::cust(letters))
}

/// A check with a name: adapters turn the name into a failure of the domain.
pub(crate) fn named(name: &'static str, rule: Expr) -> Check {
    Check::named(Alias::new(name), rule)
}
