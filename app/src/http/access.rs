//! Who may do what.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::problem::{Problem, ProblemKind};
use crate::services::Reach;

/// How far the caller of this request reaches. Where nobody has asked who the caller is, it
/// reaches nothing: the request fails.
impl<S: Send + Sync> FromRequestParts<S> for Reach {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let kind = ProblemKind::Internal;
        let reach = parts.extensions.get::<Self>().cloned();
        reach.ok_or_else(|| Problem::internal(kind, Unguarded))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the route is not guarded: nobody has asked who its caller is")]
struct Unguarded;
