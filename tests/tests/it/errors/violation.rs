//! Constraints, by name.

use super::{named, session_on};
use crate::session::run;
use ports::DatabaseError;

const TABLES: &str = "
    CREATE TABLE parents (id int CONSTRAINT parents_key PRIMARY KEY);
    CREATE TABLE children (
        id int PRIMARY KEY,
        parent int CONSTRAINT children_parent REFERENCES parents,
        name text NOT NULL DEFAULT '',
        age int CONSTRAINT children_age CHECK (age >= 0),
        span int4range DEFAULT 'empty',
        CONSTRAINT children_name UNIQUE (name, age) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT children_span EXCLUDE USING gist (span WITH &&));
    CREATE DOMAIN age AS int CONSTRAINT age_is_positive CHECK (value > 0);
    INSERT INTO parents VALUES (1);
    INSERT INTO children (id, parent, name, age, span) VALUES (1, 1, 'a', 1, '[1,5)');
";

#[tokio::test]
async fn every_violation_has_its_own_error_with_the_names_the_server_gives() {
    let (_database, session) = session_on(TABLES).await;
    let of = async |sql| run(&session, sql).await.unwrap_err();

    let error = of("INSERT INTO parents VALUES (1)").await;
    assert!(
        matches!(error, DatabaseError::UniqueViolation(_)),
        "{error:?}"
    );
    assert_eq!(named(&error), (Some("parents_key"), Some("parents"), None));
    assert_eq!(error.constraint(), Some("parents_key"));

    let error = of("INSERT INTO children VALUES (2, 7)").await;
    assert!(
        matches!(error, DatabaseError::ForeignKeyViolation(_)),
        "{error:?}"
    );
    assert_eq!(
        named(&error),
        (Some("children_parent"), Some("children"), None)
    );

    let error = of("DELETE FROM parents").await;
    assert!(
        matches!(error, DatabaseError::ForeignKeyViolation(_)),
        "{error:?}"
    );
    assert_eq!(
        named(&error),
        (Some("children_parent"), Some("children"), None)
    );

    let error = of("INSERT INTO children (id, name) VALUES (2, NULL)").await;
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
    assert_eq!(
        named(&error),
        (Some("children_age"), Some("children"), None)
    );

    let error = of("SELECT 0::age").await;
    assert!(
        matches!(error, DatabaseError::CheckViolation(_)),
        "{error:?}"
    );
    assert_eq!(named(&error), (Some("age_is_positive"), None, None));

    let error = of("INSERT INTO children (id, name, span) VALUES (2, 'b', '[4,6)')").await;
    assert!(
        matches!(error, DatabaseError::ExclusionViolation(_)),
        "{error:?}"
    );
    assert_eq!(
        named(&error),
        (Some("children_span"), Some("children"), None)
    );
}

/// The row is refused by COMMIT, which in autocommit comes with the statement.
#[tokio::test]
async fn a_deferred_constraint_is_the_same_error() {
    let (_database, session) = session_on(TABLES).await;
    let insert = "INSERT INTO children (id, name, age) VALUES (3, 'a', 1)";
    let error = run(&session, insert).await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::UniqueViolation(_)),
        "{error:?}"
    );
    assert_eq!(error.constraint(), Some("children_name"));
}

#[tokio::test]
async fn a_violation_is_not_transient_and_says_what_is_known() {
    let (_database, session) = session_on(TABLES).await;
    let error = run(&session, "INSERT INTO parents VALUES (1)")
        .await
        .unwrap_err();
    assert!(!error.is_transient());
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(said, "constraint parents_key, table parents");
}
