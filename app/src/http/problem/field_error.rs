//! Which part of a request is to blame.

use std::{borrow::Cow, fmt};

use serde::Serialize;
use utoipa::ToSchema;

use super::shortened;

/// One thing that is wrong with a request, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// What is wrong with it, and what is allowed.
    #[schema(value_type = String)]
    pub detail: Cow<'static, str>,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
}

/// A part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A part of the body, as a JSON pointer.
    Pointer(String),
    /// A parameter in the path or in the query string.
    Parameter(String),
    /// A header.
    #[schema(value_type = String)]
    Header(Cow<'static, str>),
}

/// The most characters of a reason, or of a name that a client has made up.
const MAX_CHARS: usize = 300;

impl FieldError {
    /// The same in a bounded length.
    pub(super) fn shortened(self) -> Self {
        let cut = |name: String| shortened(name.into(), MAX_CHARS).into_owned();
        Self {
            detail: shortened(self.detail, MAX_CHARS),
            place: match self.place {
                Place::Pointer(pointer) => Place::Pointer(cut(pointer)),
                Place::Parameter(name) => Place::Parameter(cut(name)),
                header @ Place::Header(_) => header,
            },
        }
    }
}

impl Place {
    /// A member of the body.
    pub fn member(name: &str) -> Self {
        Self::Pointer(format!("/{}", name.replace('~', "~0").replace('/', "~1")))
    }

    /// A parameter in the path or in the query string.
    pub fn parameter(name: impl Into<String>) -> Self {
        Self::Parameter(name.into())
    }

    /// A header.
    pub fn header(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Header(name.into())
    }
}

/// As it is called in a sentence.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(pointer) => {
                let name = pointer.strip_prefix('/').unwrap_or(pointer);
                let name = name.replace("~1", "/").replace("~0", "~");
                write!(f, "the member {name:?}")
            }
            Self::Parameter(name) => write!(f, "the parameter {name:?}"),
            Self::Header(name) => write!(f, "the header {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_any_name_has_a_pointer_and_keeps_its_name() {
        let place = Place::member("a/b~c~1");
        assert_eq!(place, Place::Pointer("/a~1b~0c~01".to_owned()));
        assert_eq!(place.to_string(), "the member \"a/b~c~1\"");
    }
}
