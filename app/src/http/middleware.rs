//! What happens around every request.

mod limit;
mod request_id;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt as _;
use ports::Ids;
use tracing::Instrument as _;

use super::problem::{self, Problem, ProblemKind};
use crate::config::HttpConfig;

/// Turns away what the service can not serve soon.
pub(super) fn limit(router: Router, config: &HttpConfig) -> Router {
    let limits = limit::Limits::new(config);
    router.layer(from_fn_with_state(limits, limit::enforce))
}

/// Gives each request an id, logs under it, answers for handlers that panic, and writes the
/// bodies of problems: a layer that turns requests away has to be inside of that.
pub(super) fn observe(router: Router, ids: Arc<dyn Ids>) -> Router {
    router
        .layer(from_fn(contain_panics))
        .layer(from_fn(problem::write))
        .layer(from_fn_with_state(ids, request_id::assign))
}

/// A panic has become a line in the log by its hook; the client gets an answer, and the
/// connection stays usable.
async fn contain_panics(request: Request, next: Next) -> Response {
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|_| {
        Problem::new(ProblemKind::Internal, ProblemKind::Internal.explanation()).into_response()
    })
}

/// Runs the rest in a span of the request's, and logs how it ended.
async fn logged(request: Request, next: Next, id: &str) -> Response {
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", id, %method, path);
    let answered = next.run(request).instrument(span.clone()).await;
    let status = answered.status().as_u16();
    span.in_scope(|| tracing::debug!(status, elapsed = ?begun.elapsed(), "answered"));
    answered
}
