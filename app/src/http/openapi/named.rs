//! Schemas of texts that are more than texts, under names of their own.

use utoipa::openapi::{ObjectBuilder, schema::Type};

/// Makes types that stand for schemas, and for nothing else: what a handler reads or answers is
/// a text, or a type of the domain, which knows nothing of documents.
macro_rules! named {
    ($($(#[doc = $doc:literal])* $type:ident as $name:literal = $schema:expr;)*) => {$(
        $(#[doc = $doc])*
        pub(in crate::http) enum $type {}

        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let schema: utoipa::openapi::ObjectBuilder = $schema;
                schema.description(Some(concat!($($doc),*).trim())).into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}
pub(in crate::http) use named;

/// A text with this pattern.
pub(in crate::http) fn text(pattern: impl Into<String>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
}

/// Visible ASCII characters, up to so many.
pub(in crate::http) fn visible(most: usize) -> ObjectBuilder {
    text("^[!-~]+$").min_length(Some(1)).max_length(Some(most))
}

/// Control characters, as a part of a class of a pattern.
pub(in crate::http) const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// A text without control characters, which may be empty.
pub(in crate::http) fn line() -> ObjectBuilder {
    text(format!("^[^{CONTROL}]*$"))
}

named! {
    /// The version of what is answered, in quotes.
    EntityTag as "EntityTag" = text("^\"[0-9]+\"$").examples([r#""1""#]);
    /// Entity tags with commas between them, or `*` for any.
    EntityTags as "EntityTags" = text(
        "^(\\*|(W/)?\"[^\"\\s]*\"(,[ \\t]*(W/)?\"[^\"\\s]*\")*)$"
    ).examples([r#""1""#]);
}
