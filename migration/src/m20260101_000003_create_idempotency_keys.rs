//! Which requests have been carried out already. Rows live until they expire.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden, Clone, Copy)]
enum IdempotencyKeys {
    Table,
    Caller,
    Key,
    Fingerprint,
    Result,
    CreatedAt,
    ExpiresAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table()).await?;
        // What has expired is looked for, the oldest first.
        let index = Index::create()
            .name("idempotency_keys_expires_at_idx")
            .table(IdempotencyKeys::Table)
            .col(IdempotencyKeys::ExpiresAt)
            .take();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut drop = Table::drop();
        manager
            .drop_table(drop.table(IdempotencyKeys::Table).take())
            .await
    }
}

/// What the request has made is in whichever table it belongs to, so `result` refers to none.
fn table() -> TableCreateStatement {
    use IdempotencyKeys::{Caller, CreatedAt, ExpiresAt, Fingerprint, Key, Result, Table as Keys};
    let length = |column: IdempotencyKeys| Expr::expr(Func::char_length(Expr::col(column)));
    let named = |name: &'static str, rule| Check::named(Alias::new(name), rule);
    Table::create()
        .table(Keys)
        .col(ColumnDef::new(Caller).text().not_null())
        .col(ColumnDef::new(Key).text().not_null())
        .col(ColumnDef::new(Fingerprint).text().not_null())
        .col(ColumnDef::new(Result).uuid().not_null())
        .col(timestamp(CreatedAt))
        .col(timestamp(ExpiresAt))
        .primary_key(
            Index::create()
                .name("idempotency_keys_pkey")
                .col(Caller)
                .col(Key),
        )
        .check(named(
            "idempotency_keys_key_length",
            length(Key).between(1, 255),
        ))
        .check(named(
            "idempotency_keys_fingerprint_length",
            length(Fingerprint).eq(64),
        ))
        .take()
}

fn timestamp(column: IdempotencyKeys) -> ColumnDef {
    let mut column = ColumnDef::new(column);
    column.timestamp_with_time_zone().not_null().take()
}
