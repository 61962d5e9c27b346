//! A new migration is a file that compiles, listed after the others.

use std::fs;
use std::path::Path;

use migration::generate::{find_source, generate};
use ports::Clock as _;

/// A copy of the sources that lists are kept in.
fn sources() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("migration/src");
    fs::create_dir_all(&source).unwrap();
    fs::copy(original().join("lib.rs"), source.join("lib.rs")).unwrap();
    directory
}

fn original() -> std::path::PathBuf {
    find_source(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_migration_is_written_and_listed_after_the_others() {
    let directory = sources();
    let source = find_source(&directory.path().join("migration/src")).unwrap();
    let now = "2030-02-03T04:05:06Z".parse().unwrap();
    let file = generate(&source, "add_email", now).unwrap();

    let module = "m20300203_040506_add_email";
    assert_eq!(file, source.join(module).with_extension("rs"));
    let text = fs::read_to_string(&file).unwrap();
    for part in ["async fn up", "async fn down", "DeriveMigrationName"] {
        assert!(text.contains(part), "{text}");
    }
    let library = fs::read_to_string(source.join("lib.rs")).unwrap();
    let place = |part: &str| library.find(part).unwrap_or_else(|| panic!("no {part}"));
    let (declared, listed) = (
        place(&format!("\nmod {module};\n")),
        place(&format!("\n            Box::new({module}::Migration),\n")),
    );
    assert_eq!(library.rfind("\nmod m2"), Some(declared));
    assert_eq!(library.rfind("\n            Box::new("), Some(listed));
    // What is deleted with the sample does not take it along.
    let before = library.split_at(listed).0;
    let count = |text: &str, part| text.matches(part).count();
    assert_eq!(count(before, "sample: begin"), count(before, "sample: end"));
}

#[test]
fn the_lists_are_found_from_anywhere_inside_of_the_workspace() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for from in [here, &here.join("src"), &original()] {
        assert_eq!(find_source(from).unwrap(), original(), "{from:?}");
    }
    assert!(find_source(Path::new("/")).is_err());
}

#[test]
fn a_bad_name_is_refused_and_nothing_is_written() {
    let directory = sources();
    let source = directory.path().join("migration/src");
    let before = fs::read_to_string(source.join("lib.rs")).unwrap();
    let now = adapters::SystemClock.now();
    let long = "a".repeat(101);
    for name in [
        "",
        "AddEmail",
        "add email",
        "add-email",
        "../evil",
        "1st",
        "_x",
        "x_",
        "é",
        &long,
    ] {
        let error = generate(&source, name, now).unwrap_err().to_string();
        assert!(error.contains(&format!("{name:?}")), "{error}");
    }

    assert_eq!(fs::read_to_string(source.join("lib.rs")).unwrap(), before);
    assert_eq!(fs::read_dir(&source).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let directory = sources();
    let source = directory.path().join("migration/src");
    let now = adapters::SystemClock.now();
    let file = generate(&source, "add_email", now).unwrap();
    fs::write(&file, "precious").unwrap();

    assert!(generate(&source, "add_email", now).is_err());
    assert_eq!(fs::read_to_string(file).unwrap(), "precious");
}
