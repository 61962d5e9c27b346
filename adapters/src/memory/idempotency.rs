//! Idempotency keys in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ports::{Claim, Claimed, DatabaseError, IdempotencyKey, IdempotencyKeys};
use uuid::Uuid;

use super::MemoryStore;

/// The table of the keys. A struct of tables that has one says so by `AsMut`.
#[derive(Debug, Clone, Default)]
pub struct KeyTable(BTreeMap<(String, IdempotencyKey), Row>);

#[derive(Debug, Clone)]
struct Row {
    request: String,
    result: Uuid,
    expires_at: DateTime<Utc>,
}

impl AsMut<Self> for KeyTable {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

/// [`IdempotencyKeys`] in memory.
pub struct MemoryIdempotencyKeys<T>(MemoryStore<T>);

impl<T> MemoryIdempotencyKeys<T> {
    /// The keys in this store.
    pub const fn new(store: MemoryStore<T>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl<T: AsMut<KeyTable> + Clone + Send + Sync + 'static> IdempotencyKeys
    for MemoryIdempotencyKeys<T>
{
    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, DatabaseError> {
        if !self.0.in_unit_of_work() {
            return Err(DatabaseError::OutsideUnitOfWork(
                "a key is claimed in the unit of work of its request".into(),
            ));
        }
        let id = (claim.caller.to_owned(), claim.key.clone());
        let take = |tables: &mut T| {
            let KeyTable(rows) = tables.as_mut();
            let taken = rows.get(&id).filter(|row| row.expires_at > claim.now);
            if let Some(row) = taken {
                return Ok(if row.request == claim.request {
                    Claimed::Repeated { result: row.result }
                } else {
                    Claimed::Reused
                });
            }
            let row = Row {
                request: claim.request.to_owned(),
                result: claim.result,
                expires_at: claim.expires_at,
            };
            rows.insert(id, row);
            Ok(Claimed::First)
        };
        self.0.write(take).await
    }

    async fn remove_expired(&self, now: DateTime<Utc>, limit: u64) -> Result<u64, DatabaseError> {
        let remove = |tables: &mut T| {
            let KeyTable(rows) = tables.as_mut();
            let mut expired: Vec<_> = rows
                .iter()
                .filter(|(_, row)| row.expires_at <= now)
                .map(|(id, row)| (row.expires_at, id.clone()))
                .collect();
            expired.sort();
            let doomed = expired.into_iter().zip(0..limit);
            Ok(doomed.fold(0, |removed, ((_, id), _)| {
                rows.remove(&id);
                removed + 1
            }))
        };
        self.0.write(remove).await
    }
}
