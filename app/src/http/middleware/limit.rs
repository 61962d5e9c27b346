//! How much is worked on at once, and for how long.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;

use crate::{
    config::HttpConfig,
    http::problem::{Problem, ProblemKind},
};

/// How many requests are served at once, and for how long.
#[derive(Clone)]
pub(super) struct Limits {
    places: Arc<Semaphore>,
    timeout: Duration,
}

impl Limits {
    pub(super) fn new(config: &HttpConfig) -> Self {
        Self {
            places: Arc::new(Semaphore::new(config.max_in_flight)),
            timeout: config.request_timeout,
        }
    }
}

/// A request that finds no place is turned away at once, where waiting in line would only
/// make it late. One that takes too long is dropped; its unit of work is rolled back then,
/// unless it was being committed just now.
pub(super) async fn enforce(
    State(limits): State<Limits>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_place) = limits.places.try_acquire() else {
        let text = "as many requests as can be are being served; try again a little later";
        return Problem::new(ProblemKind::Overloaded, text).into_response();
    };
    let is_read = request.method().is_safe();
    let answered = tokio::time::timeout(limits.timeout, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        tracing::warn!(timeout = ?limits.timeout, "a request was given up");
        given_up(is_read).into_response()
    })
}

fn given_up(is_read: bool) -> Problem {
    let kind = ProblemKind::RequestTimeout;
    if is_read {
        return Problem::new(kind, "the request was given up").of_a_read();
    }
    let text = "the request was given up; look whether it was carried out before you send it again";
    Problem::new(kind, text)
}
