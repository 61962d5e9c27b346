//! Where a page ended.

use std::fmt;

/// The place in a list where a page ended, to go on from there.
///
/// Opaque: made and read by an adapter alone, which refuses one that was changed,
/// or that belongs to another list or another order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor as it came from outside. Whether it is good is found when it is used.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The cursor's text: letters, digits, `-` and `_`, fit for a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
