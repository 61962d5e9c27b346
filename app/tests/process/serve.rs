use std::net::TcpStream;

use rustix::process::Signal;

use super::place::{Place, text};

#[test]
fn without_settings_it_serves_on_an_embedded_database_and_says_so() {
    let place = Place::new();
    let mut service = place.serve(&[]);

    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));
    assert!(place.path().join("data/hexacoral.db").is_file());
    assert_eq!(service.stop(Signal::TERM), Some(0));
    for part in [
        "the SQLite file data/hexacoral.db",
        "DATABASE_URL=postgres://",
        "curl",
    ] {
        assert!(service.greeting.contains(part), "{}", service.greeting);
    }
}

#[test]
fn it_stops_on_ctrl_c_although_a_client_stays_connected() {
    let mut service = Place::new().serve(&[]);
    let _idle = TcpStream::connect(&service.addr).unwrap();
    assert_eq!(service.stop(Signal::INT), Some(0));
}

#[test]
fn what_is_stored_is_there_after_a_restart() {
    let place = Place::new();
    let mut first = place.serve(&[]);
    assert_eq!(first.stop(Signal::TERM), Some(0));
    let second = place.serve(&[]);
    assert!(second.get("/readyz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_schema_that_is_left_alone_is_not_asked_for_at_the_start() {
    let settings = [
        ("DATABASE_URL", "postgres://me@127.0.0.1:1/db"),
        ("DATABASE_MIGRATE_ON_START", "false"),
    ];
    let place = Place::new();
    let service = place.serve(&settings);
    let answer = service.get("/readyz");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}

#[test]
fn it_is_not_ready_once_its_database_was_deleted() {
    let place = Place::new();
    let service = place.serve(&[]);
    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));

    std::fs::remove_dir_all(place.path().join("data")).unwrap();
    let answer = service.get("/readyz");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}

#[test]
fn an_address_in_use_is_one_line() {
    let place = Place::new();
    let service = place.serve(&[]);
    let second = place.run(&["serve"], &[("HTTP_ADDR", &service.addr)]);
    let complaint = text(&second.stderr);
    assert_eq!(second.status.code(), Some(2), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(
        complaint.contains("another program listens there"),
        "{complaint}"
    );
}

#[test]
fn the_log_may_be_json() {
    let place = Place::new();
    let settings = [("LOG_FORMAT", "json"), ("HTTP_ADDR", "127.0.0.1:0")];
    let mut command = place.command(&[], &settings);
    let mut child = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let listening = lines.find_map(|line| {
        let event: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        (event["message"] == "listening").then_some(event)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(listening.is_some_and(|event| event["addr"].is_string()));
}
