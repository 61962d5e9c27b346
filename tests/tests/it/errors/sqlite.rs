//! The same failures on SQLite.

use super::named;
use crate::session::{read, run, sqlite::manager};
use adapters::seaorm::database_error;
use ports::{AsyncSessionManager, Atomic, DatabaseError, UnitOfWorkOptions};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::{error::Error, time::Duration};
use tests::SqliteFile;

const TABLES: &str = "
    CREATE TABLE parents (id integer PRIMARY KEY);
    CREATE TABLE children (
        id text PRIMARY KEY,
        parent int REFERENCES parents,
        name text NOT NULL DEFAULT '',
        age int DEFAULT 0 CONSTRAINT children_age CHECK (age >= 0),
        UNIQUE (name, age));
    CREATE UNIQUE INDEX children_initial ON children (substr(name, 1, 1))
        WHERE length(name) > 2;
    INSERT INTO parents VALUES (1);
    INSERT INTO children VALUES ('a', 1, 'x', 1), ('c', 1, 'xyz', 1);
";

#[tokio::test]
async fn every_violation_has_its_own_error_with_the_names_the_engine_gives() {
    let file = SqliteFile::empty();
    let manager = manager(&file.url(), &[]);
    let session = manager.session().unwrap();
    run(&session, TABLES).await.unwrap();
    let of = async |sql| run(&session, sql).await.unwrap_err();

    let error = of("INSERT INTO children (id) VALUES ('a')").await;
    assert!(
        matches!(error, DatabaseError::UniqueViolation(_)),
        "{error:?}"
    );
    assert_eq!(named(&error), (None, Some("children"), Some("id")));

    let error = of("INSERT INTO parents VALUES (1)").await;
    assert!(
        matches!(error, DatabaseError::UniqueViolation(_)),
        "{error:?}"
    );
    assert_eq!(named(&error), (None, Some("parents"), Some("id")));

    let error = of("INSERT INTO children (id, name, age) VALUES ('b', 'x', 1)").await;
    assert!(
        matches!(error, DatabaseError::UniqueViolation(_)),
        "{error:?}"
    );
    assert_eq!(
        named(&error),
        (None, Some("children"), None),
        "no single column is to blame"
    );

    let error = of("INSERT INTO children (id, name) VALUES ('b', 'xab')").await;
    assert!(
        matches!(error, DatabaseError::UniqueViolation(_)),
        "{error:?}"
    );
    assert_eq!(named(&error), (Some("children_initial"), None, None));

    for sql in [
        "INSERT INTO children VALUES ('b', 7, 'b', 1)",
        "DELETE FROM parents",
    ] {
        let error = of(sql).await;
        assert!(
            matches!(error, DatabaseError::ForeignKeyViolation(_)),
            "{error:?}"
        );
    }

    let error = of("INSERT INTO children (id, name) VALUES ('b', NULL)").await;
    assert!(
        matches!(error, DatabaseError::NotNullViolation(_)),
        "{error:?}"
    );
    assert_eq!(named(&error), (None, Some("children"), Some("name")));

    let error = of("UPDATE children SET age = -1").await;
    assert!(
        matches!(error, DatabaseError::CheckViolation(_)),
        "{error:?}"
    );
    assert_eq!(named(&error), (Some("children_age"), None, None));
    assert!(error.source().and_then(Error::source).is_some());
}

#[tokio::test]
async fn busy_read_only_and_nonsense_are_told_apart() {
    let file = SqliteFile::empty();
    let manager = manager(
        &file.url(),
        &[("LOCK_TIMEOUT", "30ms"), ("RETRY_ATTEMPTS", "1")],
    );
    let session = manager.session().unwrap();
    run(&session, TABLES).await.unwrap();

    let read_only = UnitOfWorkOptions::new().read_only();
    let ended = manager.atomic_with(read_only, || async {
        run(&manager.session()?, "DELETE FROM children").await
    });
    let error = ended.await.unwrap_err();
    assert!(matches!(error, DatabaseError::ReadOnly(_)), "{error:?}");

    let holding = sea_orm::TransactionTrait::begin(&session).await.unwrap();
    let error = run(&session, "DELETE FROM children").await.unwrap_err();
    assert!(matches!(error, DatabaseError::LockTimeout(_)), "{error:?}");
    assert!(error.is_transient());
    drop(holding);

    let error = read::<i32>(&session, "SELEC 1").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Query(_)), "{error:?}");
}

#[tokio::test]
async fn what_sqlite_can_not_do_is_refused() {
    let file = SqliteFile::empty();
    let manager = manager(&file.url(), &[]);
    let options = UnitOfWorkOptions::new().statement_timeout(Duration::from_secs(1));
    let ended = manager.atomic_with(options, || async { Ok::<_, DatabaseError>(()) });
    let error = ended.await.unwrap_err();
    assert!(matches!(error, DatabaseError::InvalidQuery(_)), "{error:?}");

    let marks = vec!["?"; 32_767].join(", ");
    let values = (0..32_767).map(Value::from);
    let sql = format!("SELECT 1 WHERE 1 IN ({marks})");
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    let refused = manager.session().unwrap().query_one_raw(statement).await;
    let error = database_error(refused.unwrap_err());
    assert!(matches!(error, DatabaseError::InvalidQuery(_)), "{error:?}");
}
