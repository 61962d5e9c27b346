//! Accounts. What the domain promises about them, the schema holds everybody to.

use sea_orm_migration::prelude::*;

use crate::ledger::{currency_check, named};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden, Clone, Copy)]
enum Accounts {
    Table,
    Id,
    Owner,
    Currency,
    Balance,
    Status,
    Version,
    CreatedAt,
    UpdatedAt,
    DeletedAt,
    CreatedBy,
    UpdatedBy,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table(manager)).await?;
        for index in [
            listed_by("accounts_created_at_idx", None),
            listed_by("accounts_owner_idx", Some(Accounts::Owner)),
            listed_by("accounts_currency_idx", Some(Accounts::Currency)),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut drop = Table::drop();
        manager.drop_table(drop.table(Accounts::Table).take()).await
    }
}

fn table(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let timestamp = |column| {
        let mut column = ColumnDef::new(column);
        column.timestamp_with_time_zone().take()
    };
    let mut table = Table::create();
    table
        .table(Accounts::Table)
        .col(ColumnDef::new(Accounts::Id).uuid().not_null())
        .col(ColumnDef::new(Accounts::Owner).text().not_null())
        .col(ColumnDef::new(Accounts::Currency).text().not_null())
        .col(ColumnDef::new(Accounts::Balance).big_integer().not_null())
        .col(ColumnDef::new(Accounts::Status).text().not_null())
        .col(ColumnDef::new(Accounts::Version).big_integer().not_null())
        .col(timestamp(Accounts::CreatedAt).not_null())
        .col(timestamp(Accounts::UpdatedAt).not_null())
        .col(timestamp(Accounts::DeletedAt))
        .col(ColumnDef::new(Accounts::CreatedBy).text())
        .col(ColumnDef::new(Accounts::UpdatedBy).text())
        .primary_key(Index::create().name("accounts_pkey").col(Accounts::Id))
        .check(currency_check(manager, "accounts_currency_code"));
    for check in checks() {
        table.check(check);
    }
    table
}

fn checks() -> [Check; 5] {
    let column = |column: Accounts| Expr::col(column);
    let owner_length = Expr::expr(Func::char_length(column(Accounts::Owner)));
    let is_closed = column(Accounts::Status).eq("closed");
    [
        named("accounts_owner_length", owner_length.between(1, 200)),
        named(
            "accounts_balance_not_negative",
            column(Accounts::Balance).gte(0),
        ),
        named(
            "accounts_status_known",
            column(Accounts::Status).is_in(["active", "frozen", "closed"]),
        ),
        named(
            "accounts_closed_is_empty",
            is_closed.not().or(column(Accounts::Balance).eq(0)),
        ),
        named(
            "accounts_version_positive",
            column(Accounts::Version).gte(1),
        ),
    ]
}

/// Lists show the newest first, without what is deleted.
fn listed_by(name: &str, filter: Option<Accounts>) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(Accounts::Table);
    if let Some(column) = filter {
        index.col(column);
    }
    index
        .col((Accounts::CreatedAt, IndexOrder::Desc))
        .col((Accounts::Id, IndexOrder::Desc))
        .cond_where(Expr::col(Accounts::DeletedAt).is_null())
        .take()
}
