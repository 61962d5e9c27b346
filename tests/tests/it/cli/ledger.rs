use adapters::Database;
use app::bootstrap;
use app::cli::{
    Failure,
    ledger::{AccountsFile, Format, Import, Imported, Report, Seed, Seeded, render},
};
use indicatif::ProgressBar;
use sea_orm::ConnectionTrait as _;
use tests::{SqliteFile, TestDatabase};

#[test]
fn postgres_takes_a_file_or_leaves_it() {
    let database = TestDatabase::postgres_blocking();
    a_file_is_taken_as_a_whole(&database.url());
}

#[test]
fn sqlite_takes_a_file_or_leaves_it() {
    let file = SqliteFile::empty();
    a_file_is_taken_as_a_whole(&file.url());
}

fn a_file_is_taken_as_a_whole(url: &str) {
    let database = Database::from_url(url).unwrap();
    let good = "owner,currency,opening_balance\nAda,EUR,500\nBob,EUR,1\nKim,JPY,7\n";
    let mixed = format!("{good}Zoe,EUR,-1\n");

    let refused = import(&database, &mixed, false);
    assert_eq!(refused.opened, 0);
    assert_eq!(
        refused.bad.iter().map(|row| row.line).collect::<Vec<_>>(),
        [5]
    );
    assert_eq!(report(&database), "currency,active,frozen,sum\n");

    let taken = import(&database, good, false);
    assert_eq!((taken.opened, taken.bad.len()), (3, 0));
    let kept = import(&database, &mixed, true);
    assert_eq!((kept.opened, kept.bad.len()), (3, 1));
    assert_eq!(
        report(&database),
        "currency,active,frozen,sum\nEUR,4,0,1002\nJPY,2,0,14\n"
    );
}

fn import(database: &Database, text: &str, keep_good: bool) -> Imported {
    let job = Import {
        file: AccountsFile::read(text.as_bytes()).unwrap(),
        keep_good,
        progress: ProgressBar::hidden(),
    };
    bootstrap::work(database, job).unwrap().unwrap()
}

fn report(database: &Database) -> String {
    let job = Report {
        progress: ProgressBar::hidden(),
    };
    let totals = bootstrap::work(database, job).unwrap().unwrap();
    render(&totals, Format::Csv)
}

#[test]
fn postgres_is_seeded_and_goes_on_after_a_failure() {
    let database = TestDatabase::postgres_blocking();
    a_failure_keeps_whole_chunks(&database.url(), "ctid");
}

#[test]
fn sqlite_is_seeded_and_goes_on_after_a_failure() {
    let file = SqliteFile::empty();
    a_failure_keeps_whole_chunks(&file.url(), "rowid");
}

/// `last` is what the database orders rows by as they were stored.
fn a_failure_keeps_whole_chunks(url: &str, last: &str) {
    let database = Database::from_url(url).unwrap();
    let all = Seeded {
        accounts: 2_500,
        transfers: 6_000,
        before: 0,
    };
    assert_eq!(seed(&database).unwrap(), all);
    let whole = report(&database);
    let again = Seeded {
        before: 8_500,
        ..Seeded::default()
    };
    assert_eq!(seed(&database).unwrap(), again);
    assert_eq!(report(&database), whole);

    // What is left is in the way of the last chunk, and not at its beginning.
    let stray = format!("SELECT id FROM accounts ORDER BY {last} DESC LIMIT 1");
    execute(&database, "DELETE FROM transfers");
    execute(
        &database,
        &format!("DELETE FROM accounts WHERE id NOT IN ({stray})"),
    );
    execute(&database, "UPDATE accounts SET owner = 'Stray'");
    let failure = seed(&database).unwrap_err().to_string();
    let stored = "accounts stored: 1666; transfers stored: 4000; the same command goes on";
    assert!(failure.starts_with(stored), "{failure}");

    execute(&database, "DELETE FROM accounts WHERE owner = 'Stray'");
    let rest = Seeded {
        accounts: 834,
        transfers: 2_000,
        before: 5_666,
    };
    assert_eq!(seed(&database).unwrap(), rest);
    assert_eq!(report(&database), whole);
}

fn seed(database: &Database) -> Result<Seeded, Failure> {
    let job = Seed {
        accounts: 2_500,
        transfers: 6_000,
        seed: 7,
        progress: ProgressBar::hidden(),
    };
    bootstrap::work(database, job).unwrap()
}

fn execute(database: &Database, sql: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let connection = database.connection().unwrap();
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    });
}
