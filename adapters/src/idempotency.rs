//! Idempotency keys: the row, and the port on it.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use std::{fmt::Write as _, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ports::{Atomic as _, Claim, Claimed, DatabaseError, IdempotencyKeys};
use sea_orm::{
    ActiveValue::Set,
    EntityTrait as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, OnConflict},
};
use sha2::{Digest as _, Sha256};

use crate::{
    conventions,
    repository::{AsyncAdapter, SharedAsyncManager},
    seaorm::{Backend, database_error},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub fingerprint: String,
    pub result: Uuid,
    pub created_at: ChronoDateTimeUtc,
    pub expires_at: ChronoDateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

conventions!(Entity);

/// Idempotency keys in the table `idempotency_keys`.
pub struct IdempotencyKeyRepository<B: Backend> {
    manager: SharedAsyncManager<B>,
    rows: AsyncAdapter<Entity, B>,
}

impl<B: Backend> IdempotencyKeyRepository<B> {
    /// Keys in the sessions of this manager.
    pub fn new(manager: SharedAsyncManager<B>) -> Self {
        Self {
            rows: AsyncAdapter::new(Arc::clone(&manager)),
            manager,
        }
    }
}

#[async_trait]
impl<B: Backend> IdempotencyKeys for IdempotencyKeyRepository<B> {
    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, DatabaseError> {
        if !self.rows.session()?.in_unit_of_work() {
            return Err(DatabaseError::OutsideUnitOfWork(
                "a key is claimed in the unit of work of its request: call this within atomic"
                    .into(),
            ));
        }
        let fingerprint = fingerprint(claim.request);
        if self.take(claim, &fingerprint).await? {
            return Ok(Claimed::First);
        }
        // It is locked by now, expired or not: nobody has removed it meanwhile.
        let id = (claim.caller.to_owned(), claim.key.as_str().to_owned());
        let row = self.rows.find_by_id(id).await?;
        let row = row.ok_or_else(|| DatabaseError::query(Vanished))?;
        Ok(if row.fingerprint == fingerprint {
            Claimed::Repeated { result: row.result }
        } else {
            Claimed::Reused
        })
    }

    async fn remove_expired(&self, now: DateTime<Utc>, limit: u64) -> Result<u64, DatabaseError> {
        self.manager
            .atomic(|| async move {
                let session = self.rows.session()?;
                let expired = Entity::find()
                    .select_only()
                    .columns([Column::Caller, Column::Key])
                    .filter(Column::ExpiresAt.lte(now))
                    .order_by_asc(Column::ExpiresAt)
                    .limit(limit)
                    .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                    .into_tuple::<(String, String)>();
                let expired = expired.all(&session).await.map_err(database_error)?;
                self.rows.delete_many(expired).await
            })
            .await
    }
}

impl<B: Backend> IdempotencyKeyRepository<B> {
    /// One statement: another one with this key waits here until this unit of work has ended.
    /// Answers whether the key was free.
    async fn take(&self, claim: &Claim<'_>, fingerprint: &str) -> Result<bool, DatabaseError> {
        let row = ActiveModel {
            caller: Set(claim.caller.to_owned()),
            key: Set(claim.key.as_str().to_owned()),
            fingerprint: Set(fingerprint.to_owned()),
            result: Set(claim.result),
            created_at: Set(claim.now),
            expires_at: Set(claim.expires_at),
        };
        let when_taken = OnConflict::columns([Column::Caller, Column::Key])
            .update_columns([
                Column::Fingerprint,
                Column::Result,
                Column::CreatedAt,
                Column::ExpiresAt,
            ])
            .action_and_where(Expr::col((Entity, Column::ExpiresAt)).lte(claim.now))
            .to_owned();
        let mut insert = Entity::insert(row).on_conflict(when_taken);
        Ok(self.rows.execute(insert.query()).await? > 0)
    }
}

/// Of one length, whatever the request; and what was asked for can not be read from it.
fn fingerprint(request: &str) -> String {
    let digest = Sha256::digest(request.as_bytes());
    let mut text = String::with_capacity(2 * digest.len());
    for byte in digest {
        // A text takes whatever is written to it.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[derive(Debug, thiserror::Error)]
#[error("an idempotency key was taken, and is not there")]
struct Vanished;
