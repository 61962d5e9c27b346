//! Idempotency keys.

use adapters::{IdempotencyKeyRepository, seaorm::Backend};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use ports::{Atomic as _, Claim, Claimed, DatabaseError, IdempotencyKey, IdempotencyKeys as _};
use uuid::Uuid;

use super::case::{Case, Stage};

pub(super) fn cases<B: Backend>() -> Vec<Case<B>> {
    vec![
        Case {
            covers: &["IdempotencyKeyRepository::claim"],
            before: None,
            run: |stage, first| claim(stage, first, "k", TimeDelta::hours(1)).boxed(),
            is_apart: false,
            look,
        },
        Case {
            covers: &["IdempotencyKeyRepository::remove_expired"],
            before: Some(|stage, first| {
                async move {
                    // By whichever clock, they expire at once.
                    claim(stage, first, "a", TimeDelta::zero()).await?;
                    claim(stage, first, "b", TimeDelta::zero()).await
                }
                .boxed()
            }),
            run: |stage, _| {
                async move {
                    let keys = IdempotencyKeyRepository::new(stage.shared());
                    let removed = keys
                        .remove_expired(now() + TimeDelta::hours(2), 10_000)
                        .await?;
                    assert!(removed >= 2, "only {removed}");
                    Ok(())
                }
                .boxed()
            },
            is_apart: false,
            look,
        },
    ]
}

async fn claim<B: Backend>(
    stage: &Stage<B>,
    first: i64,
    key: &str,
    remembered: TimeDelta,
) -> Result<(), DatabaseError> {
    let keys = IdempotencyKeyRepository::new(stage.shared());
    let key = IdempotencyKey::new(key).unwrap();
    let caller = first.to_string();
    let work = || {
        async {
            let claim = Claim {
                caller: &caller,
                key: &key,
                request: "pay 5",
                result: Uuid::nil(),
                now: now(),
                expires_at: now() + remembered,
            };
            assert_eq!(keys.claim(&claim).await?, Claimed::First);
            Ok(())
        }
        .boxed()
    };
    stage.manager.atomic(work).await
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn look(first: i64) -> String {
    format!("SELECT key FROM idempotency_keys WHERE caller = '{first}'")
}
