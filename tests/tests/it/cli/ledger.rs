use adapters::Database;
use app::bootstrap;
use app::cli::ledger::{AccountsFile, Format, Import, Imported, Report, render};
use indicatif::ProgressBar;
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
