//! Web pages of other origins.

use std::{convert::Infallible, future::Future, time::Duration};

use axum::{
    extract::Request,
    http::{HeaderName, Method, header},
    response::Response,
};
use futures_util::FutureExt as _;
use tower::{Layer as _, Service as _, service_fn};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::config::CorsOrigins;

/// What a page may send.
const REQUEST_HEADERS: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-request-id"),
];

/// What a page may read, besides the few headers that it always may.
const ANSWER_HEADERS: [HeaderName; 7] = [
    header::ALLOW,
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("x-request-id"),
];

const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// How long a browser remembers what it may do. None remembers for longer than two hours.
const REMEMBERED: Duration = Duration::from_hours(1);

/// Tokens are sent by the page, not by the browser: cookies and the like are not let through.
pub(super) fn layer(origins: &CorsOrigins) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods(METHODS)
        .allow_headers(REQUEST_HEADERS)
        .expose_headers(ANSWER_HEADERS)
        .max_age(REMEMBERED);
    match origins {
        CorsOrigins::Any => layer.allow_origin(Any),
        CorsOrigins::These(origins) => layer.allow_origin(AllowOrigin::list(origins.clone())),
    }
}

/// Answers what browsers ask before a request, and tells them who may read the answer to it.
pub(super) async fn apply<A: Future<Output = Response>>(
    layer: Option<&CorsLayer>,
    request: Request,
    next: impl Fn(Request) -> A,
) -> Response {
    let Some(layer) = layer else {
        return next(request).await;
    };
    let next = service_fn(|request| next(request).map(Ok::<_, Infallible>));
    match layer.layer(next).call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
