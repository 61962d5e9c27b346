//! Settings from the environment and from `.env`, with errors that name the variable,
//! its value when that is no secret, and what is allowed.

mod parse;

use std::{collections::HashMap, fmt::Display, str::FromStr, time::Duration};

use config::{Config, Environment};
use ports::DatabaseError;
use secrecy::SecretString;

pub use parse::Allowed;
pub(crate) use parse::duration;

/// Variables that share a prefix: `DATABASE_POOL_SIZE` is `pool_size` of `DATABASE`. The
/// prefix alone, such as `LOG`, is a variable too, whose key is empty.
///
/// An empty variable counts as one that is not set.
pub struct Variables {
    prefix: &'static str,
    values: HashMap<String, String>,
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
        let file = match dotenvy::dotenv_iter() {
            Ok(lines) => of_file(lines)?,
            Err(error) if error.not_found() => HashMap::new(),
            Err(error) => return Err(unreadable(&error, "its beginning")),
        };
        let ours = |name: &str| name.starts_with(prefix);
        let mut process = HashMap::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| ours(name)) else {
                continue;
            };
            let value = value.into_string().map_err(|_| {
                DatabaseError::configuration(format!("{name} is not valid Unicode"))
            })?;
            process.insert(name.to_owned(), value);
        }
        Self::layered(prefix, [file, process])
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
        Self::layered(prefix, [variables.collect()])
    }

    fn layered(
        prefix: &'static str,
        layers: impl IntoIterator<Item = HashMap<String, String>>,
    ) -> Result<Self, DatabaseError> {
        let mut builder = Config::builder();
        let mut alone = None;
        for mut layer in layers {
            let bare = layer.remove(prefix).filter(|value| !value.is_empty());
            alone = bare.or(alone);
            let source = Environment::with_prefix(prefix)
                .prefix_separator("_")
                .ignore_empty(true)
                .source(Some(layer));
            builder = builder.add_source(source);
        }
        let mut values: HashMap<_, _> = builder
            .build()
            .and_then(Config::try_deserialize)
            .map_err(|error| DatabaseError::configuration(error.to_string()))?;
        values.extend(alone.map(|value| (String::new(), value)));
        Ok(Self { prefix, values })
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
            .map(|key| self.name(key))
            .collect();
        unknown.sort();
        let Some(first) = unknown.first() else {
            return Ok(());
        };
        let allowed: Vec<_> = known.iter().map(|key| self.name(key)).collect();
        Err(DatabaseError::configuration(format!(
            "{first} is no setting; allowed are {}",
            allowed.join(", ")
        )))
    }

    /// The value as text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The value as a secret.
    pub fn secret(&self, key: &str) -> Option<SecretString> {
        self.text(key).map(SecretString::from)
    }

    /// The value, read by its type's `FromStr`.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] with the variable, its value and `allowed`.
    pub fn parsed<T: FromStr>(
        &self,
        key: &str,
        allowed: impl Display,
    ) -> Result<Option<T>, DatabaseError> {
        self.read(key, allowed, |text| text.parse().ok())
    }

    /// A whole number in a range.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn number(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<usize>,
    ) -> Result<Option<usize>, DatabaseError> {
        let allowed = format!("whole numbers from {} to {}", range.start(), range.end());
        self.read(key, allowed, |text| {
            text.parse().ok().filter(|number| range.contains(number))
        })
    }

    /// A length of time: `30s`, `10min`, `250ms`, or a number of seconds.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn duration(&self, key: &str) -> Result<Option<Duration>, DatabaseError> {
        let allowed = "lengths of time such as 250ms, 30s, 10min, or a number of seconds";
        self.read(key, allowed, parse::duration)
    }

    /// Yes or no.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn flag(&self, key: &str) -> Result<Option<bool>, DatabaseError> {
        self.read(key, "true and false", parse::flag)
    }

    /// One of a closed set of words.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn one_of<T: Copy>(
        &self,
        key: &str,
        allowed: &Allowed<'_, T>,
    ) -> Result<Option<T>, DatabaseError> {
        self.read(key, allowed, |text| allowed.find(text))
    }

    /// The value, read by a function.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] when the function finds no value in the text.
    pub fn read<T>(
        &self,
        key: &str,
        allowed: impl Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, DatabaseError> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        let value = read(text.trim()).ok_or_else(|| {
            let name = self.name(key);
            DatabaseError::configuration(format!("{name} is {text:?}; allowed are {allowed}"))
        })?;
        Ok(Some(value))
    }
}

fn of_file(
    lines: impl Iterator<Item = dotenvy::Result<(String, String)>>,
) -> Result<HashMap<String, String>, DatabaseError> {
    let mut last = String::from("its beginning");
    let mut values = HashMap::new();
    for line in lines {
        let (name, value) = line.map_err(|error| unreadable(&error, &last))?;
        last.clone_from(&name);
        values.insert(name, value);
    }
    Ok(values)
}

/// The line itself is not repeated: it may hold a password.
fn unreadable(error: &dotenvy::Error, last: &str) -> DatabaseError {
    DatabaseError::configuration(match error {
        dotenvy::Error::LineParse(..) => format!(
            "the file .env has a malformed line after {last}; allowed are NAME=value and \
             NAME='value', the latter when there are blanks, quotes, # or $ in the value"
        ),
        other => format!("the file .env can not be read after {last}: {other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        Variables::of("DATABASE", pairs.iter().copied()).unwrap()
    }

    fn message<T>(result: Result<T, DatabaseError>) -> String {
        result
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn values_keep_their_text() {
        let read = variables(&[("DATABASE_PASSWORD", "0123 @:/%# é")]);
        assert_eq!(read.text("password"), Some("0123 @:/%# é"));
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let read = variables(&[("DATABASE_POOL_SIZE", "")]);
        assert_eq!(read.number("pool_size", 1..=10).unwrap(), None);
    }

    #[test]
    fn lengths_of_time_have_units_or_are_seconds() {
        let read = variables(&[
            ("DATABASE_A", "90"),
            ("DATABASE_B", "10min"),
            ("DATABASE_C", "x"),
        ]);
        assert_eq!(read.duration("a").unwrap(), Some(Duration::from_secs(90)));
        assert_eq!(read.duration("b").unwrap(), Some(Duration::from_mins(10)));
        assert_eq!(
            message(read.duration("c")),
            "DATABASE_C is \"x\"; allowed are lengths of time such as 250ms, 30s, 10min, \
             or a number of seconds"
        );
    }

    #[test]
    fn numbers_out_of_range_are_refused_with_the_range() {
        let read = variables(&[("DATABASE_POOL_SIZE", "0")]);
        assert_eq!(
            message(read.number("pool_size", 1..=10)),
            "DATABASE_POOL_SIZE is \"0\"; allowed are whole numbers from 1 to 10"
        );
    }

    #[test]
    fn an_unknown_variable_is_refused_by_name() {
        let read = variables(&[("DATABASE_POOL_SZIE", "1"), ("OTHER", "1")]);
        assert_eq!(
            message(read.refuse_unknown(&["pool_size"])),
            "DATABASE_POOL_SZIE is no setting; allowed are DATABASE_POOL_SIZE"
        );
    }
}
