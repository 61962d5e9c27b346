//! Who something belongs to.

use std::fmt;

/// The name of an owner: trimmed, 1 to [`Owner::MAX_CHARS`] characters, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(String);

impl Owner {
    /// The longest name, in characters (Unicode scalar values, as SQL's `char_length`
    /// counts them), not bytes.
    pub const MAX_CHARS: usize = 200;

    /// Trims white space at both ends, then checks.
    ///
    /// ```
    /// use domain::Owner;
    ///
    /// assert_eq!(Owner::new("  Ada Lovelace ")?.as_str(), "Ada Lovelace");
    /// # Ok::<(), domain::OwnerError>(())
    /// ```
    pub fn new(name: impl Into<String>) -> Result<Self, OwnerError> {
        let name = trimmed(name.into());
        if name.is_empty() {
            return Err(OwnerError::Empty);
        }
        let chars = name.chars().count();
        if chars > Self::MAX_CHARS {
            return Err(OwnerError::TooLong { chars });
        }
        match name.chars().find(|char| char.is_control()) {
            Some(char) => Err(OwnerError::ControlCharacter { char }),
            None => Ok(Self(name)),
        }
    }

    /// The trimmed name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Keeps the allocation of a name that has nothing to trim.
fn trimmed(name: String) -> String {
    match name.trim() {
        trimmed if trimmed.len() == name.len() => name,
        trimmed => trimmed.to_owned(),
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text is not the name of an [`Owner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnerError {
    /// Nothing is left after trimming.
    #[error("the owner is blank; it must have from 1 to {max} characters", max = Owner::MAX_CHARS)]
    Empty,
    /// More than [`Owner::MAX_CHARS`] are left after trimming.
    #[error(
        "the owner has {chars} characters; it must have from 1 to {max}",
        max = Owner::MAX_CHARS
    )]
    TooLong {
        /// How many there are.
        chars: usize,
    },
    /// A line break, a NUL or the like, inside of the name.
    #[error(
        "the owner contains the control character {char:?}; it must be a single line of \
         printable text"
    )]
    ControlCharacter {
        /// The first one.
        char: char,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_name_is_dropped_and_inside_it_is_kept() -> Result<(), OwnerError> {
        let owner = Owner::new("\u{a0}\n Grace  Hopper\t")?;
        assert_eq!(owner.as_str(), "Grace  Hopper");
        assert_eq!(owner.to_string(), "Grace  Hopper");
        Ok(())
    }

    #[test]
    fn a_blank_name_is_refused() {
        for name in ["", " ", "\t\n"] {
            assert_eq!(Owner::new(name), Err(OwnerError::Empty));
        }
    }

    #[test]
    fn the_limit_counts_characters_after_trimming() {
        let longest = "é".repeat(Owner::MAX_CHARS);
        assert!(Owner::new(format!(" {longest} ")).is_ok());
        assert_eq!(
            Owner::new(format!("{longest}é")),
            Err(OwnerError::TooLong { chars: 201 })
        );
    }

    #[test]
    fn a_control_character_inside_is_refused_and_named() {
        for char in ['\0', '\n', '\u{7f}', '\u{85}'] {
            assert_eq!(
                Owner::new(format!("Ada{char}Lovelace")),
                Err(OwnerError::ControlCharacter { char })
            );
        }
    }

    #[test]
    fn errors_say_what_is_allowed() {
        assert_eq!(
            OwnerError::TooLong { chars: 201 }.to_string(),
            "the owner has 201 characters; it must have from 1 to 200"
        );
        assert!(
            OwnerError::ControlCharacter { char: '\0' }
                .to_string()
                .contains(r"'\0'")
        );
    }
}
