//! Answers that are worth it are compressed for those who accept it.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
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

/// A strong `ETag` stands for bytes: those that it came with, and no others. What has one is
/// small.
fn has_no_version(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ETAG)
}
