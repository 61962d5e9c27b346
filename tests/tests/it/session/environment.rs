//! The configuration of the process: environment, over `.env`. A process of its own for each
//! test, because the environment belongs to all of one.

use super::{ask, ask_blocking, on_thread};
use adapters::postgres::{AsyncPostgresSessionManager, PostgresSessionManager};
use std::{env, fs, process::Command};
use tests::TestDatabase;

/// Tells a test that it is in a process that another one has made for it.
const PREPARED: &str = "TEST_PROCESS_IS_PREPARED";

#[test]
fn the_environment_wins_over_the_file() {
    let database = TestDatabase::postgres_blocking();
    let mut file = format!("DATABASE_URL={}\n", database.url());
    file += "DATABASE_APPLICATION_NAME='from the file'\nDATABASE_LOCK_TIMEOUT=7s\n";
    let told = in_a_process(
        "says_what_it_is_connected_with",
        &file,
        &[("DATABASE_APPLICATION_NAME", "from the environment")],
    );
    assert_eq!(told, format!("{}/from the environment/7s", database.name()));
}

#[test]
fn the_file_alone_is_enough() {
    let database = TestDatabase::postgres_blocking();
    let password = r#"DATABASE_PASSWORD='@:/%# é$x\"'"#;
    let file = format!("{password}\nDATABASE_URL={}\n", database.url());
    let told = in_a_process(
        "says_what_it_is_connected_with",
        &file,
        &[("DATABASE_PORT", "")],
    );
    assert_eq!(told, format!("{}/hexacoral/10s", database.name()));
}

#[test]
fn the_variables_of_other_clients_have_no_say() {
    let database = TestDatabase::postgres_blocking();
    let others = [
        ("DATABASE_URL", database.url()),
        ("PGHOST", "192.0.2.1".to_owned()),
        ("PGHOSTADDR", "192.0.2.1".to_owned()),
        ("PGPORT", "1".to_owned()),
        ("PGUSER", "nobody".to_owned()),
        ("PGDATABASE", "nowhere".to_owned()),
        ("PGSSLMODE", "verify-full".to_owned()),
        ("PGAPPNAME", "libpq".to_owned()),
        ("PGSSLROOTCERT", "/no/such.pem".to_owned()),
    ];
    let others = others
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let told = in_a_process("says_what_it_is_connected_with", "", &others);
    assert_eq!(told, format!("{}/hexacoral/10s", database.name()));
}

#[test]
fn a_malformed_file_is_named_and_not_shown() {
    for file in [
        "DATABASE_PASSWORD=hunter2 and more\n",
        "DATABASE_PASSWORD='hunter2\n",
    ] {
        let file = format!("DATABASE_PORT=1\n{file}");
        let told = in_a_process("says_what_it_is_connected_with", &file, &[]);
        assert!(
            told.contains(".env has a malformed line after DATABASE_PORT"),
            "{told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn an_unknown_variable_of_the_process_is_refused() {
    let told = in_a_process(
        "says_what_it_is_connected_with",
        "",
        &[
            ("DATABASE_POOL_SZIE", "1"),
            ("DATABASES", "no prefix of ours"),
        ],
    );
    assert!(
        told.starts_with("DATABASE_POOL_SZIE is no setting"),
        "{told}"
    );
}

/// In a process made by one of the tests above, this writes down what that test wants to know.
#[tokio::test]
async fn says_what_it_is_connected_with() {
    let Ok(answer) = env::var(PREPARED) else {
        return assert!(AsyncPostgresSessionManager::from_env().is_ok());
    };
    let sql = "SELECT concat_ws('/', current_database(), current_setting('application_name'), \
               current_setting('lock_timeout'))";
    let told = match AsyncPostgresSessionManager::from_env() {
        Ok(manager) => {
            let told: String = ask(&manager, sql).await.unwrap();
            let blocking = PostgresSessionManager::from_env().unwrap();
            let same: String = on_thread(move || ask_blocking(&blocking, sql)).unwrap();
            assert_eq!(told, same);
            told
        }
        Err(refused) => format!("{refused}"),
    };
    fs::write(answer, told).unwrap();
}

/// What a test says in a process with this `.env` and these variables.
fn in_a_process(test: &str, file: &str, variables: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let answer = directory.path().join("answer");
    fs::write(directory.path().join(".env"), file).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("session::environment::{test}")])
        .current_dir(directory.path())
        .env(PREPARED, &answer)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{log}");
    fs::read_to_string(answer).unwrap()
}
