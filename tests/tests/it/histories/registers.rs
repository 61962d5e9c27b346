//! Registers, at each isolation level.

use adapters::{
    postgres::{AsyncPostgresSessionManager, PostgresConfig, PostgresSessionManager},
    seaorm::Backend,
    sqlite::{AsyncSqliteSessionManager, SqliteConfig},
};
use ports::{
    Isolation::{self, ReadCommitted, RepeatableRead, Serializable},
    blocking::BlockOn as _,
};
use tests::{
    TestDatabase,
    histories::{Level, Registers, Report, Style, check::Anomaly, judged, judged_blocking},
};

use super::{count, seed};

/// As many connections as there are units of work at a time.
const POOL: usize = 16;

async fn on_postgres(isolation: Isolation, style: Style, enough: usize) -> Report {
    let database = TestDatabase::empty().await;
    let mut config = PostgresConfig::from_url(&database.url()).unwrap();
    config.session.pool_size = POOL;
    let manager = AsyncPostgresSessionManager::new(config).unwrap();
    let report = run(Registers::new(manager.clone()), isolation, style, enough).await;
    let status = manager.status();
    assert_eq!(
        (status.waiting, status.size),
        (0, status.idle),
        "the pool is whole"
    );
    report
}

async fn on_sqlite(isolation: Isolation, style: Style, enough: usize) -> Report {
    let file = TestDatabase::sqlite().await;
    let mut config = SqliteConfig::from_url(&file.url()).unwrap();
    config.session.pool_size = POOL;
    let manager = AsyncSqliteSessionManager::new(config).unwrap();
    run(Registers::new(manager), isolation, style, enough).await
}

async fn run<B: Backend>(
    registers: Registers<B>,
    isolation: Isolation,
    style: Style,
    enough: usize,
) -> Report {
    registers.create().await.unwrap();
    let report = judged(&registers, isolation, style, seed(), count(enough)).await;
    println!(
        "{isolation}, {style:?}: {} histories, {} attempts stored and {} not, {} strange",
        report.histories,
        report.committed,
        report.rolled_back,
        report.strange.len(),
    );
    report
}

/// Nothing that the level forbids.
fn keeps(report: &Report, level: Level) {
    assert!(
        report.committed > report.histories,
        "hardly anything was stored"
    );
    assert!(report.rolled_back > 0, "nothing ever failed: {report:?}");
    for strange in &report.strange {
        let forbidden: Vec<_> = strange
            .anomalies
            .iter()
            .filter(|anomaly| level.forbids(anomaly))
            .collect();
        assert!(
            forbidden.is_empty(),
            "{level:?} forbids {forbidden:?}\n{strange:?}"
        );
    }
}

fn has(report: &Report, kind: impl Fn(&Anomaly) -> bool) -> bool {
    let all = report.strange.iter().flat_map(|strange| &strange.anomalies);
    all.into_iter().any(kind)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serializable_units_of_work_have_a_serial_order() {
    let report = on_postgres(Serializable, Style::Unlocked, 500).await;
    keeps(&report, Level::Serializable);
    let report = on_postgres(Serializable, Style::Appends, 300).await;
    keeps(&report, Level::Serializable);
}

#[tokio::test]
async fn repeatable_reads_are_of_one_moment_and_lose_no_update() {
    let report = on_postgres(RepeatableRead, Style::Unlocked, 300).await;
    keeps(&report, Level::RepeatableRead);
    // The checker is no toy: what this level allows is there, and is seen.
    assert!(
        has(&report, |anomaly| matches!(anomaly, Anomaly::WriteSkew(_))),
        "no write skew in {} histories",
        report.histories
    );
}

#[tokio::test]
async fn read_committed_shows_nothing_that_is_not_committed() {
    let report = on_postgres(ReadCommitted, Style::Appends, 250).await;
    keeps(&report, Level::ReadCommitted);
    // Nobody writes over what another has appended, so nothing can be lost either.
    let is_gone = |anomaly: &Anomaly| matches!(anomaly, Anomaly::Lost(..) | Anomaly::Half(..));
    assert!(!has(&report, is_gone), "{:?}", report.strange);
}

#[tokio::test]
async fn read_committed_with_locks_has_a_serial_order() {
    let report = on_postgres(ReadCommitted, Style::Locked, 250).await;
    keeps(&report, Level::Serializable);
}

#[tokio::test]
async fn read_committed_without_locks_is_caught_losing_updates() {
    let report = on_postgres(ReadCommitted, Style::Unlocked, 80).await;
    keeps(&report, Level::ReadCommitted);
    assert!(
        has(&report, |anomaly| matches!(anomaly, Anomaly::Lost(..))),
        "no lost update in {} histories",
        report.histories
    );
}

#[tokio::test]
async fn on_sqlite_there_is_always_a_serial_order() {
    for isolation in [ReadCommitted, Serializable] {
        let report = on_sqlite(isolation, Style::Unlocked, 80).await;
        keeps(&report, Level::Serializable);
    }
}

#[test]
fn the_blocking_side_keeps_what_the_levels_promise() {
    let database = tests::on_own_thread(TestDatabase::empty());
    let mut config = PostgresConfig::from_url(&database.url()).unwrap();
    config.session.pool_size = POOL;
    let manager = PostgresSessionManager::new(config).unwrap();
    let registers = Registers::new(manager.as_async());
    manager.block_on(registers.create()).unwrap().unwrap();
    for (isolation, style, level) in [
        (Serializable, Style::Unlocked, Level::Serializable),
        (RepeatableRead, Style::Unlocked, Level::RepeatableRead),
        (ReadCommitted, Style::Locked, Level::Serializable),
    ] {
        let report = judged_blocking(&manager, isolation, style, seed(), count(60));
        println!(
            "{isolation}, {style:?}, blocking: {} histories",
            report.histories
        );
        keeps(&report, level);
    }
    let status = manager.status();
    assert_eq!(
        (status.waiting, status.size),
        (0, status.idle),
        "the pool is whole"
    );
}
