// sample: file

//! The command line, from its arguments to its exit code.

use clap::Parser as _;
use migration::cli::{Answers, Arguments, run};

use super::{ACCOUNTS, Empty, KEYS, TRANSFERS};

/// Gives the same answer to every question.
struct Always(Option<bool>);

impl Answers for Always {
    fn yes_or_no(&mut self, _: &str) -> Option<bool> {
        self.0
    }
}

const NOBODY: Always = Always(None);

#[derive(Debug)]
struct Outcome {
    code: String,
    out: String,
    err: String,
}

impl Outcome {
    fn is(&self, code: u8) -> bool {
        self.code == format!("{:?}", std::process::ExitCode::from(code))
    }
}

async fn migration(mut answers: Always, url: &str, arguments: &str) -> Outcome {
    let words = ["migration", "--database-url", url].into_iter();
    let arguments = Arguments::try_parse_from(words.chain(arguments.split(' ')));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(arguments.unwrap(), &mut answers, &mut out, &mut err).await;
    Outcome {
        code: format!("{code:?}"),
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

#[tokio::test]
async fn status_shows_every_migration_and_check_fails_while_one_is_pending() {
    for empty in Empty::both().await {
        let url = empty.url();
        let outcome = migration(NOBODY, &url, "up -n 1").await;
        assert!(outcome.is(0), "{outcome:?}");
        empty
            .execute("INSERT INTO seaql_migrations VALUES ('m2999_newer', 1)")
            .await
            .unwrap();

        let outcome = migration(NOBODY, &url, "status").await;
        assert!(outcome.is(0), "{outcome:?}");
        let lines: Vec<Vec<_>> = outcome
            .out
            .lines()
            .map(|line| line.split_whitespace().take(2).collect())
            .collect();
        assert_eq!(lines[0], [ACCOUNTS, "applied"]);
        assert_eq!(lines[1], [TRANSFERS, "pending"]);
        assert_eq!(lines[2], [KEYS, "pending"]);
        assert_eq!(lines[3], ["m2999_newer", "unknown"]);
        assert!(migration(NOBODY, &url, "status --check").await.is(1));

        assert!(migration(NOBODY, &url, "up").await.is(0));
        assert!(migration(NOBODY, &url, "status --check").await.is(0));
    }
}

#[tokio::test]
async fn without_a_yes_nothing_is_destroyed() {
    for empty in Empty::both().await {
        migration::migrate_url(&empty.url()).await.unwrap();
        let schema = empty.schema().await;
        for command in ["fresh", "refresh", "reset", "down"] {
            for answers in [NOBODY, Always(Some(false))] {
                let outcome = migration(answers, &empty.url(), command).await;
                assert!(outcome.is(2), "{command}: {outcome:?}");
                assert_eq!(empty.schema().await, schema);
            }
        }
    }
}

#[tokio::test]
async fn a_yes_on_the_command_line_or_at_the_terminal_is_enough_for_a_local_database() {
    for empty in Empty::both().await {
        let url = empty.url();
        for command in ["fresh", "refresh", "down", "reset"] {
            let outcome = migration(NOBODY, &url, &format!("{command} --yes")).await;
            assert!(outcome.is(0), "{outcome:?}");
            let outcome = migration(Always(Some(true)), &url, command).await;
            assert!(outcome.is(0), "{outcome:?}");
        }
        assert!(empty.schema().await.is_empty());
    }
}

#[tokio::test]
async fn production_is_refused_before_anything_is_connected_to() {
    // An address for documentation: a connection would be tried for a long time.
    let url = "postgres://u:hunter2@192.0.2.1/ledger";
    for command in [
        "fresh --yes",
        "refresh --yes",
        "reset --yes --database-name orders",
        "down --database-name ledger",
    ] {
        let outcome = migration(Always(Some(true)), url, command).await;
        assert!(outcome.is(2), "{command}: {outcome:?}");
        assert!(outcome.err.contains("ledger on 192.0.2.1"), "{outcome:?}");
        assert!(!outcome.err.contains("hunter2"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_failure_is_one_line_without_the_password() {
    for url in [
        "postgres://u:hunter2@127.0.0.1:1/ledger",
        "mysql://u:hunter2@h/ledger",
        "postgres://u:hunter2@h:port/ledger",
        "sqlite:///proc/no/such/directory/app.db?mode=rwc",
    ] {
        let outcome = migration(NOBODY, url, "up --lock-timeout 1s").await;
        assert!(outcome.is(2), "{outcome:?}");
        assert!(outcome.err.starts_with("error: "), "{outcome:?}");
        assert_eq!(outcome.err.lines().count(), 1, "{outcome:?}");
        assert!(!outcome.err.contains("hunter2"), "{outcome:?}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    for arguments in ["down -n 0", "up -n x", "up --lock-timeout soon", "sideways"] {
        let words = std::iter::once("migration").chain(arguments.split(' '));
        assert!(Arguments::try_parse_from(words).is_err(), "{arguments}");
    }
}
