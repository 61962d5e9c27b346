//! The id of a request, for its answer and for the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ports::Ids;
use uuid::Uuid;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A longer one is not kept.
pub(in crate::http) const MAX_LENGTH: usize = 128;

/// The id that a proxy has given the request, else one of its own; every answer bears it.
pub(super) fn of(headers: &HeaderMap, ids: &dyn Ids) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|id| is_fit(id));
    given.cloned().unwrap_or_else(|| new(ids))
}

/// It goes to the log as it is: short, and nothing but visible ASCII.
fn is_fit(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=MAX_LENGTH).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

fn new(ids: &dyn Ids) -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let text = ids.next().hyphenated().encode_lower(&mut text);
    // Hexadecimal digits are always a header's value.
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("-"))
}
