use super::*;

fn chosen(pairs: &[(&str, &str)]) -> Result<Database, DatabaseError> {
    Database::from_variables(&Variables::of("DATABASE", pairs.iter().copied())?)
}

fn shown(pairs: &[(&str, &str)]) -> String {
    match chosen(pairs) {
        Ok(database) => database.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_scheme_of_the_url_chooses() {
    for (url, expected) in [
        ("postgres://u:p@h:1/d", "the PostgreSQL database d on h:1"),
        ("PostgreSQL://u@h/d", "the PostgreSQL database d on h:5432"),
        ("sqlite://a/b.db?mode=rwc", "the SQLite file a/b.db"),
        ("sqlite:b.db", "the SQLite file b.db"),
        ("sqlite::memory:", "a SQLite database in memory"),
        ("sqlite://x?mode=memory", "a SQLite database in memory"),
    ] {
        assert_eq!(shown(&[("DATABASE_URL", url)]), expected);
    }
}

#[test]
fn a_part_of_a_url_is_enough_for_postgresql() {
    assert_eq!(
        shown(&[("DATABASE_HOST", "h"), ("DATABASE_NAME", "d")]),
        "the PostgreSQL database d on h:5432"
    );
    assert_eq!(
        shown(&[("DATABASE_NAME", "d")]),
        "the PostgreSQL database d on localhost:5432"
    );
}

#[test]
fn with_nothing_set_it_is_the_embedded_file_and_other_settings_count() {
    let database = chosen(&[("DATABASE_POOL_SIZE", "3")]).unwrap();
    assert_eq!(database.to_string(), "the SQLite file data/hexacoral.db");
    assert_eq!(database.name(), "hexacoral.db");
    let Database::Sqlite(config) = database else {
        panic!("not SQLite");
    };
    assert_eq!(config.session.pool_size, 3);
}

#[test]
fn a_part_beside_a_sqlite_url_is_refused_by_name() {
    let message = shown(&[("DATABASE_URL", "sqlite://a.db"), ("DATABASE_HOST", "h")]);
    assert!(message.starts_with("DATABASE_HOST "), "{message}");
}

#[test]
fn an_unknown_scheme_is_refused_without_the_url() {
    for url in ["mysql://u:hunter2@h/d", "u:hunter2@h/d", "hunter2", "://"] {
        let message = shown(&[("DATABASE_URL", url)]);
        assert!(message.starts_with("DATABASE_URL "), "{message}");
        assert!(message.ends_with(ALLOWED), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn loopback_sockets_and_files_are_local() {
    for (host, local) in [
        ("localhost", true),
        ("127.3.2.1", true),
        ("[::1]", true),
        ("%2Frun%2Fpostgresql", true),
        ("10.0.0.1", false),
        ("db", false),
        ("localhost.example.org", false),
        ("127.example.org", false),
    ] {
        let database = Database::from_url(&format!("postgres://u@{host}/d")).unwrap();
        assert_eq!(database.is_local(), local, "{host}");
    }
    assert!(Database::from_url("sqlite://a.db").unwrap().is_local());
}

#[test]
fn no_output_shows_a_password() {
    let database = Database::from_url("postgres://u:hunter2@h/d").unwrap();
    assert!(!format!("{database:?} {database}").contains("hunter2"));
}
