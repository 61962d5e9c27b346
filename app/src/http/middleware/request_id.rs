//! The id of a request, for its answer and for the log.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use ports::Ids;

use super::observe::observed;
use crate::http::{Api, problem::RequestId};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A longer one is not kept.
pub(in crate::http) const MAX_LENGTH: usize = 128;

/// Keeps the id that a proxy has given the request, else gives it one; every answer bears it.
pub(super) async fn assign(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).filter(|id| is_fit(id));
    let ids = api.ids.as_ref();
    let id = given.cloned().unwrap_or_else(|| new_id(ids));
    let text = id.to_str().unwrap_or_default().to_owned();
    request
        .extensions_mut()
        .insert(RequestId(text.as_str().into()));
    let mut answered = observed(request, next, &text, ids, &api.metrics).await;
    answered.headers_mut().insert(REQUEST_ID, id);
    answered
}

/// It goes to the log as it is: short, and nothing but visible ASCII.
fn is_fit(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=MAX_LENGTH).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

fn new_id(ids: &dyn Ids) -> HeaderValue {
    // Hexadecimal digits are always a header's value.
    HeaderValue::from_str(&ids.next().to_string()).unwrap_or(HeaderValue::from_static("-"))
}
