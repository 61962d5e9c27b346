//! Conditions of requests, in headers.

use utoipa::{
    IntoParams,
    openapi::{
        RefOr, Required, Schema,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use ports::IdempotencyKey;

use super::{
    named::{EntityTags, visible},
    reference,
};

/// A change that may be made to a version that the client names.
pub(in crate::http) struct IfMatch;

/// A change that has to be.
pub(in crate::http) struct RequiredIfMatch;

/// What the client has already.
pub(in crate::http) struct IfNoneMatch;

/// A request that may have to be sent more than once.
pub(in crate::http) struct IdempotencyKeyParameter;

impl IntoParams for IdempotencyKeyParameter {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "Any text that the client uses for this request alone: when it sends the same \
                    request with the same key again, that is carried out once, and answered \
                    alike.";
        let schema = visible(IdempotencyKey::MAX_LENGTH);
        vec![header("Idempotency-Key", Required::False, text, schema)]
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "The version that is to be changed, as its `ETag` was. Whichever there is, \
                    without this header.";
        vec![condition("If-Match", Required::False, text)]
    }
}

impl IntoParams for RequiredIfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "The version that is to be changed, as its `ETag` was, or `*` for whichever \
                    there is.";
        vec![condition("If-Match", Required::True, text)]
    }
}

impl IntoParams for IfNoneMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = "The `ETag` of what the client has: then that is not sent again.";
        vec![condition("If-None-Match", Required::False, text)]
    }
}

fn condition(name: &str, required: Required, text: &str) -> Parameter {
    header(name, required, text, reference::<EntityTags>())
}

fn header(
    name: &str,
    required: Required,
    text: &str,
    schema: impl Into<RefOr<Schema>>,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(text))
        .schema(Some(schema))
        .build()
}
