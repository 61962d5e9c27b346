//! What the settings of a process come to.

use std::{collections::BTreeMap, fs, path::Path};

use adapters::config::{Origin, Source};
use proptest::prelude::*;

use super::*;

/// Settings of the tests themselves.
const NOT_OF_THE_SERVICE: [&str; 1] = ["TEST_DATABASE_URL"];

fn read(pairs: &[(&str, &str)]) -> Effective {
    Effective::read(Environment::of(pairs.iter().copied()))
}

fn of(effective: &Effective, name: &str) -> (String, Origin) {
    let mut readings = effective.readings.iter();
    let found = readings.find(|known| known.name == name).unwrap();
    (found.value.clone().unwrap_or_default(), found.origin)
}

/// The settings of both databases, with their defaults.
fn defaults() -> BTreeMap<String, String> {
    let sqlite = read(&[]);
    let postgres = read(&[("DATABASE_USERNAME", "postgres")]);
    let all = sqlite.readings.into_iter().chain(postgres.readings);
    all.map(|known| (known.name, known.value.unwrap_or_default()))
        .collect()
}

fn text(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(name)).unwrap()
}

#[test]
fn the_example_file_lists_what_is_read_and_nothing_else() {
    let example = text(".env.example");
    let lines = example.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("# ")?.split_once('=')?;
        let is_name = |char: char| char.is_ascii_uppercase() || char == '_';
        name.chars().all(is_name).then(|| {
            let value = rest.split_once(" #").map_or(rest, |(value, _)| value);
            (name.to_owned(), value.trim().to_owned())
        })
    });
    let lines: BTreeMap<_, _> = lines.collect();
    let defaults = defaults();
    let listed: Vec<_> = lines
        .keys()
        .filter(|name| !NOT_OF_THE_SERVICE.contains(&name.as_str()))
        .collect();
    assert_eq!(listed, defaults.keys().collect::<Vec<_>>());
    for (name, value) in &lines {
        // Of the URL there is an example; whoever sets it leaves the default.
        if !value.is_empty() && !name.ends_with("_URL") {
            let default = defaults.get(name);
            assert_eq!(
                default,
                Some(value),
                "{name}: read it by a method of Variables that ends in _or"
            );
        }
    }
}

#[test]
fn the_table_in_the_readme_lists_what_is_read_and_nothing_else() {
    let readme = text("README.md");
    let mut listed: Vec<_> = readme.lines().flat_map(names_of_row).collect();
    listed.sort();
    listed.dedup();
    let defaults = defaults();
    let all: Vec<_> = defaults.keys().cloned().collect();
    assert_eq!(listed, all);
}

// | `DATABASE_HOST`, `_PORT` | .. has both, in full.
fn names_of_row(line: &str) -> Vec<String> {
    let Some(first) = line
        .strip_prefix("| `")
        .and_then(|row| row.split('|').next())
    else {
        return Vec::new();
    };
    let words = first.split('`').map(str::trim);
    let is_name = |word: &&str| {
        let allowed = |char: char| char.is_ascii_uppercase() || char == '_';
        word.len() > 2 && word.chars().all(allowed)
    };
    let words: Vec<_> = words.filter(is_name).collect();
    let Some(first) = words.first().copied() else {
        return Vec::new();
    };
    let name = |word: &str| match word.strip_prefix('_') {
        Some(end) => {
            let begin = first.rsplit_once('_').map_or(first, |(begin, _)| begin);
            format!("{begin}_{end}")
        }
        None => word.to_owned(),
    };
    words.into_iter().map(name).collect()
}

#[test]
fn each_value_tells_where_it_is_from() {
    let effective = read(&[
        ("DATABASE_URL", "postgres://ada:hunter2@db:6432/books"),
        ("DATABASE_NAME", "others"),
        ("LOG", "warn"),
    ]);
    assert_eq!(effective.wrong, [""; 0]);
    let set = Origin::Set(Source::Environment);
    let url = Origin::Other("DATABASE_URL");
    for (name, value, origin) in [
        ("DATABASE_URL", "postgres://ada:(hidden)@db:6432/books", set),
        ("DATABASE_HOST", "db", url),
        ("DATABASE_PORT", "6432", url),
        ("DATABASE_PASSWORD", "(hidden)", url),
        ("DATABASE_NAME", "others", set),
        ("LOG", "warn", set),
        ("DATABASE_POOL_RECYCLE", "10min", Origin::Default),
        ("HTTP_ADDR", "127.0.0.1:3000", Origin::Default),
    ] {
        assert_eq!(of(&effective, name), (value.to_owned(), origin), "{name}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let effective = read(&[
        ("DATABASE_URL", "postgres://ada:hunter2@db:port/books"),
        ("DATABASE_POOL_SIZE", "many"),
        ("DATABASE_POOL_SZIE", "5"),
        ("DATABASE_CURSOR_KEY", "tooshort"),
        ("DATABASE_SSL_ROOT_CERT", "/no/such/file"),
        ("HTTP_ADDR", "localhost"),
        ("LOG_FORMAT", "xml"),
    ]);
    assert_eq!(effective.wrong.len(), 7, "{:#?}", effective.wrong);
    assert!(effective.config.is_none() && effective.database.is_none());
    let all = format!("{effective:?}");
    assert!(
        !all.contains("hunter2") && !all.contains("tooshort"),
        "{all}"
    );
}

#[test]
fn what_looks_like_a_setting_and_is_none_is_told_too() {
    let effective = read(&[("HTTP_MAX_INFLIGHT", "5"), ("PATH", "/bin")]);
    assert_eq!(effective.unread, ["HTTP_MAX_INFLIGHT"]);
}

/// What no setting may show to anybody.
const SECRET: &str = "hunter2hunter2hunter2hunter2hunter2";

fn value() -> impl Strategy<Value = String> {
    let telling = [
        "0",
        "1",
        "-1",
        "18446744073709551616",
        "1e9",
        "5s",
        "never",
        "always",
        "true",
        "*",
        "99999999999999999999h",
        "127.0.0.1:0",
        "[::1]:80",
        "/",
        "postgres://",
        "sqlite:",
        "postgres://a:b@c:d/e?f=g",
        "https://a.example",
        "info,x=y=z",
        "serializable",
    ];
    prop_oneof![
        prop::sample::select(telling.to_vec()).prop_map(str::to_owned),
        any::<String>(),
        "[ -~]{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_of_any_setting_counts_or_is_told(
        set in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..6),
    ) {
        let names: Vec<_> = defaults().into_keys().collect();
        let set: BTreeMap<_, _> = set
            .into_iter()
            .map(|(at, value)| (at.get(&names).clone(), value))
            .collect();
        let environment = Environment::of(set.clone());
        let effective = Effective::read(environment.clone());
        for wrong in &effective.wrong {
            prop_assert!(names.iter().any(|name| wrong.contains(name.as_str())), "{}", wrong);
        }
        // What is told at once is what ends a start.
        let starts = Config::read(&environment).is_ok() && Database::read(&environment).is_ok();
        prop_assert!(starts || !effective.wrong.is_empty(), "{:?}", set);
    }

    #[test]
    fn no_secret_is_shown_however_it_is_set(
        before in "[ -~]{0,6}", after in "[ -~]{0,6}", host in "[ -~]{0,8}", which in 0_usize..5,
    ) {
        let secret = format!("{before}{SECRET}{after}");
        let url = format!("postgres://ada:{SECRET}{after}@db{host}/books");
        let (name, value) = [
            ("DATABASE_PASSWORD", secret.clone()),
            ("DATABASE_CURSOR_KEY", secret.clone()),
            ("AUTH_SECRET", secret.clone()),
            ("DATABASE_URL", url),
            ("DATABASE_URL", format!("{host}://ada:{SECRET}@db/books")),
        ].into_iter().nth(which).unwrap();
        let environment = Environment::of([(name, value)]);
        let config = Config::read(&environment);
        let database = Database::read(&environment);
        let effective = Effective::read(environment);
        for shown in [format!("{config:?}"), format!("{database:?}"), format!("{effective:?}")] {
            prop_assert!(!shown.contains(SECRET), "{}: {}", name, shown);
        }
    }
}
