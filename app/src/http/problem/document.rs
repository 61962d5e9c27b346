//! A problem as the client reads it.

use std::{borrow::Cow, future::Future};

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use super::{FieldError, Problem, ProblemKind, table};

/// What a path may hold as it was sent, and a URI may not.
const NOT_IN_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What is told of a failure where it happens. It travels with the answer, and becomes its body
/// where the request is known as a whole.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) kind: ProblemKind,
    pub(super) detail: Cow<'static, str>,
    pub(super) errors: Vec<FieldError>,
}

/// RFC 9457, with an id and with the parts of the request that are to blame.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// Which kind of failure: a reference that names it, wherever the service runs.
    #[schema(schema_with = table::types)]
    r#type: String,
    /// What is said of every failure of this kind.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is said of this one.
    #[schema(value_type = String)]
    detail: Cow<'static, str>,
    /// The path of the request.
    #[schema(format = "uri-reference")]
    instance: String,
    /// The id of the request, as in the header `X-Request-Id`: what the log knows it by.
    request_id: String,
    /// The parts of the request that are to blame, if any are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, min_items = 1)]
    errors: Vec<FieldError>,
}

/// Writes the bodies of problems, and makes a problem of every other failure: a layer's answers
/// are plain text. Whatever may fail has to be inside of this.
pub(in crate::http) async fn write<A: Future<Output = Response>>(
    id: &HeaderValue,
    request: Request,
    next: impl FnOnce(Request) -> A,
) -> Response {
    let uri = request.uri().clone();
    let mut response = next(request).await;
    let told = response.extensions_mut().remove::<Told>();
    let told = match told {
        Some(told) => told,
        None if is_failure(response.status()) => foreign(response.status()),
        None => return response,
    };
    let (mut head, _) = response.into_parts();
    let document = Document {
        r#type: told.kind.uri(),
        title: told.kind.title(),
        status: told.kind.status().as_u16(),
        detail: told.detail,
        instance: instance(&uri),
        request_id: id.to_str().unwrap_or_default().to_owned(),
        errors: told.errors,
    };
    // The length is that of the body that was there before.
    head.headers.remove(header::CONTENT_LENGTH);
    head.status = told.kind.status();
    let body = Json(document).into_response().into_body();
    head.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    Response::from_parts(head, body)
}

fn is_failure(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// The failure of a layer that knows nothing of problems: the first row of its status.
fn foreign(status: StatusCode) -> Told {
    let mut rows = ProblemKind::ALL.iter();
    if let Some(kind) = rows.find(|kind| kind.status() == status) {
        return Problem::new(*kind, kind.title()).told();
    }
    tracing::error!(%status, "an answer has a status that is not in the table");
    Problem::new(ProblemKind::Internal, ProblemKind::Internal.explanation()).told()
}

/// The path as a reference to itself: what begins with two slashes would name another host.
fn instance(uri: &Uri) -> String {
    let path = utf8_percent_encode(uri.path(), NOT_IN_URI);
    match uri.path() {
        // CONNECT has no path, and an empty reference would be the document itself.
        "" => "/".to_owned(),
        text if text.starts_with("//") => format!("/.{path}"),
        _ => path.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use axum::{body, body::Body};

    use super::*;

    #[tokio::test]
    async fn what_another_layer_refuses_becomes_a_problem() {
        for (status, expected) in [
            (StatusCode::PAYLOAD_TOO_LARGE, (413, "/problems/too-large")),
            (StatusCode::IM_A_TEAPOT, (500, "/problems/internal-error")),
        ] {
            let answer = || async { (status, "as plain as text can be").into_response() };
            let id = HeaderValue::from_static("an id");
            let answer = write(&id, Request::new(Body::empty()), |_| answer()).await;
            assert_eq!(answer.status().as_u16(), expected.0);
            let bytes = body::to_bytes(answer.into_body(), 9_999).await.unwrap();
            let read: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(read["type"], expected.1);
            assert_eq!(read["status"], expected.0);
            assert_eq!(read["instance"], "/");
            assert_eq!(read["request_id"], "an id");
        }
    }

    #[test]
    fn an_instance_is_a_reference_to_a_path() {
        for (path, expected) in [
            ("/v1/accounts?x=1", "/v1/accounts"),
            ("/%2F%00", "/%2F%00"),
            ("//example.org/x", "/.//example.org/x"),
            ("/a{b}|\"c\"", "/a%7Bb%7D%7C%22c%22"),
            ("*", "*"),
        ] {
            assert_eq!(instance(&Uri::from_static(path)), expected);
        }
    }
}
