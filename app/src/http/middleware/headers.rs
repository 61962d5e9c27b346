//! What every answer tells the browser that shows it, and the caches on its way.

use std::{future::Future, time::Duration};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

/// Nothing that the API answers is a page: it may load nothing, and be shown in no frame.
const OF_DATA: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The explorer has its scripts, styles and pictures from here, and asks this API alone.
const OF_PAGES: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// Where the pages are.
const PAGES: &str = "/docs";

/// What has a version may be kept by the client, who asks whether it is still good.
const REVALIDATED: HeaderValue = HeaderValue::from_static("private, no-cache");
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// `Strict-Transport-Security`, if it is asked for.
pub(super) fn hsts(duration: Option<Duration>) -> Option<HeaderValue> {
    let text = format!("max-age={}", duration?.as_secs());
    HeaderValue::from_str(&text).ok()
}

/// A handler that has said something else is left its word.
pub(super) async fn protect<A: Future<Output = Response>>(
    hsts: Option<&HeaderValue>,
    request: Request,
    next: impl FnOnce(Request) -> A,
) -> Response {
    let path = request.uri().path();
    let is_page = path
        .strip_prefix(PAGES)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let mut response = next(request).await;
    let headers = response.headers_mut();
    let policy = if is_page { OF_PAGES } else { OF_DATA };
    let kept = if headers.contains_key(header::ETAG) {
        REVALIDATED
    } else {
        NOT_KEPT
    };
    add(headers, header::CONTENT_SECURITY_POLICY, policy);
    add(headers, header::CACHE_CONTROL, kept);
    let nosniff = HeaderValue::from_static("nosniff");
    add(headers, header::X_CONTENT_TYPE_OPTIONS, nosniff);
    let nobody = HeaderValue::from_static("no-referrer");
    add(headers, header::REFERRER_POLICY, nobody);
    if let Some(hsts) = hsts {
        add(headers, header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    response
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}
