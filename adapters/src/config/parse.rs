//! How single values are read.

use std::{fmt, time::Duration};

/// A closed set of words and what they stand for.
pub struct Allowed<'a, T>(pub &'a [(&'a str, T)]);

impl<T: Copy> Allowed<'_, T> {
    /// What the word stands for, whatever its case.
    pub fn find(&self, word: &str) -> Option<T> {
        let same = |(name, _): &&(&str, T)| name.eq_ignore_ascii_case(word);
        self.0.iter().find(same).map(|(_, value)| *value)
    }
}

impl<T> fmt::Display for Allowed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (word, _) in self.0 {
            write!(f, "{separator}{word}")?;
            separator = ", ";
        }
        Ok(())
    }
}

/// Reads `30s`, `10min`, or a number of seconds.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    match text.parse::<u32>() {
        Ok(seconds) => Some(Duration::from_secs(seconds.into())),
        Err(_) => humantime::parse_duration(text).ok(),
    }
}

/// Reads yes or no.
pub(super) fn flag(text: &str) -> Option<bool> {
    let words = [
        ("true", true),
        ("false", false),
        ("1", true),
        ("0", false),
        ("yes", true),
        ("no", false),
        ("on", true),
        ("off", false),
    ];
    Allowed(&words).find(text)
}
