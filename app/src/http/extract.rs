//! axum's extractors, with rejections that are problems.

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, RawPathParams, Request,
        rejection::{BytesRejection, JsonRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{
    members::{Document, FromMembers, Members},
    parameters::NoParameters,
    problem::{Place, Problem, ProblemKind},
};

/// A body that is a JSON object, of a request without parameters in its query string.
pub struct Json<T>(
    /// What was read.
    pub T,
);

impl<T: FromMembers, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut head, body) = request.into_parts();
        NoParameters::from_request_parts(&mut head, state).await?;
        refuse_encoded(&head.headers)?;
        let whole = Request::from_parts(head, body);
        let read = axum::Json::<Document>::from_request(whole, state).await;
        match read.map_err(refused)?.0 {
            Document::Object(members) => Members::read(members).map(Self),
            Document::Other => {
                let text = "the body is not valid: it must be a JSON object";
                let whole = Place::Pointer(String::new());
                Err(Problem::new(ProblemKind::InvalidValue, text).at(whole))
            }
        }
    }
}

/// For routes that take no body: whoever sends one expects something of it.
pub struct NoBody;

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Bytes::from_request(request, state).await;
        if read.map_err(unread)?.is_empty() {
            return Ok(Self);
        }
        let text = "this route takes no body, and the request has one";
        let whole = Place::Pointer(String::new());
        Err(Problem::new(ProblemKind::Malformed, text).at(whole))
    }
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
        match read {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(unfit(rejection, parts, state).await),
        }
    }
}

async fn unfit<S: Send + Sync>(rejection: PathRejection, parts: &mut Parts, state: &S) -> Problem {
    if rejection.status().is_server_error() {
        return Problem::internal(ProblemKind::Internal, rejection);
    }
    let problem = Problem::new(ProblemKind::InvalidValue, rejection.body_text());
    // A path that is not UTF-8 has no parameters that could be told.
    let given = RawPathParams::from_request_parts(parts, state).await;
    let Ok(given) = given else { return problem };
    let mut names = given.iter().map(|(name, _)| name);
    match (names.next(), names.next()) {
        (Some(name), None) => problem.at(Place::parameter(name)),
        _ => problem,
    }
}

/// Nobody decodes bodies here.
fn refuse_encoded(headers: &HeaderMap) -> Result<(), Problem> {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    if codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let text = "the body is encoded by a Content-Encoding; it must be sent as it is";
    let place = Place::header("Content-Encoding");
    Err(Problem::new(ProblemKind::UnsupportedMediaType, text).at(place))
}

fn unread(rejection: BytesRejection) -> Problem {
    let kind = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::BAD_REQUEST => ProblemKind::Malformed,
        _ => return Problem::internal(ProblemKind::Internal, rejection),
    };
    Problem::new(kind, rejection.body_text())
}

/// The texts are axum's, about the body alone.
fn refused(rejection: JsonRejection) -> Problem {
    let kind = match rejection.status() {
        StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::InvalidValue,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::UnsupportedMediaType,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::BAD_REQUEST => ProblemKind::Malformed,
        _ => return Problem::internal(ProblemKind::Internal, rejection),
    };
    let problem = Problem::new(kind, rejection.body_text());
    match kind {
        ProblemKind::UnsupportedMediaType => problem.at(Place::header("Content-Type")),
        _ => problem,
    }
}
