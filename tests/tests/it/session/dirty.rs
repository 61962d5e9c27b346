//! A connection in an unknown state is never pooled.

use super::{ask, manager, on_thread, pid, pid_blocking, read, run, sync_manager, until};
use ports::{AsyncSessionManager, SessionManager, blocking::BlockOn};
use std::time::Duration;
use tests::TestDatabase;

#[tokio::test]
async fn a_statement_dropped_midway_closes_its_connection() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[]);
    let first = pid(&manager).await.unwrap();
    let session = manager.session().unwrap();
    {
        let statement = read::<String>(&session, "SELECT pg_sleep(60)::text");
        let running = until(|| async { database.backend_states().await == ["active"] });
        tokio::select! {
            answered = statement => panic!("the statement has ended: {answered:?}"),
            () = running => {}
        }
    }
    assert_eq!(manager.status().size, 0);
    assert_ne!(pid(&manager).await.unwrap(), first);
}

#[tokio::test]
async fn a_statement_dropped_at_any_time_leaves_no_answer_to_the_next() {
    let database = TestDatabase::empty().await;
    let manager = manager(
        &database.url(),
        &[("POOL_SIZE", "1"), ("POOL_MAX_OVERFLOW", "0")],
    );
    let session = manager.session().unwrap();
    for number in 0..100 {
        let wait = Duration::from_micros(fastrand::u64(0..1_500));
        let dropped = read::<i32>(&session, "SELECT -1");
        drop(tokio::time::timeout(wait, dropped).await);
        let sql = format!("SELECT {number}");
        assert_eq!(ask::<i32>(&manager, &sql).await.unwrap(), number);
    }
}

#[test]
fn a_statement_dropped_midway_closes_its_blocking_connection() {
    let database = TestDatabase::postgres_blocking();
    let manager = sync_manager(&database.url(), &[]);
    on_thread(move || {
        let first = pid_blocking(&manager).unwrap();
        let session = manager.session().unwrap();
        let same_call = manager.block_on(async {
            let statement = read::<String>(&session, "SELECT pg_sleep(60)::text");
            drop(tokio::time::timeout(Duration::from_millis(50), statement).await);
            read::<i32>(&session, "SELECT pg_backend_pid()").await
        });
        assert_ne!(same_call.unwrap().unwrap(), first);

        let cut_off = manager.block_on(async {
            let statement = read::<String>(&session, "SELECT pg_sleep(60)::text");
            tokio::time::timeout(Duration::from_millis(50), statement).await
        });
        assert!(cut_off.unwrap().is_err());
        assert_eq!(manager.status().size, 0);
        pid_blocking(&manager).unwrap();
    });
}

#[tokio::test]
async fn what_a_statement_leaves_in_its_connection_is_not_felt_by_the_next() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[]);
    let session = manager.session().unwrap();
    for sql in [
        "SET search_path = elsewhere",
        "CREATE TEMPORARY TABLE left_behind (id int)",
        "LISTEN news",
        "SELECT 1; /* and */ set application_name = 'somebody else'",
    ] {
        run(&session, sql).await.unwrap();
        let felt: String = ask(
            &manager,
            "SELECT concat_ws('/', current_setting('search_path'), to_regclass('left_behind'), \
             (SELECT count(*) FROM pg_listening_channels()), current_setting('application_name'))",
        )
        .await
        .unwrap();
        assert_eq!(felt, r#""$user", public/0/hexacoral"#, "{sql}");
    }
}

/// A plan from before a change of the schema fails once, on each connection that has it.
#[tokio::test]
async fn an_outdated_plan_is_forgotten_with_its_connection() {
    let database = TestDatabase::empty().await;
    database
        .execute("CREATE TABLE wide (id int); INSERT INTO wide VALUES (1)")
        .await;
    let manager = manager(&database.url(), &[]);
    let select = "SELECT * FROM wide";
    ask::<i32>(&manager, select).await.unwrap();
    database
        .execute("ALTER TABLE wide ALTER COLUMN id TYPE bigint")
        .await;

    assert!(ask::<i64>(&manager, select).await.is_err());
    assert_eq!(ask::<i64>(&manager, select).await.unwrap(), 1);
}
