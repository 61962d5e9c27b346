//! What is told of a request: its span, a line in the log, its part in the metrics.

use std::{future::Future, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use ports::Ids;
use tracing::{
    Instrument as _, Span,
    field::{self, Empty},
};

use super::request_id::REQUEST_ID;
use crate::{
    http::metrics::{Flight, Metrics},
    telemetry::{self, Server, TraceContext},
};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Asked for by machines, time and again: not worth a line when all is well.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Runs the rest in the request's span, under its id and in its trace; logs and counts how it
/// ended. The answer says under which id, and where in which trace, that was.
pub(super) async fn observed<A: Future<Output = Response>>(
    id: &HeaderValue,
    ids: &dyn Ids,
    metrics: &Metrics,
    request: Request,
    next: impl FnOnce(Request) -> A,
) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map(MatchedPath::as_str);
    let server = Server {
        method: request.method().as_str(),
        route,
        path: request.uri().path(),
    };
    // At the level of errors, so that they have it even when nothing else is logged.
    let span = tracing::error_span!(
        parent: None,
        "request",
        request_id = id.to_str().unwrap_or_default(),
        trace_id = Empty,
        method = server.method,
        route,
        path = server.path,
        status = Empty,
        otel.name = Empty,
        otel.kind = Empty,
    );
    let caller = caller(request.headers());
    let place = telemetry::exported(&span, caller.as_ref(), server)
        .unwrap_or_else(|| TraceContext::inside(caller.as_ref(), ids));
    span.record("trace_id", field::display(place.hex_trace_id()));
    let mut watch = Watch {
        span: span.clone(),
        begun,
        is_probe: route.is_some_and(|route| PROBES.contains(&route)),
        flight: metrics.requests().begin(request.method(), route),
        is_answered: false,
    };
    let mut answered = next(request).instrument(span).await;
    watch.answered(answered.status());
    let headers = answered.headers_mut();
    if let Ok(value) = HeaderValue::try_from(place.to_string()) {
        headers.insert(TRACEPARENT, value);
    }
    headers.insert(REQUEST_ID, id.clone());
    answered
}

/// Where the caller is, if it says so, once, and in the standard's way.
fn caller(headers: &HeaderMap) -> Option<TraceContext> {
    let mut given = headers.get_all(TRACEPARENT).iter();
    let (first, second) = (given.next()?, given.next());
    let text = first.to_str().ok().filter(|_| second.is_none())?;
    TraceContext::parse(text)
}

/// Notices how a request ends: also when it is dropped because its client has gone.
struct Watch<'m> {
    span: Span,
    begun: Instant,
    is_probe: bool,
    flight: Flight<'m>,
    is_answered: bool,
}

impl Watch<'_> {
    fn answered(&mut self, status: StatusCode) {
        self.is_answered = true;
        let after = self.begun.elapsed();
        self.flight.answered(status, after);
        telemetry::answered(&self.span, status.as_u16());
        let latency_ms = self.latency_ms();
        self.span.in_scope(|| {
            if status.is_server_error() {
                tracing::warn!(target: "app::http", latency_ms, "answered");
            } else if self.is_probe {
                tracing::debug!(target: "app::http", latency_ms, "answered");
            } else {
                tracing::info!(target: "app::http", latency_ms, "answered");
            }
        });
    }

    /// To the microsecond.
    fn latency_ms(&self) -> f64 {
        (self.begun.elapsed().as_secs_f64() * 1e6).round() / 1e3
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            let latency_ms = self.latency_ms();
            self.span.in_scope(|| {
                tracing::info!(target: "app::http", latency_ms, "the client has gone");
            });
        }
    }
}
