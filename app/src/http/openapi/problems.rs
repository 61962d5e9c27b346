//! Problems as answers of operations: from their kinds to responses, and back.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::{
    IntoResponses,
    openapi::{
        AllOfBuilder, Content, ContentBuilder, Header, ObjectBuilder, Ref, RefOr, Response,
        ResponseBuilder, Schema,
        example::ExampleBuilder,
        header::HeaderBuilder,
        schema::{SchemaType, Type},
    },
};

use crate::http::problem::{self, ProblemKind};

/// The type of every problem document.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
/// The name of the schema that all of them have.
pub(super) const SCHEMA: &str = "Problem";

/// What an operation may answer beside the problems that its shape implies: a tuple of
/// types from [`problem::kind`].
pub(in crate::http) struct Problems<K>(PhantomData<K>);

impl<K: Kinds> IntoResponses for Problems<K> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let responses = by_status(&K::kinds());
        responses
            .into_iter()
            .map(|(status, response)| (status, response.into()))
            .collect()
    }
}

/// Some kinds of problems, as a type.
pub(in crate::http) trait Kinds {
    /// Which ones.
    fn kinds() -> BTreeSet<ProblemKind>;
}

macro_rules! tuples {
    ($(($($kind:ident),+))+) => {$(
        impl<$($kind: problem::Kind),+> Kinds for ($($kind,)+) {
            fn kinds() -> BTreeSet<ProblemKind> {
                [$($kind::KIND),+].into()
            }
        }
    )+};
}

tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F)
    (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H)
}

/// The kinds that a response was made of: its examples have their names.
pub(super) fn kinds_of(response: &Response) -> BTreeSet<ProblemKind> {
    let content = response.content.get(MEDIA_TYPE);
    let Some(RefOr::T(content)) = content else {
        return BTreeSet::new();
    };
    let is_named = |kind: &ProblemKind| content.examples.contains_key(kind.slug());
    ProblemKind::ALL.iter().copied().filter(is_named).collect()
}

/// One response for each status that these kinds have.
pub(super) fn by_status(kinds: &BTreeSet<ProblemKind>) -> BTreeMap<String, Response> {
    let mut statuses: BTreeMap<StatusCode, Vec<ProblemKind>> = BTreeMap::new();
    for kind in kinds {
        statuses.entry(kind.status()).or_default().push(*kind);
    }
    let responses = statuses.into_iter();
    responses
        .map(|(status, kinds)| (status.as_u16().to_string(), response(status, &kinds)))
        .collect()
}

fn response(status: StatusCode, kinds: &[ProblemKind]) -> Response {
    let line = |kind: &ProblemKind| format!("- `{}`: {}", kind.slug(), kind.meaning());
    let lines: Vec<_> = kinds.iter().map(line).collect();
    let builder = ResponseBuilder::new()
        .description(lines.join("\n"))
        .content(MEDIA_TYPE, content(status, kinds));
    match header(status) {
        Some((name, description)) => {
            let header = HeaderBuilder::from(Header::default());
            let header = header.description(Some(description));
            builder.header(name, header.build()).build()
        }
        None => builder.build(),
    }
}

/// What these answers bear, beside what all answers do.
fn header(status: StatusCode) -> Option<(&'static str, &'static str)> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some((
            "WWW-Authenticate",
            "What would be good enough, as RFC 6750 has it.",
        )),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Some((
            "Retry-After",
            "After how many seconds the same request may be sent again. Absent where it is not \
             known whether it was carried out.",
        )),
        _ => None,
    }
}

fn content(status: StatusCode, kinds: &[ProblemKind]) -> Content {
    let types: Vec<_> = kinds.iter().map(|kind| Value::from(kind.uri())).collect();
    let narrowed = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Object))
        .property("type", one_of(Type::String, types))
        .property(
            "status",
            one_of(Type::Integer, vec![status.as_u16().into()]),
        );
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name(SCHEMA))
        .item(narrowed);
    let examples = kinds.iter().map(|kind| {
        let example = ExampleBuilder::new().summary(kind.title());
        (kind.slug(), example.value(Some(example_of(*kind))).build())
    });
    ContentBuilder::new()
        .schema(Some(Schema::AllOf(schema.build())))
        .examples_from_iter(examples)
        .build()
}

fn one_of(of: Type, values: Vec<Value>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(of))
        .enum_values(Some(values))
}

fn example_of(kind: ProblemKind) -> Value {
    json!({
        "type": kind.uri(),
        "title": kind.title(),
        "status": kind.status().as_u16(),
        "detail": kind.meaning(),
        "instance": "/v1",
        "request_id": "019a0000-0000-7000-8000-00000000abcd",
    })
}
