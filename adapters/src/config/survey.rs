//! What was read of the settings: each with where its value is from, and what is wrong.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ports::DatabaseError;

use super::Source;

/// Notes every setting that is read while it is on. Clones share their notes.
#[derive(Debug, Clone, Default)]
pub struct Survey(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    readings: Vec<Reading>,
    present: BTreeSet<String>,
}

/// A setting that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The variable's full name.
    pub name: String,
    /// What counts, with nothing secret in it; `None` when nothing is set and there is no
    /// default.
    pub value: Option<String>,
    /// Where that is from.
    pub origin: Origin,
    /// Why it can not be used.
    pub wrong: Option<String>,
}

/// Where a value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The variable is set.
    Set(Source),
    /// It is not, and another setting says it: the URL has the host in it.
    Other(&'static str),
    /// It is not set at all.
    Default,
}

/// What is shown in place of a secret.
const HIDDEN: &str = "(hidden)";

impl Survey {
    /// A survey without notes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The settings that were read, in the order in which they were first asked for.
    pub fn readings(&self) -> Vec<Reading> {
        self.notes().readings.clone()
    }

    /// The variables that are set, have a prefix of ours, and were asked for by nobody.
    pub fn unread(&self) -> Vec<String> {
        let notes = self.notes();
        let is_read = |name: &&String| notes.readings.iter().any(|known| known.name == **name);
        let present = notes.present.iter();
        present.filter(|name| !is_read(name)).cloned().collect()
    }

    /// All that is wrong, a line each.
    pub fn wrongs(&self) -> Vec<String> {
        let readings = self.readings().into_iter();
        readings.filter_map(|reading| reading.wrong).collect()
    }

    pub(super) fn is_present(&self, names: impl IntoIterator<Item = String>) {
        self.notes().present.extend(names);
    }

    pub(super) fn is_read(&self, name: &str, set: Option<(&str, Source)>, secret: bool) {
        let mut notes = self.notes();
        let reading = notes.reading(name);
        if let Some((text, source)) = set {
            reading.origin = Origin::Set(source);
            let hidden = secret || reading.value.as_deref() == Some(HIDDEN);
            reading.value = Some(if hidden { HIDDEN.into() } else { shown(text) });
        }
    }

    pub(super) fn is_unset(&self, name: &str, shown: String, origin: Origin) {
        let mut notes = self.notes();
        let reading = notes.reading(name);
        if !matches!(reading.origin, Origin::Set(_)) {
            (reading.value, reading.origin) = (Some(shown), origin);
        }
    }

    /// The first complaint stays: those that come later may come of it.
    pub(super) fn is_wrong(&self, name: &str, error: &DatabaseError) {
        let mut notes = self.notes();
        let reading = notes.reading(name);
        reading.wrong.get_or_insert_with(|| error.to_string());
        // What is no URL may be one whose password can not be told apart.
        if let Some(value) = &mut reading.value
            && (name.ends_with("URL") || value.contains("://"))
        {
            HIDDEN.clone_into(value);
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn reading(&mut self, name: &str) -> &mut Reading {
        let place = self.readings.iter().position(|known| known.name == name);
        let place = place.unwrap_or_else(|| {
            self.readings.push(Reading {
                name: name.to_owned(),
                value: None,
                origin: Origin::Default,
                wrong: None,
            });
            self.readings.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "it is there, or was put there")]
        &mut self.readings[place]
    }
}

/// The text without the password of a URL: whatever is between the first colon after the
/// scheme and the last @.
fn shown(text: &str) -> String {
    let hidden = || {
        let (scheme, rest) = text.split_once("://")?;
        let (credentials, place) = rest.rsplit_once('@')?;
        let (user, _) = credentials.split_once(':')?;
        Some(format!("{scheme}://{user}:{HIDDEN}@{place}"))
    };
    hidden().unwrap_or_else(|| text.to_owned())
}

/// Whether a variable of this name holds a secret, however it is read.
pub(super) fn is_secret(name: &str) -> bool {
    let ends = ["PASSWORD", "SECRET", "TOKEN", "_KEY"];
    ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_url_is_hidden_whatever_is_in_it() {
        for (text, expected) in [
            ("postgres://u:hunter2@h/x", "postgres://u:(hidden)@h/x"),
            ("postgres://u:hun:ter@2@h/x", "postgres://u:(hidden)@h/x"),
            ("postgres://u@h/x", "postgres://u@h/x"),
            ("postgres://h:1/x", "postgres://h:1/x"),
            ("sqlite://a.db?mode=rwc", "sqlite://a.db?mode=rwc"),
            ("127.0.0.1:3000", "127.0.0.1:3000"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
