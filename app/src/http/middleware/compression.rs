//! Answers that are worth it are compressed for those who accept it.

use std::{
    convert::Infallible,
    future::{Future, ready},
};

use axum::{
    body::Body,
    http::{Extensions, HeaderMap, HeaderValue, Request, StatusCode, Version, header},
    response::Response,
};
use tower::{Layer as _, Service as _, service_fn};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, SizeAbove},
    },
};

/// In bytes: less than this fits into one packet anyway.
const WORTHWHILE: u64 = 1024;

/// Looks at the answer first: most are small, and have nothing to do with any of this.
pub(super) async fn apply<A: Future<Output = Response>>(
    is_on: bool,
    request: Request<Body>,
    next: impl FnOnce(Request<Body>) -> A,
) -> Response {
    if !is_on {
        return next(request).await;
    }
    let accepted = accepted(request.headers());
    let answer = next(request).await;
    if worthwhile().should_compress(&answer) {
        // Boxed: an encoder is large, and would be a part of every request.
        Box::pin(compressed(accepted, answer)).await
    } else {
        answer
    }
}

async fn compressed(accepted: Option<HeaderValue>, answer: Response) -> Response {
    // The layer is made for a service: here, one that answers what it is given.
    let echo =
        service_fn(|request: Request<Response>| ready(Ok::<_, Infallible>(request.into_body())));
    let layer = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(worthwhile());
    let mut request = Request::new(answer);
    if let Some(accepted) = accepted {
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, accepted);
    }
    match layer.layer(echo).call(request).await {
        Ok(answer) => answer.map(Body::new),
        Err(never) => match never {},
    }
}

fn worthwhile() -> impl Predicate {
    DefaultPredicate::new()
        .and(SizeAbove::new(WORTHWHILE))
        .and(has_no_version)
}

/// The codings that are accepted, without what refuses an answer that is not compressed: the
/// layer would call such an answer 406, whatever has been done by then. RFC 9110 (12.5.3) lets
/// a server send it all the same.
fn accepted(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::ACCEPT_ENCODING)?;
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let codings = lines.flat_map(|line| line.split(','));
    let codings: Vec<_> = codings.filter(|coding| !refuses_plain(coding)).collect();
    HeaderValue::try_from(codings.join(",")).ok()
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
