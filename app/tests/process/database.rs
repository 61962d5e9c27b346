//! A service whose database comes late, goes away, and comes back.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tests::{Cluster, ClusterOptions, StopMode};

use super::place::{Place, Service, text};

#[test]
fn it_starts_before_its_database_and_is_ready_once_that_is_there() {
    let cluster = Cluster::start(&ClusterOptions::default());
    cluster.stop(StopMode::Fast);
    let mut service = Place::new().serve(&[("DATABASE_URL", &cluster.url("postgres"))]);

    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
    for path in ["/readyz", "/v1/anything"] {
        is_unavailable(&service, path);
    }
    cluster.start_again();
    service.wait_for("/readyz", "200");
    assert!(service.get("/v1/anything").starts_with("HTTP/1.1 404"));
    assert_eq!(service.stop(Signal::TERM), Some(0));
}

#[test]
fn a_restart_of_the_database_is_no_reason_for_one_of_the_service() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let service = Place::new().serve(&[("DATABASE_URL", &cluster.url("postgres"))]);
    service.wait_for("/readyz", "200");

    cluster.stop(StopMode::Immediate);
    is_unavailable(&service, "/readyz");
    assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
    cluster.start_again();
    service.wait_for("/readyz", "200");
}

#[test]
fn a_server_that_never_answers_holds_nobody_at_the_start() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://me@{}/db", mute.local_addr().unwrap());
    let mut service = Place::new().serve(&[("DATABASE_URL", &url)]);
    for path in ["/readyz", "/v1/anything"] {
        is_unavailable(&service, path);
    }
    // Nothing was done yet that would have to be ended.
    assert_eq!(service.stop(Signal::TERM), Some(0));
}

#[test]
fn a_server_that_refuses_is_not_waited_for() {
    let cluster = Cluster::start(&ClusterOptions {
        hba: Some("host postgres postgres all trust\n".to_owned()),
        ..ClusterOptions::default()
    });
    let settings = [
        ("DATABASE_URL", cluster.url("nowhere")),
        ("HTTP_ADDR", "127.0.0.1:0".to_owned()),
    ];
    let settings = settings
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let ended = Place::new().run(&["serve"], &settings);
    let complaint = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("nowhere"), "{complaint}");
}

/// At once, as a problem, and with a hint when to try again.
fn is_unavailable(service: &Service, path: &str) {
    let begun = Instant::now();
    let answer = service.get(path);
    assert!(begun.elapsed() < Duration::from_secs(5), "{answer}");
    for part in [
        "HTTP/1.1 503",
        "application/problem+json",
        "retry-after: 1",
        "/problems/database-unavailable",
    ] {
        assert!(answer.contains(part), "{part} in {answer}");
    }
}
