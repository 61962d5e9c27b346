//! Requests by route, method and status, and how long they took.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

const LATENCIES: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The route of what no route matches: paths are the clients' to invent, labels are not.
const UNMATCHED: &str = "unmatched";
/// The status of a request whose client was gone before there was one.
const ABORTED: &str = "aborted";

pub(in crate::http) struct Requests {
    answered: Family<Answered, Counter>,
    duration: Family<Served, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: String,
}

/// Without each status, of which a histogram would have a dozen series.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Served {
    method: &'static str,
    route: String,
    class: &'static str,
}

impl Requests {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let requests = Self {
            answered: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(LATENCIES)),
            in_flight: Gauge::default(),
        };
        registry.register(
            "http_requests",
            "Requests answered",
            requests.answered.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "The time from a request's head to its answer's",
            Unit::Seconds,
            requests.duration.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests that are being answered",
            requests.in_flight.clone(),
        );
        requests
    }

    /// Counts a request in, and out again when what this answers is dropped.
    pub(in crate::http) fn begin(&self, method: &Method, route: Option<&str>) -> Flight<'_> {
        self.in_flight.inc();
        Flight {
            requests: self,
            method: known(method),
            route: route.unwrap_or(UNMATCHED).to_owned(),
            is_answered: false,
        }
    }
}

/// A request that is being answered.
pub(in crate::http) struct Flight<'r> {
    requests: &'r Requests,
    method: &'static str,
    route: String,
    is_answered: bool,
}

impl Flight<'_> {
    /// It has been answered, after this time.
    pub(in crate::http) fn answered(&mut self, status: StatusCode, after: Duration) {
        self.is_answered = true;
        self.count(status.as_str());
        let served = Served {
            method: self.method,
            route: self.route.clone(),
            class: class(status),
        };
        let duration = self.requests.duration.get_or_create(&served);
        duration.observe(after.as_secs_f64());
    }

    fn count(&self, status: &str) {
        let answered = Answered {
            method: self.method,
            route: self.route.clone(),
            status: status.to_owned(),
        };
        self.requests.answered.get_or_create(&answered).inc();
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.requests.in_flight.dec();
        if !self.is_answered {
            self.count(ABORTED);
        }
    }
}

/// Methods are the clients' to invent, too.
fn known(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"];
    let name = known.into_iter().find(|name| method == *name);
    name.unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
