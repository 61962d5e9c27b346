//! Transfers between accounts. They are only ever added.

use sea_orm_migration::prelude::*;

use crate::ledger::{currency_check, named};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden, Clone, Copy)]
enum Transfers {
    Table,
    Id,
    FromAccountId,
    ToAccountId,
    Amount,
    Currency,
    CreatedAt,
    CreatedBy,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table(manager)).await?;
        for index in [
            listed_by("transfers_created_at_idx", None),
            listed_by("transfers_from_account_idx", Some(Transfers::FromAccountId)),
            listed_by("transfers_to_account_idx", Some(Transfers::ToAccountId)),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut drop = Table::drop();
        manager
            .drop_table(drop.table(Transfers::Table).take())
            .await
    }
}

fn table(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let column = |column: Transfers| Expr::col(column);
    let two_accounts = column(Transfers::FromAccountId).ne(column(Transfers::ToAccountId));
    Table::create()
        .table(Transfers::Table)
        .col(ColumnDef::new(Transfers::Id).uuid().not_null())
        .col(ColumnDef::new(Transfers::FromAccountId).uuid().not_null())
        .col(ColumnDef::new(Transfers::ToAccountId).uuid().not_null())
        .col(ColumnDef::new(Transfers::Amount).big_integer().not_null())
        .col(ColumnDef::new(Transfers::Currency).text().not_null())
        .col(
            ColumnDef::new(Transfers::CreatedAt)
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new(Transfers::CreatedBy).text())
        .primary_key(Index::create().name("transfers_pkey").col(Transfers::Id))
        .foreign_key(&mut account(
            "transfers_from_account_fkey",
            Transfers::FromAccountId,
        ))
        .foreign_key(&mut account(
            "transfers_to_account_fkey",
            Transfers::ToAccountId,
        ))
        .check(currency_check(manager, "transfers_currency_code"))
        .check(named(
            "transfers_amount_positive",
            column(Transfers::Amount).gt(0),
        ))
        .check(named("transfers_between_two_accounts", two_accounts))
        .take()
}

/// An account that money went through stays, closed or not.
fn account(name: &str, column: Transfers) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(name)
        .from(Transfers::Table, column)
        .to(Accounts::Table, Accounts::Id)
        .on_delete(ForeignKeyAction::Restrict)
        .take()
}

/// Lists show the newest first.
fn listed_by(name: &str, account: Option<Transfers>) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(Transfers::Table);
    if let Some(column) = account {
        index.col(column);
    }
    index
        .col((Transfers::CreatedAt, IndexOrder::Desc))
        .col((Transfers::Id, IndexOrder::Desc))
        .take()
}
