//! How the service ends.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use super::place::Place;

/// A request whose body is to come: the service works on it until then.
const HALF: &str = "POST /v1/anything HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\
                    Content-Type: application/json\r\n\r\n{";

#[test]
fn a_request_in_flight_is_answered_and_nothing_new_is_taken() {
    let mut service = Place::new().serve(&[]);
    let mut unused = TcpStream::connect(&service.addr).unwrap();
    unused
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
        .unwrap();
    read_some(&mut unused);
    let mut busy = half_a_request(&service.addr);

    service.send(Signal::TERM);
    // The listener is closed, and so are connections that nobody uses.
    let mut rest = String::new();
    unused.read_to_string(&mut rest).unwrap();
    while TcpStream::connect(&service.addr).is_ok() {
        sleep(Duration::from_millis(5));
    }
    busy.write_all(b"}").unwrap();
    let mut answer = String::new();
    busy.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert_eq!(service.ended(), Some(0));
}

#[test]
fn it_says_that_it_is_not_ready_before_it_stops_taking_requests() {
    let mut service = Place::new().serve(&[("HTTP_SHUTDOWN_DELAY", "2s")]);
    let begun = Instant::now();
    service.send(Signal::TERM);
    service.wait_for("/readyz", "503");
    assert!(service.get("/readyz").contains("/problems/stopping"));
    assert!(service.get("/v1/anything").starts_with("HTTP/1.1 404"));
    assert_eq!(service.ended(), Some(0));
    assert!(begun.elapsed() >= Duration::from_secs(2));
}

#[test]
fn whoever_presses_ctrl_c_does_not_wait_for_a_balancer() {
    let mut service = Place::new().serve(&[("HTTP_SHUTDOWN_DELAY", "1min")]);
    assert_eq!(service.stop(Signal::INT), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let settings = [
        ("HTTP_SHUTDOWN_DELAY", "1min"),
        ("HTTP_SHUTDOWN_TIMEOUT", "1min"),
    ];
    let mut service = Place::new().serve(&settings);
    service.send(Signal::TERM);
    service.wait_for("/readyz", "503");
    assert_eq!(service.stop(Signal::TERM), Some(0));

    let mut service = Place::new().serve(&settings);
    let _busy = half_a_request(&service.addr);
    service.send(Signal::INT);
    while TcpStream::connect(&service.addr).is_ok() {
        sleep(Duration::from_millis(5));
    }
    assert_eq!(service.stop(Signal::INT), Some(0));
}

#[test]
fn a_request_that_does_not_end_is_given_up_when_its_time_is_up() {
    let mut service = Place::new().serve(&[("HTTP_SHUTDOWN_TIMEOUT", "300ms")]);
    let _busy = half_a_request(&service.addr);
    let begun = Instant::now();
    assert_eq!(service.stop(Signal::TERM), Some(0));
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

fn half_a_request(addr: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(HALF.as_bytes()).unwrap();
    // The service has to have read it, before it is asked to stop.
    sleep(Duration::from_millis(300));
    stream
}

fn read_some(stream: &mut TcpStream) {
    let mut bytes = [0; 1024];
    assert_ne!(stream.read(&mut bytes).unwrap(), 0);
}
