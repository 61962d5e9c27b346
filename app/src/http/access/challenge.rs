//! What a caller is told who is not let in: RFC 6750, 3.

use std::{borrow::Cow, fmt::Display};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::ADMIN;
use crate::http::problem::{Problem, ProblemKind};

/// The part of the service that credentials are for.
const REALM: &str = "api";

/// There is no credential of this scheme. No error is named: nothing was wrong.
pub(super) fn missing(scheme: &'static str) -> Problem {
    let text = format!("this needs an Authorization header, which begins with {scheme}");
    Problem::new(ProblemKind::Unauthenticated, text).with_challenge(challenge(scheme, ""))
}

/// The credential is not good.
pub(super) fn refused(scheme: &'static str, reason: Cow<'static, str>) -> Problem {
    let error = format!(
        r#", error="invalid_token", error_description="{}""#,
        quotable(&reason)
    );
    Problem::new(ProblemKind::Unauthenticated, reason).with_challenge(challenge(scheme, error))
}

/// The credential is good, and not good enough.
pub(super) fn insufficient(scheme: &'static str, text: String, scope: &str) -> Problem {
    Problem::new(ProblemKind::InsufficientScope, text).with_challenge(lacking(scheme, scope))
}

/// What a use case lets administrators do alone. The challenge is added by [`complete`].
pub(in crate::http) fn beyond(error: impl Display) -> Problem {
    let text = format!("{error}; for others, this needs the scope {ADMIN}");
    Problem::new(ProblemKind::InsufficientScope, text)
}

/// Adds to the refusal of a use case, which knows no scheme, what would have been good enough.
pub(super) fn complete(answered: &mut Response, scheme: &'static str) {
    if answered.status() == StatusCode::FORBIDDEN {
        let headers = answered.headers_mut().entry(header::WWW_AUTHENTICATE);
        headers.or_insert_with(|| lacking(scheme, ADMIN));
    }
}

fn lacking(scheme: &'static str, scope: &str) -> HeaderValue {
    challenge(
        scheme,
        format!(r#", error="insufficient_scope", scope="{scope}""#),
    )
}

fn challenge(scheme: &'static str, rest: impl Display) -> HeaderValue {
    let text = format!(r#"{scheme} realm="{REALM}"{rest}"#);
    // What is in it is fit for a header.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(scheme))
}

/// Without what must not stand between quotes there.
fn quotable(text: &str) -> String {
    let fits = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    text.chars().filter(fits).collect()
}
