//! What happens around every request, from the outside in:
//!
//! 1. `observe`: its id, its span, its line in the log;
//! 2. `dress`: security headers, CORS, compression, and an answer for a panic;
//! 3. `limit`, where the service is asked for its work, and not for its health: the client's
//!    rate, the database's absence at the start, the arrival of the body, a place among those
//!    that are worked on, and the time that it may take;
//! 4. the router, and its handlers.

mod compression;
mod cors;
mod headers;
mod limit;
mod observe;
mod rate;
pub(super) mod request_id;

use std::panic::AssertUnwindSafe;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state, map_request},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt as _;

use super::{
    Api,
    problem::{self, Problem, ProblemKind},
};
use crate::{
    config::HttpConfig,
    lifecycle::{Lifecycle, Phase},
};

/// Turns away what the service can not serve soon, and what a client may not ask for.
pub(super) fn limit(router: Router, config: &HttpConfig, lifecycle: &Lifecycle) -> Router {
    let limits = limit::Limits::new(config);
    let router = router
        .layer(from_fn_with_state(limits, limit::enforce))
        .layer(from_fn_with_state(lifecycle.clone(), refuse_early));
    let Some(limit) = config.rate_limit else {
        return router;
    };
    let rates = rate::Rates::new(limit, config.client_address);
    router.layer(from_fn_with_state(rates, rate::enforce))
}

/// Answers for handlers that panic, writes the bodies of problems, and makes every answer fit
/// to be sent: a layer that turns requests away has to be inside of that.
pub(super) fn dress(router: Router, config: &HttpConfig) -> Router {
    let mut router = router
        .layer(from_fn(contain_panics))
        .layer(from_fn(problem::write));
    if config.compression {
        router = router
            .layer(compression::layer())
            .layer(map_request(compression::insist_on_nothing));
    }
    if let Some(origins) = &config.cors_origins {
        router = router.layer(cors::layer(origins));
    }
    let hsts = headers::hsts(config.hsts);
    router.layer(from_fn_with_state(hsts, headers::protect))
}

/// Gives each request an id, and tells of it under that.
pub(super) fn observe(router: Router, api: Api) -> Router {
    router.layer(from_fn_with_state(api, request_id::assign))
}

/// Before the database was there for the first time, there is nothing to be done.
async fn refuse_early(
    State(lifecycle): State<Lifecycle>,
    request: Request,
    next: Next,
) -> Response {
    match lifecycle.phase() {
        Phase::Starting => problem::not_ready_yet().into_response(),
        Phase::Serving | Phase::Stopping => next.run(request).await,
    }
}

/// A panic has become a line in the log by its hook; the client gets an answer, and the
/// connection stays usable.
async fn contain_panics(request: Request, next: Next) -> Response {
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|_| {
        Problem::new(ProblemKind::Internal, ProblemKind::Internal.explanation()).into_response()
    })
}
