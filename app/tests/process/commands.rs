use std::{
    fs,
    process::{Command, Stdio},
};

use super::place::{Place, text};

/// A server that is not there.
const NOWHERE: (&str, &str) = ("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/books");

#[test]
fn settings_are_shown_with_where_they_are_from_and_secrets_are_not() {
    let place = Place::new();
    place.write(".env", "LOG=warn\nDATABASE_POOL_SIZE=7\n");
    let settings = [NOWHERE, ("DATABASE_POOL_SIZE", "8")];
    let shown = place.run(&["config"], &settings);
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    let shown = text(&shown.stdout);
    let has = |words: [&str; 3]| {
        let mut lines = shown.lines();
        lines.any(|line| line.split_whitespace().eq(words))
    };
    for words in [
        ["DATABASE_POOL_SIZE", "8", "environment"],
        ["LOG", "warn", ".env"],
        ["HTTP_MAX_IN_FLIGHT", "64", "default"],
        ["DATABASE_NAME", "books", "DATABASE_URL"],
    ] {
        assert!(has(words), "{words:?} in {shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colours in a pipe: {shown:?}");
}

#[test]
fn settings_are_shown_although_they_are_wrong_and_all_that_is_wrong_is_told() {
    let place = Place::new();
    let settings = [
        ("DATABASE_URL", "postgres://me:hunter2@host:port/db"),
        ("HTTP_ADDR", "localhost"),
        ("LOG_FORMAT", "xml"),
    ];
    let shown = place.run(&["config"], &settings);
    assert_eq!(shown.status.code(), Some(2));
    let complaints = text(&shown.stderr);
    assert_eq!(complaints.lines().count(), 3, "{complaints}");
    assert!(!complaints.contains("hunter2"), "{complaints}");

    let json = place.run(&["config", "--json", "--set"], &settings);
    assert_eq!(json.status.code(), Some(2));
    let all: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(all["errors"].as_array().unwrap().len(), 3, "{all}");
    let names = all["settings"].as_array().unwrap().iter();
    let names: Vec<_> = names
        .map(|setting| setting["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["HTTP_ADDR", "LOG_FORMAT", "DATABASE_URL"]);
    assert!(!all.to_string().contains("hunter2"), "{all}");
}

#[test]
fn a_secret_whose_name_is_misspelt_is_hidden_too() {
    let place = Place::new();
    place.write(".env", "HTTP_TOKNE=hunter2\n");
    let settings = [("DATABASE_PASWORD", "hunter2")];
    for arguments in [&["config", "--set"][..], &["config", "--json"], &["check"]] {
        let shown = place.run(arguments, &settings);
        let all = [text(&shown.stdout), text(&shown.stderr)].concat();
        assert_ne!(shown.status.code(), Some(0), "{all}");
        assert!(all.contains("DATABASE_PASWORD is no setting"), "{all}");
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[test]
fn a_check_changes_nothing_and_says_what_to_do() {
    let place = Place::new();
    let checked = place.run(&["check"], &[("HTTP_ADDR", "127.0.0.1:0")]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
    let lines = text(&checked.stdout);
    for line in [
        "ok    settings",
        "warn  database",
        "-> serve makes it",
        "warn  schema",
        "skip  clock",
        "ok    port",
        "warn  access",
    ] {
        assert!(lines.contains(line), "{lines}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);

    let migrated = place.run(&["migrate", "up"], &[]);
    assert_eq!(
        migrated.status.code(),
        Some(0),
        "{}",
        text(&migrated.stderr)
    );
    let checked = place.run(&["check", "--json"], &[("HTTP_ADDR", "127.0.0.1:0")]);
    let found: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(found[2]["name"], "schema", "{found}");
    assert_eq!(found[2]["verdict"], "ok", "{found}");
}

#[test]
fn a_check_fails_for_each_thing_that_keeps_the_service_from_running() {
    let place = Place::new();
    let service = place.serve(&[]);
    for (settings, line) in [
        (
            vec![NOWHERE],
            "fail  database  nothing listens on 127.0.0.1:1",
        ),
        (
            vec![("DATABASE_HOST", "no.such.host.invalid")],
            "fail  database  there is no host no.such.host.invalid",
        ),
        (
            vec![("HTTP_ADDR", service.addr.as_str())],
            "fail  port      another program listens",
        ),
        (
            vec![("HTTP_ADDR", "0.0.0.0:0")],
            "fail  access    0.0.0.0:0 can be reached from elsewhere",
        ),
        (vec![("LOG_FORMAT", "xml")], "fail  settings  LOG_FORMAT is"),
    ] {
        let checked = place.run(&["check"], &settings);
        let lines = text(&checked.stdout);
        assert_eq!(checked.status.code(), Some(1), "{lines}");
        assert!(lines.contains(line), "{lines}");
        assert!(lines.contains("-> "), "{lines}");
        assert!(!lines.contains("hunter2"), "{lines}");
    }
}

#[test]
fn the_service_is_asked_for_its_health() {
    let place = Place::new();
    let service = place.serve(&[]);
    let addr = ("HTTP_ADDR", service.addr.as_str());
    let well = place.run(&["health"], &[addr]);
    assert_eq!(well.status.code(), Some(0), "{}", text(&well.stderr));
    assert!(text(&well.stdout).contains("200 OK"));

    std::fs::remove_dir_all(place.path().join("data")).unwrap();
    let ill = place.run(&["health"], &[addr]);
    assert_eq!(ill.status.code(), Some(1), "{}", text(&ill.stdout));
    let alive = place.run(&["health", "--live"], &[addr]);
    assert_eq!(alive.status.code(), Some(0), "{}", text(&alive.stdout));

    let gone = Place::new().run(&["health"], &[("HTTP_ADDR", "127.0.0.1:1")]);
    assert_eq!(gone.status.code(), Some(1));
    assert_eq!(text(&gone.stderr).lines().count(), 1);
}

#[test]
fn migrations_are_commands_too() {
    let place = Place::new();
    let code = |arguments: &[&str]| place.run(arguments, &[]).status.code();
    assert_eq!(
        code(&["migrate", "reset"]),
        Some(2),
        "nobody was there to say yes"
    );
    assert_eq!(code(&["migrate", "up"]), Some(0));
    assert_eq!(code(&["migrate", "status", "--check"]), Some(0));
    assert_eq!(code(&["migrate", "reset", "--yes"]), Some(0));
    assert!(place.path().join("data/hexacoral.db").is_file());
    let wrong = place.run(&["migrate", "up"], &[("DATABASE_POOL_SIZE", "many")]);
    assert_eq!(wrong.status.code(), Some(2));

    // Here are no sources that a migration could be added to.
    let help = place.run(&["migrate", "--help"], &[]);
    let help = text(&help.stdout);
    assert!(
        help.contains("status") && help.contains("Examples:"),
        "{help}"
    );
    assert!(!help.contains("generate"), "{help}");
}

#[test]
fn completions_are_scripts_that_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Place::new().run(&["completions", shell], &[("LOG_FORMAT", "xml")]);
        assert_eq!(script.status.code(), Some(0), "{shell}");
        let script = text(&script.stdout);
        for command in ["serve", "migrate", "status", "completions"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let place = Place::new();
    let script = place.run(&["completions", "bash"], &[]);
    place.write("app.bash", script.stdout);
    let mut bash = Command::new("bash");
    let parsed = bash.arg("-n").arg(place.path().join("app.bash")).status();
    assert!(parsed.unwrap().success());
}

#[test]
fn a_wrong_command_line_is_told_with_its_own_exit_code() {
    for arguments in [
        &["serv"][..],
        &["config", "--yaml"],
        &["check", "--skip", "x"],
    ] {
        let refused = Place::new().run(arguments, &[]);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(refused.stdout.is_empty(), "{arguments:?}");
    }
    let version = Place::new().run(&["--version"], &[("LOG_FORMAT", "xml")]);
    assert_eq!(
        text(&version.stdout),
        format!("app {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn nobody_who_listens_is_no_failure() {
    let place = Place::new();
    for arguments in [
        &["config"][..],
        &["completions", "bash"],
        &["check", "--skip", "port"],
        &["migrate", "status"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = place.command(arguments, &[]);
        let ended = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}");
        assert_eq!(text(&ended.stderr), "", "{arguments:?}");
    }
}

#[test]
fn the_description_of_the_api_needs_neither_a_database_nor_right_settings() {
    let place = Place::new();
    let settings = [NOWHERE, ("HTTP_ADDR", "localhost")];
    let printed = place.run(&["openapi"], &settings);
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
    let document: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(
        document["paths"]["/readyz"]["get"].is_object(),
        "{document}"
    );

    let written = place.run(&["openapi", "--output", "api.json"], &settings);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert!(written.stdout.is_empty());
    let written = fs::read(place.path().join("api.json")).unwrap();
    assert_eq!(written, printed.stdout);

    let refused = place.run(&["openapi", "--output", "no/such/folder"], &settings);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("no/such/folder"));
}

/// A disk that is full: what was not said is not done.
#[cfg(target_os = "linux")]
#[test]
fn output_that_can_not_be_written_is_a_failure() {
    let place = Place::new();
    for arguments in [&["config"][..], &["openapi"], &["completions", "bash"]] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let ended = place.command(arguments, &[]).stdout(full).output().unwrap();
        let told = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(
            told.starts_with("error: stdout can not be written"),
            "{told}"
        );
    }
}
