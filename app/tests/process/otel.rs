//! What a collector receives: the program is built with the feature `otel`.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use rustix::process::Signal;

use super::place::Place;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A collector that keeps what it is sent: the path, and the body in the encoding of protocol
/// buffers, in which texts and ids stand as they are.
struct Collector {
    endpoint: String,
    received: Receiver<(String, Vec<u8>)>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                while let Some(request) = read(&mut stream) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    stream.get_mut().write_all(answer).unwrap();
                    // The test may have seen enough.
                    drop(sender.send(request));
                }
            }
        });
        Self { endpoint, received }
    }

    fn next(&self) -> Option<(String, Vec<u8>)> {
        self.received.recv_timeout(Duration::from_secs(1)).ok()
    }
}

/// A request's path and body; `None` when there is no further one.
fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_lowercase());
    }
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let mut lengths = lines
        .iter()
        .filter_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; lengths.next()?.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    Some((path, body))
}

/// Asks a service that exports to this endpoint for its health, in the caller's trace, and
/// stops it; answers what it has said of the trace.
fn ask(endpoint: &str, flags: &str, settings: &[(&str, &str)]) -> String {
    let exporting = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)];
    let mut service = Place::new().serve(&[&exporting, settings].concat());
    let mut stream = TcpStream::connect(&service.addr).unwrap();
    let head = format!(
        "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
         traceparent: 00-{TRACE}-{CALLER}-{flags}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(service.stop(Signal::TERM), Some(0));
    let mut lines = answer.lines();
    let place = lines.find_map(|line| line.strip_prefix("traceparent: "));
    place.unwrap().to_owned()
}

fn has(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = (0..hex.len()).step_by(2);
    digits
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn the_span_of_a_request_is_exported_in_the_callers_trace_at_the_latest_when_it_ends() {
    let collector = Collector::start();
    let settings = [
        ("OTEL_SERVICE_NAME", "the-ledger"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=a-test",
        ),
    ];
    let answered = ask(&collector.endpoint, "01", &settings);
    let (path, body) = collector.next().expect("spans");

    assert_eq!(path, "/v1/traces");
    let parts: Vec<&str> = answered.split('-').collect();
    assert_eq!((parts[1], parts[3]), (TRACE, "01"));
    for id in [TRACE, CALLER, parts[2]] {
        assert!(has(&body, &bytes(id)), "{id} of {answered}");
    }
    for text in [
        "GET /healthz",
        "http.route",
        "http.request.method",
        "http.response.status_code",
        "the-ledger",
        "service.version",
        "a-test",
    ] {
        let sent = String::from_utf8_lossy(&body);
        assert!(has(&body, text.as_bytes()), "{text} in {sent}");
    }
}

#[test]
fn a_service_without_a_name_has_ours() {
    let collector = Collector::start();
    ask(&collector.endpoint, "01", &[]);
    let (_, body) = collector.next().expect("spans");
    assert!(has(&body, b"hexacoral") && !has(&body, b"unknown_service"));
}

#[test]
fn what_the_caller_does_not_sample_is_not_exported() {
    let collector = Collector::start();
    let answered = ask(&collector.endpoint, "00", &[]);
    assert!(answered.starts_with(&format!("00-{TRACE}-")) && answered.ends_with("-00"));
    assert_eq!(collector.next(), None);
}

#[test]
fn nothing_is_exported_when_switched_off() {
    for settings in [
        [("OTEL_SDK_DISABLED", "true")],
        [("OTEL_TRACES_EXPORTER", "none")],
    ] {
        let collector = Collector::start();
        let answered = ask(&collector.endpoint, "01", &settings);
        assert!(answered.starts_with(&format!("00-{TRACE}-")), "{answered}");
        assert_eq!(collector.next(), None);
    }
}

#[test]
fn a_collector_that_can_not_be_reached_is_no_trouble() {
    for endpoint in ["http://127.0.0.1:1", "https://127.0.0.1:1", "no url"] {
        let answered = ask(endpoint, "01", &[]);
        assert!(
            answered.starts_with(&format!("00-{TRACE}-")),
            "{endpoint}: {answered}"
        );
    }
}
