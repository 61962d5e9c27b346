//! Servers that can not be reached, or that say no.

use super::manager_on;
use crate::session::{ask, ask_blocking, manager, on_thread, read, sync_manager};
use ports::{AsyncSessionManager, DatabaseError};
use sea_orm::TransactionTrait;
use std::error::Error;
use tests::{Cluster, ClusterOptions, TestDatabase};

#[tokio::test]
async fn nobody_listens() {
    assert_refused("postgres://postgres@127.0.0.1:1/x").await;
}

#[tokio::test]
async fn no_such_host() {
    assert_refused("postgres://postgres@no-such-host.invalid/x").await;
}

#[tokio::test]
async fn no_such_database_or_role_and_a_wrong_password() {
    let options = ClusterOptions {
        hba: Some(
            "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
                .into(),
        ),
        ..ClusterOptions::default()
    };
    let cluster = Cluster::start(&options);
    let database = TestDatabase::on(&cluster).await;
    database
        .execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
        .await;

    assert_refused(&cluster.url("nowhere")).await;
    let url = cluster.url("postgres");
    for user in ["keeper:wrong@", "keeper@", "stranger:right@"] {
        assert_refused(&url.replacen("postgres@", user, 1)).await;
    }
}

#[tokio::test]
async fn too_many_clients() {
    let options = ClusterOptions::default()
        .with("max_connections", "6")
        .with("superuser_reserved_connections", "0")
        .with("max_wal_senders", "0");
    let cluster = Cluster::start(&options);
    let manager = manager(&cluster.url("postgres"), &[("POOL_SIZE", "20")]);
    let session = manager.session().unwrap();
    let mut held = Vec::new();
    let refused = loop {
        match session.begin().await {
            Ok(transaction) => held.push(transaction),
            Err(error) => break adapters::seaorm::database_error(error),
        }
    };
    assert_eq!(held.len(), 6);
    assert!(
        matches!(refused, DatabaseError::Connection(_)),
        "{refused:?}"
    );
    assert!(refused.is_transient());
}

#[tokio::test]
async fn a_session_that_an_administrator_ends() {
    let (_database, manager) = manager_on("SELECT 1").await;
    let ended = ask::<bool>(&manager, "SELECT pg_terminate_backend(pg_backend_pid())").await;
    assert!(
        matches!(ended, Err(DatabaseError::Connection(_))),
        "{ended:?}"
    );
    assert_eq!(manager.status().size, 0);
    let again = read::<i32>(&manager.session().unwrap(), "SELECT 1").await;
    assert_eq!(again.unwrap(), 1);
}

/// The same on both sides, with a source that tells more.
async fn assert_refused(url: &str) {
    let asynchronous = ask::<i32>(&manager(url, &[]), "SELECT 1").await;
    let blocking = sync_manager(url, &[]);
    let blocking = on_thread(move || ask_blocking::<i32>(&blocking, "SELECT 1"));
    for refused in [asynchronous, blocking] {
        let error = refused.unwrap_err();
        assert!(
            matches!(error, DatabaseError::Connection(_)),
            "{url}: {error:?}"
        );
        assert!(error.source().is_some(), "{url}: {error:?}");
    }
}
