//! How much is worked on at once, for how long, and how long a client may take.

use std::{error::Error, future::Future, time::Duration};

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{DefaultBodyLimit, Request},
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    config::HttpConfig,
    http::problem::{Problem, ProblemKind},
};

/// How many requests are served at once, and for how long.
pub(super) struct Limits {
    places: Semaphore,
    queue_timeout: Duration,
    request_timeout: Duration,
    body_timeout: Duration,
    max_body_size: usize,
}

impl Limits {
    pub(super) fn new(config: &HttpConfig) -> Self {
        Self {
            places: Semaphore::new(config.max_in_flight),
            queue_timeout: config.queue_timeout,
            request_timeout: config.request_timeout,
            body_timeout: config.body_timeout,
            max_body_size: config.max_body_size,
        }
    }

    /// A request that finds no place soon is turned away. One that takes too long is dropped; its
    /// unit of work is rolled back then, unless it was being committed just now.
    pub(super) async fn enforce<A: Future<Output = Response>>(
        &self,
        request: Request,
        next: impl FnOnce(Request) -> A,
    ) -> Response {
        let request = match self.received(request).await {
            Ok(request) => request,
            Err(problem) => return problem.into_response(),
        };
        let Some(_place) = self.place().await else {
            return overloaded().into_response();
        };
        let is_read = request.method().is_safe();
        let answered = timeout(self.request_timeout, next(request)).await;
        answered.unwrap_or_else(|_| {
            tracing::warn!(timeout = ?self.request_timeout, "a request was given up");
            given_up(is_read).into_response()
        })
    }

    /// The whole body, before anything is done about the request: a client that takes its time
    /// takes nobody else's place. What all of them hold in memory is bounded, because there are
    /// only so many connections, with one request each. A body that says that it is too large
    /// is not even waited for.
    async fn received(&self, request: Request) -> Result<Request, Problem> {
        if request.body().is_end_stream() {
            return Ok(request);
        }
        let least = usize::try_from(request.body().size_hint().lower());
        if least.is_ok_and(|least| least <= self.max_body_size) {
            return self.collected(request).await;
        }
        Err(self.too_large())
    }

    async fn collected(&self, request: Request) -> Result<Request, Problem> {
        let (head, body) = request.into_parts();
        match timeout(self.body_timeout, to_bytes(body, self.max_body_size)).await {
            Ok(Ok(bytes)) => {
                let mut request = Request::from_parts(head, Body::from(bytes));
                // It is here: a limit of axum's has nothing to say about it any more.
                DefaultBodyLimit::disable().apply(&mut request);
                Ok(request)
            }
            Ok(Err(error)) => Err(self.unreadable(&error)),
            Err(_) => {
                let text = format!("the body did not arrive within {:?}", self.body_timeout);
                Err(Problem::new(ProblemKind::SlowRequest, text))
            }
        }
    }

    fn unreadable(&self, error: &axum::Error) -> Problem {
        if error
            .source()
            .is_some_and(<dyn Error>::is::<LengthLimitError>)
        {
            return self.too_large();
        }
        Problem::new(ProblemKind::Malformed, "the body did not arrive as a whole")
    }

    fn too_large(&self) -> Problem {
        let text = format!("the body is larger than {} bytes", self.max_body_size);
        Problem::new(ProblemKind::TooLarge, text)
    }

    /// A request waits for its place as long as it may still be answered soon. Those that came
    /// first are served first, and whoever waits for longer is turned away: under a load that
    /// does not end, a longer line would make everybody late and nobody served more.
    async fn place(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Some(place);
        }
        timeout(self.queue_timeout, self.places.acquire())
            .await
            .ok()?
            .ok()
    }
}

fn overloaded() -> Problem {
    let text = "as many requests as can be are being served; try again a little later";
    Problem::new(ProblemKind::Overloaded, text)
}

fn given_up(is_read: bool) -> Problem {
    let kind = ProblemKind::RequestTimeout;
    if is_read {
        return Problem::new(kind, "the request was given up").of_a_read();
    }
    let text = "the request was given up; look whether it was carried out before you send it \
                again, unless it had an Idempotency-Key where one is taken";
    Problem::new(kind, text)
}
