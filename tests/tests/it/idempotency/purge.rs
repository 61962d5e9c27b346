//! Keys that have expired are removed in the background.

use std::{sync::Arc, time::Duration};

use adapters::Database;
use app::{
    background::Background,
    bootstrap::{self, Service},
    config::{Config, IdempotencyConfig},
    lifecycle::{Lifecycle, Phase},
    services::IdempotencyService,
};
use tests::{Cluster, ClusterOptions, StopMode, TestDatabase};

/// More than one batch of keys that have expired, and one that has not.
const KEYS: &str = "
    INSERT INTO idempotency_keys (caller, key, fingerprint, result, created_at, expires_at)
        SELECT '', n::text, repeat('0', 64), gen_random_uuid(), now(),
            CASE n WHEN 0 THEN now() + interval '1 hour' ELSE now() - interval '1 hour' END
        FROM generate_series(0, 1200) AS n";

const COUNT: &str = "SELECT count(*) FROM idempotency_keys";

const OFTEN: Duration = Duration::from_millis(20);

fn service(url: &str) -> Service {
    let config = Config {
        idempotency: IdempotencyConfig {
            purge_interval: OFTEN,
            ..IdempotencyConfig::default()
        },
        ..Config::default()
    };
    bootstrap::service(&Database::from_url(url).unwrap(), &config).unwrap()
}

fn keys(url: &str) -> Arc<IdempotencyService> {
    service(url).api.services.idempotency
}

fn start(url: &str, lifecycle: &Lifecycle) -> Background {
    Background::start(service(url).tasks, lifecycle)
}

async fn until_one_is_left(database: &TestDatabase) {
    let wait = async {
        while database.scalar::<i64>(COUNT).await != 1 {
            tokio::time::sleep(OFTEN).await;
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(30), wait).await;
    ended.expect("what has expired is removed");
    let left: String = database.scalar("SELECT key FROM idempotency_keys").await;
    assert_eq!(left, "0");
}

#[tokio::test]
async fn keys_that_have_expired_are_removed_again_and_again() {
    let database = TestDatabase::postgres().await;
    let background = start(&database.url(), &Lifecycle::default());
    for _ in 0..2 {
        database.execute(KEYS).await;
        until_one_is_left(&database).await;
        database.execute("DELETE FROM idempotency_keys").await;
    }
    drop(background);
}

#[tokio::test]
async fn a_database_that_was_away_is_taken_up_again() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let database = TestDatabase::on(&cluster).await;
    cluster.stop(StopMode::Fast);
    let background = start(&database.url(), &Lifecycle::default());
    tokio::time::sleep(10 * OFTEN).await;

    cluster.start_again();
    database.execute(KEYS).await;
    until_one_is_left(&database).await;

    cluster.restart(StopMode::Immediate);
    database.execute("DELETE FROM idempotency_keys").await;
    database.execute(KEYS).await;
    until_one_is_left(&database).await;
    drop(background);
}

#[tokio::test]
async fn nothing_is_removed_when_the_service_has_ended() {
    let database = TestDatabase::postgres().await;
    let lifecycle = Lifecycle::default();
    let background = start(&database.url(), &lifecycle);
    database.execute(KEYS).await;
    until_one_is_left(&database).await;

    lifecycle.enter(Phase::Stopping);
    let ended = tokio::time::timeout(Duration::from_secs(30), background.ended()).await;
    ended.expect("the task ends");
    database.execute("DELETE FROM idempotency_keys").await;
    database.execute(KEYS).await;
    tokio::time::sleep(10 * OFTEN).await;
    assert_eq!(database.scalar::<i64>(COUNT).await, 1201);
}

#[tokio::test]
async fn a_key_that_is_just_being_claimed_is_passed_over() {
    let database = TestDatabase::postgres().await;
    database.execute(KEYS).await;
    let mut claiming = database.connect().await;
    let lock = "BEGIN; SELECT 1 FROM idempotency_keys WHERE key = '7' FOR UPDATE";
    let locked = sea_orm::sqlx::raw_sql(lock).execute(&mut claiming).await;
    locked.unwrap();

    let removed = keys(&database.url()).remove_expired().await.unwrap();

    assert_eq!(removed, 1199);
    drop(claiming);
}
