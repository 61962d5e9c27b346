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
    EntityTrait as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, OnConflict, Query},
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
                    .filter(Expr::col(Column::ExpiresAt).lte(present::<B>(now)))
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
        let Moments {
            now,
            created_at,
            expires_at,
        } = Moments::of::<B>(claim);
        let when_taken = OnConflict::columns([Column::Caller, Column::Key])
            .update_columns([
                Column::Fingerprint,
                Column::Result,
                Column::CreatedAt,
                Column::ExpiresAt,
            ])
            .action_and_where(Expr::col((Entity, Column::ExpiresAt)).lte(now))
            .to_owned();
        let mut insert = Query::insert();
        insert
            .into_table(Entity)
            .columns([
                Column::Caller,
                Column::Key,
                Column::Fingerprint,
                Column::Result,
                Column::CreatedAt,
                Column::ExpiresAt,
            ])
            .values([
                claim.caller.into(),
                claim.key.as_str().into(),
                fingerprint.into(),
                claim.result.into(),
                created_at,
                expires_at,
            ])
            .map_err(DatabaseError::query)?
            .on_conflict(when_taken);
        Ok(self.rows.execute(&insert).await? > 0)
    }
}

/// When a key is taken, and until when.
struct Moments {
    now: Expr,
    created_at: Expr,
    expires_at: Expr,
}

impl Moments {
    fn of<B: Backend>(claim: &Claim<'_>) -> Self {
        let now = present::<B>(claim.now);
        let expires_at = if B::IS_REMOTE {
            let remembered = claim.expires_at - claim.now;
            let micros = remembered.num_microseconds().unwrap_or(i64::MAX);
            Expr::cust_with_values("now() + $1 * interval '1 microsecond'", [micros])
        } else {
            claim.expires_at.into()
        };
        Self {
            created_at: now.clone(),
            now,
            expires_at,
        }
    }
}

/// The present, by the one clock that all who share these keys share: that of a server, if there
/// is one. By clocks of their own, one that is ahead would forget the keys of all the others, and
/// what was carried out under them would be carried out again.
fn present<B: Backend>(of_caller: DateTime<Utc>) -> Expr {
    if B::IS_REMOTE {
        Expr::cust("now()")
    } else {
        of_caller.into()
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
