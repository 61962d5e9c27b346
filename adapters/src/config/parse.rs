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

impl<T: Copy + PartialEq> Allowed<'_, T> {
    /// The first word for this value; nothing when there is none.
    pub fn word(&self, value: T) -> &str {
        let same = |(_, known): &&(&str, T)| *known == value;
        self.0.iter().find(same).map_or("", |(word, _)| word)
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
pub fn duration(text: &str) -> Option<Duration> {
    match text.parse::<u32>() {
        Ok(seconds) => Some(Duration::from_secs(seconds.into())),
        Err(_) => humantime::parse_duration(text).ok(),
    }
}

/// Writes what [`duration`] reads.
pub(crate) fn duration_text(time: Duration) -> String {
    let seconds = time.as_secs();
    match time.subsec_nanos() {
        0 if seconds == 0 => "0".to_owned(),
        0 if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        0 if seconds.is_multiple_of(60) => format!("{}min", seconds / 60),
        0 => format!("{seconds}s"),
        nanos if nanos.is_multiple_of(1_000_000) => format!("{}ms", time.as_millis()),
        _ => humantime::format_duration(time).to_string(),
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
