//! Rows one after the other: SeaORM's streams on a session.

use std::time::Duration;

use adapters::{
    postgres::{AsyncPostgresSessionManager, PostgresConfig},
    seaorm::database_error,
};
use futures_util::TryStreamExt as _;
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement, StreamTrait as _};
use tests::TestDatabase;

const NUMBERS: &str = "SELECT i FROM generate_series(1, 5000) AS i";

fn pool_of_one(database: &TestDatabase) -> AsyncPostgresSessionManager {
    let mut config = PostgresConfig::from_url(&database.url()).unwrap();
    config.session.pool_size = 1;
    config.session.pool_max_overflow = 0;
    config.session.pool_timeout = Duration::from_secs(5);
    AsyncPostgresSessionManager::new(config).unwrap()
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}

#[tokio::test]
async fn every_row_comes_in_order_and_the_connection_goes_back() {
    let database = TestDatabase::empty().await;
    let manager = pool_of_one(&database);
    let session = manager.session().unwrap();
    let mut rows = session.stream_raw(statement(NUMBERS)).await.unwrap();
    let mut expected = 1;
    while let Some(row) = rows.try_next().await.unwrap() {
        assert_eq!(row.try_get_by_index::<i32>(0).unwrap(), expected);
        expected += 1;
    }
    assert_eq!(expected, 5001);
    drop(rows);
    assert_eq!(manager.status().opened, 1);
    assert!(
        session
            .query_one_raw(statement("SELECT 1"))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(manager.status().opened, 1);
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_rows() {
    let database = TestDatabase::empty().await;
    let manager = pool_of_one(&database);
    let session = manager.session().unwrap();
    let sql = "SELECT 1000 / (100 - i) FROM generate_series(1, 200) AS i";
    let rows = session.stream_raw(statement(sql)).await.unwrap();
    let mut seen = 0;
    let ended: Result<(), DbErr> = rows
        .try_for_each(|_| {
            seen += 1;
            std::future::ready(Ok(()))
        })
        .await;
    assert!(matches!(
        ended.map_err(database_error),
        Err(DatabaseError::Query(_))
    ));
    assert!(seen <= 99);
}

#[tokio::test]
async fn a_stream_that_is_dropped_costs_its_connection_and_no_more() {
    let database = TestDatabase::empty().await;
    let manager = pool_of_one(&database);
    let session = manager.session().unwrap();
    let mut rows = session.stream_raw(statement(NUMBERS)).await.unwrap();
    assert!(rows.try_next().await.unwrap().is_some());
    drop(rows);
    assert!(
        session
            .query_one_raw(statement("SELECT 1"))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!((manager.status().opened, manager.status().size), (2, 1));
}

#[tokio::test]
async fn a_statement_beside_an_open_stream_of_its_unit_of_work_fails_at_once() {
    let database = TestDatabase::empty().await;
    let manager = pool_of_one(&database);
    let ended: Result<(), DatabaseError> = manager
        .atomic(|| async {
            let session = manager.session()?;
            let mut rows = session
                .stream_raw(statement(NUMBERS))
                .await
                .map_err(database_error)?;
            rows.try_next().await.map_err(database_error)?;
            let beside = session.query_one_raw(statement("SELECT 1"));
            let beside = tokio::time::timeout(Duration::from_secs(1), beside).await;
            let refused = beside.expect("an answer at once").map_err(database_error);
            assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
            // Read to its end, it gives the turn back.
            while rows.try_next().await.map_err(database_error)?.is_some() {}
            drop(rows);
            let after = session.query_one_raw(statement("SELECT 1")).await;
            after.map(drop).map_err(database_error)
        })
        .await;
    ended.unwrap();
    assert_eq!(manager.status().opened, 1);
}
