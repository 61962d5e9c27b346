//! What happens around every request, from the outside in:
//!
//! 1. the router, which finds the route; each has all that follows around it, as one layer, and
//!    so have a path and a method that there are not;
//! 2. `observe`: its id, its span, its line in the log, its figures;
//! 3. security headers, CORS, compression, the bodies of problems, and an answer for a panic;
//! 4. [`Admission`], where the service is asked for its work, and not for its health: the
//!    client's rate, the database's absence at the start, the arrival of the body, a place among
//!    those that are worked on, and the time that it may take;
//! 5. who is asking, if there is an authenticator; then the handler.
//!
//! Each step is a function that takes the next one.

mod around;
mod compression;
mod cors;
mod headers;
mod limit;
mod observe;
mod rate;
pub(super) mod request_id;

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt as _;
use ports::Ids;
use tower_http::cors::CorsLayer;

use super::{
    Api, Metrics, access,
    problem::{self, Problem, ProblemKind},
};
use crate::{
    config::HttpConfig,
    lifecycle::{Lifecycle, Phase},
};
pub(super) use around::{Around, Inside};
use rate::Rates;

/// What happens around every request of a service.
pub(super) struct Middleware {
    ids: Arc<dyn Ids>,
    metrics: Metrics,
    hsts: Option<HeaderValue>,
    cors: Option<CorsLayer>,
    is_compressing: bool,
}

/// Turns away what the service can not serve soon, and what a client may not ask for.
pub(super) struct Admission {
    is_open: bool,
    rates: Option<Rates>,
    lifecycle: Lifecycle,
    limits: limit::Limits,
}

impl Middleware {
    pub(super) fn new(api: &Api, config: &HttpConfig) -> Self {
        Self {
            ids: api.ids.clone(),
            metrics: api.metrics.clone(),
            hsts: headers::hsts(config.hsts),
            cors: config.cors_origins.as_ref().map(cors::layer),
            is_compressing: config.compression,
        }
    }

    /// The router with all of this around it, for those who are admitted.
    pub(super) fn around(self: Arc<Self>, router: Router, admission: Option<Admission>) -> Router {
        let steps = Arc::new((self, admission));
        router.layer(Around::new(move |request, inside| {
            let steps = steps.clone();
            async move {
                let (middleware, admission) = steps.as_ref();
                middleware.answer(request, admission.as_ref(), inside).await
            }
        }))
    }

    /// From the inside out.
    async fn answer(
        &self,
        request: Request,
        admission: Option<&Admission>,
        inside: Inside,
    ) -> Response {
        let id = request_id::of(request.headers(), self.ids.as_ref());
        let answer = |request| admit(admission, request, |request| inside.answer(request));
        let answer = |request| contain_panics(answer(request));
        let answer = |request| problem::write(&id, request, answer);
        let answer = |request| compression::apply(self.is_compressing, request, answer);
        let answer = |request| cors::apply(self.cors.as_ref(), request, answer);
        let answer = |request| headers::protect(self.hsts.as_ref(), request, answer);
        observe::observed(&id, self.ids.as_ref(), &self.metrics, request, answer).await
    }
}

impl Admission {
    pub(super) fn new(api: &Api, config: &HttpConfig) -> Self {
        let address = config.client_address;
        let rates = config.rate_limit.map(|limit| Rates::new(limit, address));
        Self {
            is_open: api.authenticator.is_none(),
            rates,
            lifecycle: api.lifecycle.clone(),
            limits: limit::Limits::new(config),
        }
    }
}

async fn admit<A: Future<Output = Response>>(
    admission: Option<&Admission>,
    mut request: Request,
    next: impl FnOnce(Request) -> A,
) -> Response {
    let Some(admission) = admission else {
        return next(request).await;
    };
    if let Some(rates) = &admission.rates
        && let Err(refused) = rates.admit(&mut request).await
    {
        return refused;
    }
    if admission.is_open {
        access::open(&mut request);
    }
    // Before the database was there for the first time, there is nothing to be done.
    match admission.lifecycle.phase() {
        Phase::Starting => problem::not_ready_yet().into_response(),
        Phase::Serving | Phase::Stopping => admission.limits.enforce(request, next).await,
    }
}

/// A panic has become a line in the log by its hook; the client gets an answer, and the
/// connection stays usable. Not an async function: that would hold the future twice.
fn contain_panics(answer: impl Future<Output = Response>) -> impl Future<Output = Response> {
    let answered = AssertUnwindSafe(answer).catch_unwind();
    answered.map(|answered| {
        answered.unwrap_or_else(|_| {
            Problem::new(ProblemKind::Internal, ProblemKind::Internal.explanation()).into_response()
        })
    })
}
