//! Who is acting.

use std::fmt;

/// Who is acting: what `created_by` and `updated_by` are filled from.
///
/// At most 200 characters, none of them a control character, not blank.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor(String);

impl Actor {
    /// The most characters of a name.
    pub const MAX_CHARS: usize = 200;

    /// An actor of this name.
    ///
    /// # Errors
    ///
    /// [`ActorError`] when the name is blank, too long, or has control characters.
    pub fn new(name: impl Into<String>) -> Result<Self, ActorError> {
        let name = name.into();
        let fits = name.chars().count() <= Self::MAX_CHARS;
        let printable = !name.chars().any(char::is_control);
        if fits && printable && !name.trim().is_empty() {
            Ok(Self(name))
        } else {
            Err(ActorError)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that can not be an actor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an actor's name has 1 to {max} characters, none of them a control character", max = Actor::MAX_CHARS)]
pub struct ActorError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_neither_blank_nor_long_nor_unprintable() {
        for bad in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert_eq!(Actor::new(bad), Err(ActorError), "{bad:?}");
        }
        assert!(Actor::new("é".repeat(200)).is_ok());
    }
}
