//! The ledger, at each isolation level that it can be configured with.

use adapters::{
    postgres::{AsyncPostgresSessionManager, PostgresConfig},
    seaorm::{AsyncManager, Backend},
    sqlite::{AsyncSqliteSessionManager, SqliteConfig},
};
use ports::Isolation;
use tests::{
    TestDatabase,
    histories::ledger::{history, is_skewed},
};

use super::{count, seed};

fn postgres(database: &TestDatabase, isolation: Isolation) -> AsyncPostgresSessionManager {
    let mut config = PostgresConfig::from_url(&database.url()).unwrap();
    config.isolation_level = Some(isolation);
    AsyncPostgresSessionManager::new(config).unwrap()
}

async fn loses_nothing<B: Backend>(manager: &AsyncManager<B>, enough: usize) {
    let (mut transfers, mut repeated, mut renamed, mut refused) = (0, 0, 0, 0);
    for number in 0..count(enough) as u64 {
        let seed = seed().wrapping_add(number);
        let tally = history(manager, seed).await;
        let tally = tally.unwrap_or_else(|wrong| panic!("the history of seed {seed}: {wrong}"));
        transfers += tally.transfers;
        repeated += tally.repeated;
        renamed += tally.renamed;
        refused += tally.refused;
    }
    let histories = count(enough);
    println!(
        "{histories} histories: {transfers} transfers, {repeated} repeated, {renamed} renamed, {refused} refused"
    );
    assert!(
        transfers.min(repeated).min(renamed).min(refused) > 0,
        "something never happened"
    );
}

#[tokio::test]
async fn the_ledger_loses_no_update_at_any_level() {
    let database = TestDatabase::postgres().await;
    for isolation in [
        Isolation::ReadCommitted,
        Isolation::RepeatableRead,
        Isolation::Serializable,
    ] {
        loses_nothing(&postgres(&database, isolation), 25).await;
    }
}

#[tokio::test]
async fn the_ledger_loses_no_update_on_sqlite() {
    let file = TestDatabase::sqlite().await;
    let config = SqliteConfig::from_url(&file.url()).unwrap();
    loses_nothing(&AsyncSqliteSessionManager::new(config).unwrap(), 25).await;
}

#[tokio::test]
async fn a_rule_over_two_accounts_holds_when_serializable_and_is_seen_to_break_below() {
    let database = TestDatabase::postgres().await;
    let manager = postgres(&database, Isolation::ReadCommitted);
    for _ in 0..count(20) {
        assert!(!is_skewed(&manager, Isolation::Serializable).await);
    }
    println!("{} histories of a rule", count(20));
    let mut broken = 0;
    for _ in 0..20 {
        broken += usize::from(is_skewed(&manager, Isolation::RepeatableRead).await);
    }
    assert!(broken > 0, "it was never tried");

    let file = TestDatabase::sqlite().await;
    let config = SqliteConfig::from_url(&file.url()).unwrap();
    let manager = AsyncSqliteSessionManager::new(config).unwrap();
    for _ in 0..5 {
        assert!(!is_skewed(&manager, Isolation::Serializable).await);
    }
}
