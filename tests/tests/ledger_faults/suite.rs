//! The one command of the suite: what it makes of the tests that it has cargo run. Here cargo is
//! a script that says what such tests would.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tests::ledger_faults::Properties;

/// A cargo that builds everything, and does this in place of tests.
struct Cargo {
    directory: TempDir,
}

impl Cargo {
    fn that(does: &str) -> Self {
        let directory = TempDir::with_prefix("test-faults-cargo-").unwrap();
        let script = format!("#!/bin/sh\ncase \"$*\" in *--no-run*) exit 0 ;; esac\n{does}\n");
        let program = directory.path().join("cargo");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        Self { directory }
    }

    /// Whether the suite was content, and what it has said.
    fn is_enough_for(&self, arguments: &[&str]) -> (bool, String) {
        let Output { status, stdout, .. } = Command::new(env!("CARGO_BIN_EXE_faults"))
            .args(arguments)
            .env("CARGO", self.directory.path().join("cargo"))
            .env("TMPDIR", self.directory.path())
            .output()
            .unwrap();
        let said = String::from_utf8(stdout).unwrap();
        match status.code() {
            Some(0) => (true, said),
            Some(1) => (false, said),
            other => panic!("{other:?}: {said}"),
        }
    }
}

const HISTORIES: [&str; 6] = ["--part", "histories", "--histories", "2", "--seed", "7"];

#[test]
fn histories_are_counted_and_have_the_seed() {
    let cargo = Cargo::that(
        "echo \"test histories::one ... ok\"\n\
         echo \"serializable: 30 histories of $HISTORIES from $HISTORIES_SEED\"\n\
         echo \"2 histories: 7 transfers\"",
    );
    let (is_enough, said) = cargo.is_enough_for(&HISTORIES);
    assert!(is_enough, "{said}");
    assert!(
        said.contains("passed: histories: 32 histories in 1 tests"),
        "{said}"
    );
    let row = "| histories | passed | 32 histories in 1 tests |";
    assert!(said.contains(row), "{said}");
    let line = "HISTORIES=2 HISTORIES_SEED=7 cargo test -p tests --test it -- histories::";
    assert!(said.contains(line), "{said}");
}

#[test]
fn too_few_histories_are_a_finding() {
    let cargo = Cargo::that("echo 'test histories::one ... ok'; echo '31 histories'");
    let (is_enough, said) = cargo.is_enough_for(&HISTORIES);
    assert!(!is_enough, "{said}");
    assert!(said.contains("31 histories, and not 16 times 2"), "{said}");
    assert!(said.contains("| histories | FELL SHORT |"), "{said}");
}

#[test]
fn tests_that_fail_are_a_finding_and_what_they_say_is_shown() {
    let cargo = Cargo::that(
        "echo 'test histories::one ... FAILED'; echo '32 histories'; echo 'because' >&2; exit 101",
    );
    let (is_enough, said) = cargo.is_enough_for(&HISTORIES);
    assert!(!is_enough, "{said}");
    for told in [
        "they failed: exit status: 101",
        "histories::one failed",
        "    because",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn a_part_without_tests_is_a_finding() {
    let (is_enough, said) = Cargo::that("exit 0").is_enough_for(&["--part", "cancellation"]);
    assert!(!is_enough, "{said}");
    assert!(said.contains("no test has passed"), "{said}");
}

#[test]
fn a_part_that_can_not_be_begun_is_a_finding_and_the_next_one_is_run() {
    let cargo = Cargo::that("exit 0");
    fs::remove_file(cargo.directory.path().join("cargo")).unwrap();
    let both = ["--part", "histories", "--part", "cancellation"];
    let (is_enough, said) = cargo.is_enough_for(&both);
    assert!(!is_enough, "{said}");
    for row in [
        "| histories | FELL SHORT | nothing |",
        "| cancellation | FELL SHORT | nothing |",
    ] {
        assert!(said.contains(row), "{row}: {said}");
    }
}

#[test]
fn a_part_that_is_asked_for_is_not_left_out_in_silence() {
    let nothing = ["--part", "soak", "--soak", "0"];
    let (is_enough, said) = Cargo::that("exit 0").is_enough_for(&nothing);
    assert!(!is_enough, "{said}");
    assert!(said.contains("--soak 0 leaves out"), "{said}");
}

#[test]
fn what_takes_too_long_is_killed_with_all_that_it_has_started_and_is_a_finding() {
    let cargo = Cargo::that("sleep 600 & echo \"started $!\"; sleep 600");
    let begun = Instant::now();
    let (is_enough, said) = cargo.is_enough_for(&["--part", "cancellation", "--longest", "0"]);
    assert!(begun.elapsed() < Duration::from_secs(30), "{said}");
    assert!(!is_enough, "{said}");
    assert!(
        said.contains("it did not end within 0ns, and was killed"),
        "{said}"
    );

    let ended = tests::ledger_faults::run_child(
        Command::new("sh").args(["-c", "sleep 600 & echo $!; sleep 600"]),
        Duration::from_millis(500),
    );
    let ended = ended.unwrap();
    assert_eq!(ended.status, None);
    let started = ended.output.trim();
    assert!(!started.is_empty());
    // A signal is carried out when its process is scheduled next.
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_gone(started) {
        assert!(Instant::now() < deadline, "{started} is still there");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether there is no such process, or one whose end nobody has waited for yet.
fn is_gone(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.is_empty() || status.contains("State:\tZ")
}

#[test]
fn a_property_that_is_not_run_is_a_finding() {
    let said = all_properties()
        .tests
        .iter()
        .map(|(name, _)| format!("echo 'test somewhere::{name} ... ok'\n"))
        .collect::<Vec<_>>();
    let fuzzing = ["--part", "fuzzing", "--cases", "3"];
    let (is_enough, told) = Cargo::that(&said.concat()).is_enough_for(&fuzzing);
    assert!(is_enough, "{told}");
    let count = format!("{} properties, each 3 times or more", said.len());
    assert!(told.contains(&count), "{told}");

    let (_, but_the_last) = said.split_last().unwrap();
    let (is_enough, told) = Cargo::that(&but_the_last.concat()).is_enough_for(&fuzzing);
    assert!(!is_enough, "{told}");
    assert!(told.contains(" was not run"), "{told}");
}

fn all_properties() -> Properties {
    Properties::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

#[test]
fn every_property_of_the_workspace_is_in_a_test_that_cargo_can_run() {
    let properties = all_properties();
    assert!(properties.unknown.is_empty(), "{:#?}", properties.unknown);
    let names: Vec<_> = properties
        .tests
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    for known in [
        "any_values_come_back_and_fit_a_url",
        "any_text_is_refused",
        "any_bytes_are_a_file_or_refused_in_one_line",
        "every_database_answers_any_query_as_the_ledger_in_memory_does",
        "no_history_loses_money_or_goes_into_debt",
    ] {
        assert!(names.contains(&known), "{known} is not among {names:#?}");
    }
}

#[test]
fn properties_are_found_where_they_are() {
    let tree = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let file = tree.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let inside = "proptest! {\n    #[test]\n    fn holds(x in 0..9) {}\n}\n";
    write("one/Cargo.toml", "");
    write(
        "one/src/noun/tests.rs",
        &format!("#[test]\nfn other() {{}}\n\n{inside}"),
    );
    write("one/src/plain.rs", "#[test]\nfn plain() {}\n");
    write(
        "one/tests/it/noun.rs",
        "use proptest::test_runner::TestRunner;\n#[tokio::test]\nasync fn by_hand() {\n    \
         TestRunner::new(config());\n}\n",
    );
    write("one/benches/fast.rs", inside);
    write("one/src/empty.rs", "proptest! {\n}\n");
    write("no_package/src/lib.rs", inside);

    let found = Properties::of(tree.path()).unwrap();
    let test = |name: &str, file: &str| (name.to_owned(), PathBuf::from(file));
    let expected = [
        test("by_hand", "one/tests/it/noun.rs"),
        test("holds", "one/src/noun/tests.rs"),
    ];
    assert_eq!(found.tests, expected.into());
    assert_eq!(found.packages, ["one".to_owned()].into());
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(found.targets, [words("--lib"), words("--test it")].into());
    let mut unknown = found.unknown;
    unknown.sort();
    assert_eq!(
        unknown,
        [
            "one/benches/fast.rs: it is in no library, and in no file of tests",
            "one/src/empty.rs: no test is seen in it",
        ]
    );
}
