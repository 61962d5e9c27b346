//! Settings from the environment and from `.env`, with errors that name the variable,
//! its value when that is no secret, and what is allowed.

mod environment;
mod parse;
mod survey;
mod typed;

use std::{collections::HashMap, fmt::Display};

use config::Config;
use ports::DatabaseError;
use secrecy::SecretString;

pub use environment::{Environment, Source};
pub(crate) use parse::duration_text;
pub use parse::{Allowed, duration};
use survey::is_secret;
pub use survey::{Origin, Reading, Survey};

/// Variables that share a prefix: `DATABASE_POOL_SIZE` is `pool_size` of `DATABASE`. The
/// prefix alone, such as `LOG`, is a variable too, whose key is empty.
///
/// An empty variable counts as one that is not set.
///
/// The methods that end in `_or` answer the default of what is not set, and let a [`Survey`]
/// know it; the others answer `None`.
pub struct Variables {
    prefix: &'static str,
    values: HashMap<String, (String, Source)>,
    survey: Option<Survey>,
}

impl Variables {
    /// The variables of the process, over those of a `.env` file in the working
    /// directory or above it.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] when `.env` is not well-formed, or a variable
    /// is not Unicode.
    pub fn of_process(prefix: &'static str) -> Result<Self, DatabaseError> {
        Environment::of_process()?.variables(prefix)
    }

    /// These variables and no others, by their full names.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn of<K: Into<String>, V: Into<String>>(
        prefix: &'static str,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, DatabaseError> {
        let variables = variables.into_iter().map(|(k, v)| (k.into(), v.into()));
        let layer = (Source::Environment, variables.collect());
        Self::layered(prefix, [layer], None)
    }

    fn layered(
        prefix: &'static str,
        layers: impl IntoIterator<Item = (Source, HashMap<String, String>)>,
        survey: Option<Survey>,
    ) -> Result<Self, DatabaseError> {
        let mut values = HashMap::new();
        for (source, mut layer) in layers {
            let bare = layer.remove(prefix).filter(|value| !value.is_empty());
            values.extend(bare.map(|value| (String::new(), (value, source))));
            let variables = config::Environment::with_prefix(prefix)
                .prefix_separator("_")
                .ignore_empty(true)
                .source(Some(layer));
            let found: HashMap<_, _> = Config::builder()
                .add_source(variables)
                .build()
                .and_then(Config::try_deserialize)
                .map_err(|error| DatabaseError::configuration(error.to_string()))?;
            values.extend(found.into_iter().map(|(key, value)| (key, (value, source))));
        }
        let variables = Self {
            prefix,
            values,
            survey,
        };
        if let Some(survey) = &variables.survey {
            survey.is_present(variables.values.keys().map(|key| variables.name(key)));
        }
        Ok(variables)
    }

    /// The full name of a variable.
    pub fn name(&self, key: &str) -> String {
        if key.is_empty() {
            return self.prefix.to_owned();
        }
        format!("{}_{}", self.prefix, key.to_uppercase())
    }

    /// Refuses variables with this prefix that are not in the list: a misspelt one
    /// would otherwise have no effect, silently.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn refuse_unknown(&self, known: &[&str]) -> Result<(), DatabaseError> {
        let mut unknown: Vec<_> = self
            .values
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
            .collect();
        unknown.sort();
        let allowed: Vec<_> = known.iter().map(|key| self.name(key)).collect();
        for key in unknown {
            let error = DatabaseError::configuration(format!(
                "{} is no setting; allowed are {}",
                self.name(key),
                allowed.join(", ")
            ));
            // It may be the misspelt name of a secret.
            self.found(key, true);
            self.refuse(key, error)?;
        }
        Ok(())
    }

    /// Whether it is set. A survey does not count that as reading it.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The value as text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.found(key, is_secret(&self.name(key)))
    }

    /// The value as text, else the default.
    pub fn text_or(&self, key: &str, default: &str) -> String {
        self.otherwise(key, default);
        self.text(key).unwrap_or(default).to_owned()
    }

    /// The value as a secret.
    pub fn secret(&self, key: &str) -> Option<SecretString> {
        self.found(key, true).map(SecretString::from)
    }

    /// What counts when it is not set, for a survey: a default, or words such as `the
    /// server's`.
    pub fn otherwise(&self, key: &str, shown: impl Display) {
        self.unset(key, shown, Origin::Default);
    }

    /// What counts when it is not set because another setting says it, for a survey.
    pub fn otherwise_from(&self, key: &str, shown: impl Display, setting: &'static str) {
        self.unset(key, shown, Origin::Other(setting));
    }

    /// Ends the reading with this error; in a survey the error is noted, and the reading goes
    /// on as if the variable were not set.
    ///
    /// # Errors
    ///
    /// The error, without a survey.
    pub fn refuse(&self, key: &str, error: DatabaseError) -> Result<(), DatabaseError> {
        match &self.survey {
            Some(survey) => survey.is_wrong(&self.name(key), &error),
            None => return Err(error),
        }
        Ok(())
    }

    fn found(&self, key: &str, secret: bool) -> Option<&str> {
        let set = self.values.get(key);
        let set = set.map(|(text, source)| (text.as_str(), *source));
        if let Some(survey) = &self.survey {
            survey.is_read(&self.name(key), set, secret);
        }
        set.map(|(text, _)| text)
    }

    fn unset(&self, key: &str, shown: impl Display, origin: Origin) {
        if let Some(survey) = &self.survey {
            survey.is_unset(&self.name(key), shown.to_string(), origin);
        }
    }
}

#[cfg(test)]
mod tests;
