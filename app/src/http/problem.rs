//! Failures as RFC 9457 has them: `application/problem+json`.

mod document;
mod faults;
mod field_error;
mod table;

use std::{borrow::Cow, error::Error};

use axum::{
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

pub use document::Document;
use document::Told;
pub(super) use document::write;
pub use faults::Faults;
pub use field_error::{FieldError, Place};
pub use table::{Kind, ProblemKind, kind};

/// How long a client is asked to wait before it tries again, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// The most characters of a detail.
const MAX_DETAIL: usize = 4_000;

/// A failure on its way to the client.
#[derive(Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    /// Whether the same request may be sent again, a little later, without a look first.
    repeatable: bool,
    /// How to say who is asking.
    challenge: Option<HeaderValue>,
    /// What only the log is told.
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A failure that the client is told this about.
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            repeatable: kind.is_repeatable(),
            challenge: None,
            cause: None,
        }
    }

    /// A failure whose text is fit for a client's eyes, as those of the domain are.
    pub(super) fn of(kind: ProblemKind, error: impl Error) -> Self {
        Self::new(kind, error.to_string())
    }

    /// A failure of ours: the client is told what it means to them, the log is told the rest.
    pub(super) fn internal(kind: ProblemKind, error: impl Error + Send + Sync + 'static) -> Self {
        Self::new(kind, kind.explanation()).because(error)
    }

    /// The same with what the log is told.
    pub(super) fn because(mut self, error: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(error));
        self
    }

    /// The same for a request that changes nothing: it may be sent again, whatever became of it.
    pub(super) const fn of_a_read(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// The same, with this part of the request to blame.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        let detail = self.detail.clone();
        self.with_errors(vec![FieldError { detail, place }])
    }

    /// The same, with these parts of the request to blame.
    #[must_use]
    pub fn with_errors(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// The same with a `WWW-Authenticate` header.
    pub(super) fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// The same for a request with an idempotency key: where nobody knows what became of it,
    /// sending it again finds out, and does nothing twice.
    pub(super) fn under_a_key(mut self) -> Self {
        if self.kind == ProblemKind::OutcomeUnknown {
            self.repeatable = true;
            self.detail = "send the request again with the same Idempotency-Key: if it was \
                           carried out, the answer is that of the first time"
                .into();
        }
        self
    }

    /// Which row of the table this is.
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Logged here and nowhere else: where a failure becomes an answer.
    fn log(&self) {
        let Some(cause) = &self.cause else { return };
        let (kind, status) = (self.kind.slug(), self.kind.status().as_u16());
        let error = chain(cause.as_ref());
        if self.kind.status() == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(kind, status, error, "a request failed");
        } else {
            tracing::warn!(kind, status, error, "a request was turned away");
        }
    }

    /// What a client has sent is in the texts, and may be as long as a request can be.
    fn told(self) -> Told {
        let errors = self.errors.into_iter().map(FieldError::shortened);
        Told {
            kind: self.kind,
            detail: shortened(self.detail, MAX_DETAIL),
            errors: errors.collect(),
        }
    }
}

/// The first characters of a text, with an ellipsis when there are more.
fn shortened(text: Cow<'static, str>, max: usize) -> Cow<'static, str> {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text,
    }
}

/// Without a body yet: [`write`] has what is missing for it.
impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        self.log();
        let mut response = self.kind.status().into_response();
        let mut set = |name: HeaderName, value| response.headers_mut().insert(name, value);
        if self.repeatable {
            set(header::RETRY_AFTER, RETRY_AFTER);
        }
        if let Some(challenge) = self.challenge.take() {
            set(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self.told());
        response
    }
}

/// A failure and what caused it, in one line. Some drivers' errors end in their cause: it is not
/// said again.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let reason = cause.to_string();
        if !text.ends_with(&reason) {
            text = format!("{text}: {reason}");
        }
        next = cause.source();
    }
    text
}

/// The database was not there yet since the service has started.
pub(super) fn not_ready_yet() -> Problem {
    let text = "the service has started, and waits for its database";
    Problem::new(ProblemKind::DatabaseUnavailable, text)
}

pub(super) async fn unknown_path(uri: Uri) -> Problem {
    let text = format!("there is nothing at {}", uri.path());
    Problem::new(ProblemKind::NotFound, text)
}

/// The answer's `Allow` header, which the router adds, says what is allowed. Whoever asks for
/// nothing else is not wrong.
pub(super) async fn wrong_method(method: Method, uri: Uri) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let text = format!("{} does not take {method}", uri.path());
    Problem::new(ProblemKind::MethodNotAllowed, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Failure {
        text: &'static str,
        source: Option<Box<Failure>>,
    }

    #[test]
    fn what_a_failure_ends_in_is_not_said_again() {
        let refused = Failure {
            text: "refused",
            source: None,
        };
        let driver = Failure {
            text: "sending: refused",
            source: Some(refused.into()),
        };
        let ours = Failure {
            text: "no connection",
            source: Some(driver.into()),
        };
        assert_eq!(chain(&ours), "no connection: sending: refused");
    }
}
