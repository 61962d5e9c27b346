//! Statements that change a connection behind the session layer's back.

use adapters::seaorm::{AsyncManager, Backend, database_error};
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError};
use sea_orm::{ConnectionTrait as _, Statement};

use super::world::{OnPostgres, OnSqlite, World, add, ask, bounded, on_both, run};

on_both!(statements_that_control_the_transaction_are_refused);

async fn statements_that_control_the_transaction_are_refused<W: World>(world: W) {
    let manager = world.manager();
    let sneaky = [
        "BEGIN",
        "/* quietly */ commit",
        "SELECT 1; ROLLBACK",
        "SAVEPOINT mine",
        "INSERT INTO entry VALUES (9); END",
    ];
    for sql in sneaky {
        let refused = run(&manager, sql).await;
        assert!(
            matches!(refused, Err(DatabaseError::InvalidQuery(_))),
            "{sql}"
        );
    }
    // A refusal is no failure of the transaction: nothing was sent.
    manager
        .atomic(|| async {
            for sql in sneaky {
                let refused = run(&manager, sql).await;
                assert!(
                    matches!(refused, Err(DatabaseError::InvalidQuery(_))),
                    "{sql}"
                );
            }
            add(&manager, 1).await
        })
        .await
        .unwrap();
    assert_eq!(world.stored().await, [1]);
    assert_eq!(manager.status().opened, 1);
}

#[tokio::test]
async fn what_is_set_for_a_session_does_not_reach_the_next_one() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let next = async || {
        let path = ask::<String, _>(&manager, "SHOW search_path").await;
        path.unwrap()
    };
    run(&manager, "SET search_path = elsewhere").await.unwrap();
    assert_eq!(next().await, r#""$user", public"#);
    manager
        .atomic(|| run(&manager, "SET search_path = elsewhere"))
        .await
        .unwrap();
    assert_eq!(next().await, r#""$user", public"#);
    assert_eq!(manager.status().closed, 2);

    manager
        .atomic(|| async {
            run(&manager, "SET LOCAL search_path = elsewhere").await?;
            assert_eq!(next().await, "elsewhere");
            Ok::<_, DatabaseError>(())
        })
        .await
        .unwrap();
    assert_eq!(next().await, r#""$user", public"#);
    assert_eq!(manager.status().closed, 2, "what is local is no reason");
}

#[tokio::test]
async fn a_temporary_table_does_not_reach_the_next_session() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    for create in [
        "CREATE TEMP TABLE t (x int)",
        "CREATE LOCAL TEMPORARY TABLE t (x int)",
    ] {
        run(&manager, create).await.unwrap();
        run(&manager, "SELECT * FROM t").await.unwrap_err();
    }
    run(&manager, "CREATE OR REPLACE TEMP VIEW t AS SELECT 1")
        .await
        .unwrap();
    run(&manager, "SELECT * FROM t").await.unwrap_err();
}

#[tokio::test]
async fn a_change_of_the_schema_does_not_keep_a_connection_failing() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let all = "SELECT * FROM entry";
    add(&manager, 1).await.unwrap();
    assert_eq!(ask::<i32, _>(&manager, all).await.unwrap(), 1);
    world
        .0
        .execute("ALTER TABLE entry ADD COLUMN more text")
        .await;
    let outdated = ask::<i32, _>(&manager, all).await;
    assert!(outdated.is_err());
    assert_eq!(ask::<i32, _>(&manager, all).await.unwrap(), 1);
}

async fn prepared<B: Backend>(manager: &AsyncManager<B>, sql: &str) -> Result<(), DatabaseError> {
    let statement = Statement::from_string(B::DIALECT, sql);
    let done = manager.session()?.execute_raw(statement).await;
    done.map(drop).map_err(database_error)
}

#[tokio::test]
async fn no_text_ends_the_transaction_from_within() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    for sql in [
        "SELECT 1 AS a$$; COMMIT; SELECT 2 AS b$$",
        r"SELECT E'a''\''; COMMIT",
        "; COMMIT",
    ] {
        let work = manager.atomic(|| async {
            add(&manager, 1).await?;
            let refused = run(&manager, sql).await;
            assert!(
                matches!(refused, Err(DatabaseError::InvalidQuery(_))),
                "{sql}"
            );
            let refused = prepared(&manager, sql).await;
            assert!(
                matches!(refused, Err(DatabaseError::InvalidQuery(_))),
                "{sql}"
            );
            Err::<(), _>(DatabaseError::invalid_query("no"))
        });
        bounded(work).await.unwrap_err();
        assert!(world.stored().await.is_empty(), "{sql}");
    }
}

#[tokio::test]
async fn prepared_text_of_several_statements_is_looked_at_on_sqlite() {
    let world = OnSqlite::new().await;
    let manager = world.manager();
    let work = manager.atomic(|| async {
        let refused = prepared(&manager, "INSERT INTO entry VALUES (1); COMMIT").await;
        assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
        Err::<(), _>(DatabaseError::invalid_query("no"))
    });
    bounded(work).await.unwrap_err();
    assert!(world.stored().await.is_empty());
}

#[tokio::test]
async fn the_body_of_a_trigger_is_not_mistaken_for_a_transaction() {
    let world = OnSqlite::new().await;
    let sql = "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry WHERE id < 0; END";
    run(&world.manager(), sql).await.unwrap();
}
