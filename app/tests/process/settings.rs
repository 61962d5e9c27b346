use super::place::{Place, text};

#[test]
fn a_wrong_setting_is_one_line_with_what_is_allowed() {
    for (name, value, expected) in [
        ("HTTP_MAX_IN_FLIGHT", "0", "whole numbers from 1"),
        ("LOG", "app=loud", "levels and targets"),
        ("LOG_FORMAT", "xml", "human, json"),
        ("DATABASE_URL", "mysql://root:secret@host/db", "postgres://"),
        ("DATABASE_POOL_SIZE", "many", "whole numbers from 1"),
        ("DATABASE_POOL_SZIE", "5", "DATABASE_POOL_SIZE"),
        ("IDEMPOTENCY_KEY_TTL", "0", "from 1s to 3650d"),
        ("IDEMPOTENCY_TTL", "1h", "IDEMPOTENCY_KEY_TTL"),
        (
            "DATABASE_URL",
            "sqlite:///dev/null/x/y.db?mode=rwc",
            "can not be made",
        ),
    ] {
        let ended = Place::new().run(&[], &[(name, value), ("HTTP_ADDR", "127.0.0.1:0")]);
        let complaint = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(
            complaint.contains(name) && complaint.contains(expected),
            "{complaint}"
        );
        assert!(!complaint.contains("secret"), "{complaint}");
    }
}

#[test]
fn a_wrong_address_is_one_line_too() {
    let ended = Place::new().run(&["serve"], &[("HTTP_ADDR", "localhost")]);
    let complaint = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{complaint}");
    assert_eq!(
        complaint,
        "error: HTTP_ADDR is \"localhost\"; allowed are an IP address and a port, such as \
         127.0.0.1:3000\n"
    );
}

#[test]
fn settings_may_be_in_a_file() {
    let place = Place::new();
    place.write(".env", "LOG_FORMAT=xml\n");
    let ended = place.run(&[], &[]);
    assert!(text(&ended.stderr).contains("LOG_FORMAT is \"xml\""));
}

#[test]
fn help_lists_the_commands_with_examples() {
    let help = Place::new().run(&["--help"], &[]);
    let help = text(&help.stdout);
    for part in ["serve", "DATABASE_URL", "HTTP_ADDR", "Examples:"] {
        assert!(help.contains(part), "{help}");
    }
}
