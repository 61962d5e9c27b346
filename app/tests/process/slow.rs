//! Clients that are slow, on purpose or not.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use super::place::{Place, Service};

/// What is more than the system keeps for anybody, when it is asked for so often.
const LARGE: &str = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: test\r\n\r\n";
const MANY: usize = 30;

const PATIENT: (&str, &str) = ("HTTP_IDLE_TIMEOUT", "1min");

#[test]
fn a_head_that_does_not_come_to_an_end_is_not_waited_for() {
    let service = Place::new().serve(&[("HTTP_HEADER_TIMEOUT", "500ms"), PATIENT]);
    let nothing = TcpStream::connect(&service.addr).unwrap();
    let half = begun_with(&service, "GET /healthz HTTP/1.1\r\nHost: te");
    for stream in [nothing, half] {
        is_closed(stream);
    }
    // A few bytes now and then do not help.
    let begun = Instant::now();
    let mut dripping = begun_with(&service, "GET /healthz HTTP/1.1\r\n");
    while dripping.write_all(b"X-Slow: 1\r\n").is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_second_head_on_a_connection_is_not_waited_for_either() {
    let service = Place::new().serve(&[("HTTP_HEADER_TIMEOUT", "500ms"), PATIENT]);
    let mut stream = answered_once(&service);
    // Nothing is wrong with being quiet between two requests.
    sleep(Duration::from_secs(1));
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
    is_closed(stream);
}

#[test]
fn a_connection_that_nobody_uses_is_closed() {
    let service = Place::new().serve(&[("HTTP_IDLE_TIMEOUT", "500ms")]);
    is_closed(answered_once(&service));
}

#[test]
fn http_2_is_not_spoken() {
    let service = Place::new().serve(&[("HTTP_HEADER_TIMEOUT", "1min"), PATIENT]);
    let settings = "\0\0\0\u{4}\0\0\0\0\0";
    for preface in ["PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        is_closed(begun_with(&service, &format!("{preface}{settings}")));
    }
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn whoever_does_not_read_its_answers_keeps_nobody_s_connection() {
    let service = Place::new().serve(&[
        ("HTTP_MAX_CONNECTIONS", "2"),
        ("HTTP_IDLE_TIMEOUT", "500ms"),
        ("HTTP_HEADER_TIMEOUT", "500ms"),
    ]);
    let unread = || begun_with(&service, &LARGE.repeat(MANY));
    let _unread = [unread(), unread()];
    let mut next = begun_with(&service, "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n");
    next.set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut answer = [0; 1024];
    assert_ne!(next.read(&mut answer).unwrap(), 0);
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn whoever_reads_slowly_gets_all_of_it() {
    let bound = Duration::from_secs(1);
    let service = Place::new().serve(&[("HTTP_IDLE_TIMEOUT", "1s"), ("HTTP_HEADER_TIMEOUT", "1s")]);
    let last = LARGE.replace("Host", "Connection: close\r\nHost");
    let mut stream = begun_with(&service, &(LARGE.repeat(MANY) + &last));
    let begun = Instant::now();
    let (mut part, mut read) = (vec![0; 256 * 1024], 0);
    loop {
        let bytes = stream.read(&mut part).unwrap();
        if bytes == 0 {
            break;
        }
        read += bytes;
        sleep(Duration::from_millis(20));
    }
    assert!(begun.elapsed() > 2 * bound, "{:?}", begun.elapsed());
    assert!(read > (MANY + 1) * 1_000_000, "{read}");
}

#[test]
fn who_does_not_come_in_waits_until_an_unused_connection_has_gone() {
    let service = Place::new().serve(&[("HTTP_MAX_CONNECTIONS", "2"), PATIENT]);
    let _unused = [answered_once(&service), answered_once(&service)];
    let begun = Instant::now();
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(begun.elapsed() < Duration::from_secs(30));
}

fn begun_with(service: &Service, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&service.addr).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

fn answered_once(service: &Service) -> TcpStream {
    let mut stream = begun_with(service, "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut answer = [0; 1024];
    assert_ne!(stream.read(&mut answer).unwrap(), 0);
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    stream
}

/// Much sooner than anybody would have sent the rest.
fn is_closed(mut stream: TcpStream) {
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let ended = stream.read_to_end(&mut Vec::new());
    let is_reset = |error: &std::io::Error| error.kind() == std::io::ErrorKind::ConnectionReset;
    assert!(
        ended.as_ref().is_ok() || ended.as_ref().is_err_and(is_reset),
        "{ended:?}"
    );
}
