//! Connections that break while an account is being stored.

use std::time::Duration;

use tests::{Answer, TestApp, TestDatabase};

/// Makes an INSERT take as long as nobody ends it.
const SLOW_INSERT: &str = "
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION dawdle()";

/// The same with COMMIT.
const SLOW_COMMIT: &str = "
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON accounts
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()";

#[tokio::test]
async fn before_the_commit_nothing_was_stored() {
    let lost = lost_while(SLOW_INSERT).await;
    assert_eq!(lost.problem(), (503, "database-unavailable"));
    assert_eq!(lost.header("retry-after"), "1");
    assert!(
        lost.text("detail").contains("nothing was stored"),
        "{lost:?}"
    );
}

#[tokio::test]
async fn during_the_commit_nobody_knows_and_a_repetition_is_not_asked_for() {
    let lost = during_the_commit().await;
    assert_eq!(lost.problem(), (503, "outcome-unknown"));
    assert!(!lost.headers.contains_key("retry-after"), "{lost:?}");
    assert!(!lost.text("detail").contains("nothing was"), "{lost:?}");
}

pub(super) async fn during_the_commit() -> Answer {
    lost_while(SLOW_COMMIT).await
}

/// What is answered when the connection is ended while this is slow.
async fn lost_while(slow: &str) -> Answer {
    let database = TestDatabase::postgres().await;
    database.execute(slow).await;
    let app = TestApp::on(&database.url()).await;
    let end = async {
        while !database
            .backend_states()
            .await
            .iter()
            .any(|state| state == "active")
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        database.terminate_backends("%").await;
    };
    let (answer, ()) = tokio::join!(app.open_in("EUR", "Ada", 1), end);
    answer
}
