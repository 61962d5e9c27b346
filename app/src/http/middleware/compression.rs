//! Answers that are worth it are compressed for those who accept it.

use axum::{
    extract::Request,
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header},
};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, SizeAbove},
    },
};

/// In bytes: less than this fits into one packet anyway.
const WORTHWHILE: u64 = 1024;

pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    let worthwhile = DefaultPredicate::new()
        .and(SizeAbove::new(WORTHWHILE))
        .and(has_no_version);
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(worthwhile)
}

/// Takes out what refuses an answer that is not compressed: the layer would call such an answer
/// 406, whatever has been done by then. RFC 9110 (12.5.3) lets a server send it all the same.
pub(super) async fn insist_on_nothing(mut request: Request) -> Request {
    let headers = request.headers();
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let accepted = accepted.filter_map(|value| value.to_str().ok());
    let (refusals, others): (Vec<_>, Vec<_>) = accepted
        .flat_map(|value| value.split(','))
        .partition(|coding| refuses_plain(coding));
    if refusals.is_empty() {
        return request;
    }
    let others = HeaderValue::try_from(others.join(","));
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    if let Ok(others) = others {
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, others);
    }
    request
}

/// Whether this is `identity` or `*`, with a weight of nothing.
fn refuses_plain(coding: &str) -> bool {
    let Some((coding, weight)) = coding.split_once(';') else {
        return false;
    };
    let coding = coding.trim();
    (coding == "*" || coding.eq_ignore_ascii_case("identity"))
        && weight
            .trim()
            .trim_start_matches(['q', 'Q', '='])
            .bytes()
            .all(|byte| matches!(byte, b'0' | b'.'))
}

/// A strong `ETag` stands for bytes: those that it came with, and no others. What has one is
/// small.
fn has_no_version(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ETAG)
}
