//! Servers that have no room.

use super::manager_on;
use crate::session::{read, run};
use ports::{AsyncSessionManager, Atomic, DatabaseError};

/// What a server says whose disk is full, and what it says at a limit of its own.
const FULL: &str = "CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN \
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$";

#[tokio::test]
async fn a_disk_that_is_full() {
    let (_database, manager) = manager_on(FULL).await;
    let ended = manager.atomic(|| async { run(&manager.session()?, "SELECT fill()").await });
    let error = ended.await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::OutOfResources(_)),
        "{error:?}"
    );
    assert_eq!(manager.status().idle, 1, "the connection is none the worse");
}

#[tokio::test]
async fn a_limit_of_the_server_s_own() {
    let (_database, manager) = manager_on("SELECT 1").await;
    let ended: Result<_, DatabaseError> = manager
        .atomic(|| async {
            let session = manager.session()?;
            run(&session, "SET LOCAL temp_file_limit = 64").await?;
            run(&session, "SET LOCAL work_mem = 64").await?;
            let sort = "SELECT max(n) FROM (SELECT n FROM generate_series(1, 100000) AS n \
                        ORDER BY md5(n::text) OFFSET 1) AS sorted";
            read::<i32>(&session, sort).await
        })
        .await;
    let error = ended.unwrap_err();
    assert!(
        matches!(error, DatabaseError::OutOfResources(_)),
        "{error:?}"
    );
}
