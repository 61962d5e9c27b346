//! Who something belongs to.

use std::{fmt, ops::RangeInclusive};

/// The name of an owner: trimmed, 1 to [`Owner::MAX_CHARS`] characters, none of them a control
/// character or invisible: two names that look the same had better be the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(String);

impl Owner {
    /// The longest name, in characters (Unicode scalar values, as SQL's `char_length`
    /// counts them), not bytes.
    pub const MAX_CHARS: usize = 200;

    /// The characters that no name holds because they cannot be seen: Unicode's format characters
    /// (zero width, direction marks, tags), line and paragraph separators, and fillers, which are
    /// letters that are drawn as nothing.
    pub const INVISIBLE: [RangeInclusive<char>; 15] = [
        '\u{ad}'..='\u{ad}',
        '\u{34f}'..='\u{34f}',
        '\u{61c}'..='\u{61c}',
        '\u{115f}'..='\u{1160}',
        '\u{17b4}'..='\u{17b5}',
        '\u{180b}'..='\u{180f}',
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{3164}'..='\u{3164}',
        '\u{feff}'..='\u{feff}',
        '\u{ffa0}'..='\u{ffa0}',
        '\u{fff9}'..='\u{fffb}',
        '\u{1d173}'..='\u{1d17a}',
        '\u{e0000}'..='\u{e007f}',
    ];

    /// Those of them that a name may hold between two characters that need one, as in Persian
    /// and Sinhala: neither is ASCII.
    pub const JOINERS: RangeInclusive<char> = '\u{200c}'..='\u{200d}';

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
        if let Some(char) = name.chars().find(|char| char.is_control()) {
            return Err(OwnerError::ControlCharacter { char });
        }
        match invisible(&name) {
            Some(char) => Err(OwnerError::InvisibleCharacter { char }),
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

/// The first character that cannot be seen, and that joins nothing.
fn invisible(name: &str) -> Option<char> {
    let mut before = None;
    let mut chars = name.chars().peekable();
    while let Some(char) = chars.next() {
        let joins = Owner::JOINERS.contains(&char)
            && [before, chars.peek().copied()]
                .into_iter()
                .all(|beside| beside.is_some_and(|beside| !beside.is_ascii() && is_seen(beside)));
        if !joins && !is_seen(char) {
            return Some(char);
        }
        before = Some(char);
    }
    None
}

fn is_seen(char: char) -> bool {
    !Owner::INVISIBLE.iter().any(|range| range.contains(&char))
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
    /// A zero width space, a direction mark or the like.
    #[error(
        "the owner contains the invisible character U+{code:04X}; every character must be one \
         that can be seen",
        code = u32::from(*char)
    )]
    InvisibleCharacter {
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
    fn an_invisible_character_is_refused_wherever_it_is() {
        for char in [
            '\u{ad}',
            '\u{200b}',
            '\u{200e}',
            '\u{202e}',
            '\u{2066}',
            '\u{2060}',
            '\u{feff}',
            '\u{3164}',
            '\u{e0041}',
            '\u{200c}',
            '\u{200d}',
        ] {
            for name in [
                format!("{char}Ada"),
                format!("A{char}da"),
                format!("Ada{char}"),
                format!("\u{628}{char}"),
                char.to_string(),
            ] {
                assert_eq!(
                    Owner::new(&*name),
                    Err(OwnerError::InvisibleCharacter { char }),
                    "{name:?}"
                );
            }
        }
    }

    #[test]
    fn a_separator_of_lines_is_white_space_at_the_ends_and_invisible_inside() {
        let char = '\u{2028}';
        assert!(Owner::new(format!("{char}Ada{char}")).is_ok());
        assert_eq!(
            Owner::new(format!("A{char}da")),
            Err(OwnerError::InvisibleCharacter { char })
        );
    }

    #[test]
    fn joiners_are_kept_where_a_script_needs_them() {
        for name in ["علی\u{200c}رضا", "ශ\u{dca}\u{200d}රී", "👩\u{200d}💻"] {
            assert_eq!(Owner::new(name).map(|owner| owner.0), Ok(name.to_owned()));
        }
        let twice = "علی\u{200c}\u{200c}رضا";
        let char = '\u{200c}';
        assert_eq!(
            Owner::new(twice),
            Err(OwnerError::InvisibleCharacter { char })
        );
    }

    #[test]
    fn errors_say_what_is_allowed() {
        assert_eq!(
            OwnerError::TooLong { chars: 201 }.to_string(),
            "the owner has 201 characters; it must have from 1 to 200"
        );
        assert_eq!(
            OwnerError::InvisibleCharacter { char: '\u{ad}' }.to_string(),
            "the owner contains the invisible character U+00AD; every character must be one \
             that can be seen"
        );
        assert!(
            OwnerError::ControlCharacter { char: '\0' }
                .to_string()
                .contains(r"'\0'")
        );
    }
}
