use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStderr, Stdio},
};

use serde_json::Value;

use super::place::Place;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A service whose log is read.
struct Logging {
    child: Child,
    log: BufReader<ChildStderr>,
    addr: String,
    _place: Place,
}

impl Logging {
    fn start(settings: &[(&str, &str)]) -> Self {
        let place = Place::new();
        let ours = [("LOG_FORMAT", "json"), ("HTTP_ADDR", "127.0.0.1:0")];
        let mut command = place.command(&[], &[settings, &ours].concat());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut service = Self {
            log: BufReader::new(child.stderr.take().unwrap()),
            child,
            addr: String::new(),
            _place: place,
        };
        let listening = service.until(|event| event["message"] == "listening");
        let last = listening.last().unwrap();
        last["addr"].as_str().unwrap().clone_into(&mut service.addr);
        service
    }

    /// The lines up to the first that is such a one.
    fn until(&mut self, found: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.log.read_line(&mut line).unwrap(), 0, "{events:?}");
            let event: Value = serde_json::from_str(&line).unwrap();
            let is_last = found(&event);
            events.push(event);
            if is_last {
                return events;
            }
        }
    }

    fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn each_request_is_a_line_with_its_id_its_trace_and_how_it_ended() {
    let mut service = Logging::start(&[("LOG", "info")]);
    let traceparent = format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\n");
    let answer = service.get("/nothing", &format!("x-request-id: r-1\r\n{traceparent}"));
    assert!(
        answer.contains(&format!("traceparent: 00-{TRACE}-")),
        "{answer}"
    );
    assert!(answer.contains("x-request-id: r-1"), "{answer}");

    let events = service.until(|event| event["message"] == "answered");
    let event = events.last().unwrap();
    for (name, value) in [
        ("request_id", "r-1"),
        ("trace_id", TRACE),
        ("method", "GET"),
        ("path", "/nothing"),
        ("level", "INFO"),
        ("target", "app::http"),
    ] {
        assert_eq!(event[name], value, "{event}");
    }
    assert_eq!(event["status"], 404, "{event}");
    assert!(
        event["latency_ms"].as_f64().is_some_and(|ms| ms > 0.0),
        "{event}"
    );
}

#[test]
fn statements_are_lines_of_their_request_and_probes_are_none_by_themselves() {
    let mut service = Logging::start(&[("LOG", "info,adapters::statement=debug")]);
    service.get("/readyz", "x-request-id: r-1\r\n");
    service.get("/nothing", "x-request-id: r-2\r\n");
    let events = service.until(|event| event["message"] == "answered");

    assert_eq!(events.last().unwrap()["request_id"], "r-2");
    let of_the_probe = |event: &&Value| event["request_id"] == "r-1";
    let statements: Vec<&Value> = events.iter().filter(of_the_probe).collect();
    assert!(!statements.is_empty(), "{events:?}");
    for event in statements {
        assert_eq!(event["target"], "adapters::statement", "{event}");
        assert!(
            event["sql"].is_string() && event["elapsed"].is_string(),
            "{event}"
        );
        assert_eq!(
            event["trace_id"].as_str().map(str::len),
            Some(32),
            "{event}"
        );
    }
}

#[test]
fn a_failure_has_its_request_though_nothing_else_is_logged() {
    let mut service = Logging::start(&[
        ("DATABASE_URL", "postgres://me@127.0.0.1:1/db"),
        ("DATABASE_MIGRATE_ON_START", "false"),
        ("LOG", "warn,app::cli=info"),
    ]);
    service.get("/readyz", "x-request-id: r-1\r\n");

    let events = service.until(|event| event["message"] == "answered");
    assert!(
        events.len() > 1,
        "the reason is a line of its own: {events:?}"
    );
    for event in events {
        assert_eq!(
            (&event["request_id"], &event["level"]),
            (&"r-1".into(), &"WARN".into())
        );
    }
}
