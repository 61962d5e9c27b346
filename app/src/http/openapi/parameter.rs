//! Parameters of query strings, for types that read theirs by hand.

use utoipa::{
    ToSchema,
    openapi::{
        Ref, RefOr, Required, Schema,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

/// The schema that is kept under this name. It has to be in use elsewhere, in a body: only from
/// there do schemas find their way into the document.
pub(in crate::http) fn reference<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

/// A parameter that may be left out.
pub(in crate::http) fn query(
    name: &str,
    description: &str,
    schema: impl Into<RefOr<Schema>>,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}
