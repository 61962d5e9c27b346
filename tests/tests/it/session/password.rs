//! Passwords with any characters work, and are never shown.

use super::{ask, ask_blocking, config, log::Log, manager, on_thread, sync_manager};
use ports::{AsyncSessionManager, DatabaseError};
use sea_orm::ConnectionTrait;
use std::{error::Error, fmt::Write};
use tests::{Cluster, ClusterOptions, TestDatabase};

const PASSWORD: &str = r"@:/%# é?&='\[]+";
const ENCODED: &str = "%40%3A%2F%25%23%20%C3%A9%3F%26%3D%27%5C%5B%5D%2B";

/// The part of the password that would be seen if any of it was.
const TELLTALE: &str = "hunter2";

#[tokio::test]
async fn a_password_with_any_character_in_it_works() {
    let server = Guarded::start(PASSWORD).await;
    let bare = server.url("keeper");
    let inline = server.url(&format!("keeper:{ENCODED}"));
    let wrong = server.url("keeper:wrong");
    let as_it_is: &[(&str, &str)] = &[("PASSWORD", PASSWORD)];
    for (url, settings) in [(&bare, as_it_is), (&inline, &[]), (&wrong, as_it_is)] {
        assert_eq!(
            ask::<i32>(&manager(url, settings), "SELECT 1")
                .await
                .unwrap(),
            1
        );
        let blocking = sync_manager(url, settings);
        let answer = on_thread(move || ask_blocking::<i32>(&blocking, "SELECT 1"));
        assert_eq!(answer.unwrap(), 1);
        let plain = manager(url, settings).database_connection();
        plain.ping().await.unwrap();
    }
    for url in [&bare, &wrong] {
        let refused = ask::<i32>(&manager(url, &[]), "SELECT 1").await;
        assert!(
            matches!(refused, Err(DatabaseError::Connection(_))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_password_is_shown_nowhere() {
    let server = Guarded::start(TELLTALE).await;
    let log = Log::at("trace");
    let mut seen = String::new();
    for password in [TELLTALE, "hunter2-wrong"] {
        let config = config(&server.url("keeper"), &[("PASSWORD", password)]).unwrap();
        write!(seen, "{config:?}").unwrap();
        let config = super::config(&server.url(&format!("keeper:{password}")), &[]).unwrap();
        write!(seen, "{config:?}").unwrap();

        let manager = manager(
            &server.url("keeper"),
            &[("PASSWORD", password), ("ECHO_POOL", "on")],
        );
        seen += &shown(ask::<i32>(&manager, "SELECT 1").await.map(drop));
        write!(seen, "{:?}", manager.status()).unwrap();
        let plain = manager.database_connection();
        write!(
            seen,
            "{plain:?} {:?}",
            plain.execute_unprepared("SELECT 1").await
        )
        .unwrap();
        write!(
            seen,
            "{:?}",
            manager.session().unwrap().execute_unprepared("x").await
        )
        .unwrap();
    }
    seen += &log.text();

    assert!(log.text().contains("SELECT 1"), "{}", log.text());
    assert!(!seen.contains(TELLTALE), "{seen}");
}

#[test]
fn a_variable_that_is_refused_takes_no_secret_with_it() {
    for settings in [
        [("PASSWORD", TELLTALE), ("POOL_SIZE", "many")],
        [("PASSWORD", TELLTALE), ("PASSWROD", TELLTALE)],
    ] {
        let refused = config("postgres://u:hunter2@h/x", &settings).unwrap_err();
        assert!(!shown(Err(refused)).contains(TELLTALE));
    }
}

/// An error in every way that it can be printed.
fn shown(result: Result<(), DatabaseError>) -> String {
    let Err(error) = result else {
        return String::new();
    };
    let mut shown = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        write!(shown, " {cause:?} {cause}").unwrap();
        source = cause.source();
    }
    shown
}

/// A server that asks everybody but the superuser for a password.
struct Guarded(Cluster);

impl Guarded {
    async fn start(password: &str) -> Self {
        let options = ClusterOptions {
            hba: Some(
                "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
                    .to_owned(),
            ),
            ..ClusterOptions::default()
        };
        let cluster = Cluster::start(&options);
        let literal = password.replace('\'', "''");
        let role = format!("CREATE ROLE keeper LOGIN PASSWORD '{literal}'");
        TestDatabase::on(&cluster).await.execute(&role).await;
        Self(cluster)
    }

    fn url(&self, user: &str) -> String {
        self.0
            .url("postgres")
            .replacen("postgres@", &format!("{user}@"), 1)
    }
}
