use super::place::{Place, text};

const HEADER: &str = "owner,currency,opening_balance\n";

#[test]
fn a_good_file_is_imported_and_reported() {
    let place = Place::new();
    place.write(
        "accounts.csv",
        format!("{HEADER}Ada,EUR,500\nBob,EUR,5\nKim,JPY,7\n"),
    );

    let imported = place.run(&["import", "accounts.csv"], &[]);
    assert_eq!(
        imported.status.code(),
        Some(0),
        "{}",
        text(&imported.stderr)
    );
    assert_eq!(text(&imported.stdout), "accounts opened: 3\n");

    let report = place.run(&["report"], &[]);
    assert_eq!(
        text(&report.stdout),
        "currency  active  frozen       sum\n\
         EUR            2       0  5.05 EUR\n\
         JPY            1       0     7 JPY\n"
    );
}

#[test]
fn values_are_kept_out_of_the_log_when_told_so() {
    let place = Place::new();
    place.write("accounts.csv", format!("{HEADER}Confidential,EUR,500\n"));
    let import = |hide| {
        let settings = [("LOG", "trace"), ("DATABASE_HIDE_PARAMETERS", hide)];
        let imported = place.run(&["import", "accounts.csv"], &settings);
        assert_eq!(imported.status.code(), Some(0));
        String::from_utf8(imported.stderr).unwrap()
    };
    let (shown, hidden) = (import("false"), import("true"));
    assert!(shown.contains("Confidential"), "{shown}");
    assert!(
        hidden.contains("INSERT INTO") && !hidden.contains("Confidential"),
        "{hidden}"
    );
}

#[test]
fn a_file_with_bad_rows_is_told_of_with_all_lines_and_not_stored() {
    let place = Place::new();
    place.write(
        "mixed.csv",
        format!("{HEADER}Ada,EUR,500\n,EUR,1\nBob,EUR,-1\nKim,YEN,x\n"),
    );

    let refused = place.run(&["import", "mixed.csv"], &[]);
    assert_eq!(refused.status.code(), Some(1));
    let complaint = text(&refused.stderr);
    for line in ["mixed.csv:3: ", "mixed.csv:4: ", "mixed.csv:5: "] {
        assert!(complaint.contains(line), "{complaint}");
    }
    let report = place.run(&["report", "--format", "csv"], &[]);
    assert_eq!(text(&report.stdout), "currency,active,frozen,sum\n");

    let kept = place.run(&["import", "mixed.csv", "--keep-good"], &[]);
    assert_eq!(kept.status.code(), Some(1));
    assert_eq!(text(&kept.stdout), "accounts opened: 1; bad rows: 3\n");
}

#[test]
fn a_file_that_is_none_is_one_line() {
    let place = Place::new();
    place.write("empty.csv", "");
    place.write("other.csv", "name,amount\nAda,1\n");
    place.write(
        "latin1.csv",
        [HEADER.as_bytes(), b"Jos\xe9,EUR,1\n"].concat(),
    );
    for file in ["empty.csv", "other.csv", "latin1.csv", "missing.csv", "."] {
        let refused = place.run(&["import", file], &[]);
        let complaint = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains(file), "{complaint}");
    }
}

#[test]
fn demonstration_data_is_stored_once() {
    let place = Place::new();
    let arguments = ["seed", "--accounts", "40", "--transfers", "100"];
    let seeded = place.run(&arguments, &[("LOG", "warn")]);
    assert_eq!(seeded.status.code(), Some(0), "{}", text(&seeded.stderr));
    let stored = "accounts stored: 40; transfers stored: 100\n";
    assert_eq!(text(&seeded.stdout), stored);
    assert_eq!(
        text(&seeded.stderr),
        "",
        "a progress bar, where there is no terminal"
    );

    let report = place.run(&["report", "--format", "csv"], &[]);
    let again = place.run(&arguments, &[]);
    assert!(text(&again.stdout).ends_with("; there already: 140\n"));
    let unchanged = place.run(&["report", "--format", "csv"], &[]);
    assert_eq!(text(&unchanged.stdout), text(&report.stdout));
    // On another database, the same.
    let other = Place::new();
    other.run(&arguments, &[]);
    let same = other.run(&["report", "--format", "csv"], &[]);
    assert_eq!(text(&same.stdout), text(&report.stdout));
}

#[test]
fn production_is_not_seeded_unless_it_is_named() {
    let place = Place::new();
    let production = [("APP_ENV", "production")];
    let refused = place.run(&["seed"], &production);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("--database-name"));
    let elsewhere = [("DATABASE_HOST", "db.example.com")];
    let refused = place.run(&["seed"], &elsewhere);
    assert!(text(&refused.stderr).contains("it is not on this machine"));
    let wrong = ["seed", "--database-name", "others"];
    assert_eq!(place.run(&wrong, &[]).status.code(), Some(1));
    assert!(!place.path().join("data").exists());

    let named = ["seed", "--accounts", "2", "--database-name", "hexacoral.db"];
    let named = place.run(&named, &production);
    assert_eq!(named.status.code(), Some(0), "{}", text(&named.stderr));
    let alone = place.run(&["seed", "--accounts", "1"], &[]);
    assert_eq!(alone.status.code(), Some(2), "{}", text(&alone.stdout));
}
