//! `/openapi.json`: what the API takes and answers, made from the routers that serve it.
//!
//! An operation says in `#[utoipa::path(..)]` what is special about it. What follows from its
//! shape, such as 415 from its having a body, is added in `completion.rs`; problems come from
//! their one table.

mod completion;
mod condition;
pub(super) mod named;
mod parameter;
mod problems;

use axum::{
    Extension,
    body::Bytes,
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::openapi::{
    Info, InfoBuilder, License, OpenApi,
    tag::{Tag, TagBuilder},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use condition::{IdempotencyKeyParameter, IfMatch, IfNoneMatch, RequiredIfMatch};
pub(super) use parameter::{query, reference};
pub(super) use problems::Problems;

use super::{Shared, parameters::NoParameters, problem::kind};

/// The tag of what operators need, rather than clients.
pub(super) const OPERATION: &str = "operation";

const DESCRIPTION: &str = "\
Bodies are JSON. Members and parameters that are not known are refused, by name; the explorer's \
pages alone take any.

Every failure is a problem document of RFC 9457, `application/problem+json`; its `type` says \
which one, and does not change. Each answer bears the id of its request in `X-Request-Id`, \
under which the log has the rest.";

/// The document of these routes.
pub(super) fn document(routes: OpenApiRouter<Shared>) -> OpenApi {
    let mut document = routes.into_openapi();
    document.info = info();
    document.tags = Some(tags());
    completion::complete(&mut document);
    document
}

/// The same for a service that asks nobody who they are.
pub(super) fn open(mut document: OpenApi) -> OpenApi {
    completion::open(&mut document);
    document
}

/// The document as it is sent. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sent(Bytes);

impl Sent {
    pub(super) fn new(document: &OpenApi) -> Self {
        // Texts and numbers can always be written.
        Self(document.to_json().unwrap_or_default().into())
    }
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(send))
}

/// Read this document
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "readDocument",
    tag = OPERATION,
    responses(
        (status = OK, description = "The document, OpenAPI 3.1", body = Object),
        Problems<(kind::Malformed, kind::UnknownParameter)>,
    )
)]
async fn send(_: NoParameters, Extension(Sent(document)): Extension<Sent>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

fn info() -> Info {
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    InfoBuilder::new()
        .title("Hexacoral")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license))
        .build()
}

fn tags() -> Vec<Tag> {
    let tag = |name: &str, description: &str| {
        let tag = TagBuilder::new().name(name);
        tag.description(Some(description)).build()
    };
    vec![
        // sample: begin
        tag("accounts", "Who holds how much of which currency."),
        tag("transfers", "Money that moved from one account to another."),
        // sample: end
        tag(OPERATION, "What those who run the service need."),
    ]
}
