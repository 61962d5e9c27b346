//! axum's extractors, with rejections that are problems.

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};

use super::{
    parameters::NoParameters,
    problem::{Problem, ProblemKind},
};

/// A body that is a JSON object, of a request without parameters in its query string.
pub struct Json<T>(
    /// What was read.
    pub T,
);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut head, body) = request.into_parts();
        NoParameters::from_request_parts(&mut head, state).await?;
        let whole = Request::from_parts(head.clone(), body);
        let bytes = Bytes::from_request(whole, state).await;
        let bytes =
            bytes.map_err(|rejection| refused(rejection.status(), rejection.body_text()))?;
        let again = Request::from_parts(head, bytes.clone().into());
        let read = axum::Json::<Value>::from_request(again, state).await;
        let axum::Json(value) = read.map_err(|rejection: JsonRejection| {
            refused(rejection.status(), rejection.body_text())
        })?;
        if !value.is_object() {
            let text = "the body is not valid: it must be a JSON object";
            return Err(Problem::new(ProblemKind::InvalidValue, text));
        }
        members(&bytes).map(Self)
    }
}

/// Reads the text once more, not the value: that has forgotten what was given twice.
fn members<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let read = serde_path_to_error::deserialize(&mut Deserializer::from_slice(bytes));
    read.map_err(|error: serde_path_to_error::Error<serde_json::Error>| {
        let (path, reason) = (error.path().to_string(), error.inner());
        let text = match path.as_str() {
            // The reason names the member.
            "." | "?" => format!("the body is not valid: {reason}"),
            member => format!("the member {member:?} is not valid: {reason}"),
        };
        Problem::new(ProblemKind::InvalidValue, text)
    })
}

/// A part of the path.
pub struct Path<T>(
    /// What was read.
    pub T,
);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value))
            .map_err(|rejection: PathRejection| {
                Problem::new(ProblemKind::InvalidValue, rejection.body_text())
            })
    }
}

/// The texts are axum's, about the body alone.
fn refused(status: StatusCode, text: String) -> Problem {
    let kind = match status {
        StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::InvalidValue,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::UnsupportedMediaType,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::BAD_REQUEST => ProblemKind::Malformed,
        _ => ProblemKind::Internal,
    };
    Problem::new(kind, text)
}
