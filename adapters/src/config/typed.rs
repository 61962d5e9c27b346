//! Settings that are more than text: numbers, lengths of time, words of a closed set.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr, time::Duration};

use ports::DatabaseError;

use super::{
    Allowed, Variables, duration_text,
    parse::{duration, flag},
    survey::is_secret,
};

impl Variables {
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

    /// The same, else the default.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn parsed_or<T: FromStr + Display>(
        &self,
        key: &str,
        allowed: impl Display,
        default: T,
    ) -> Result<T, DatabaseError> {
        self.otherwise(key, &default);
        Ok(self.parsed(key, allowed)?.unwrap_or(default))
    }

    /// A whole number in a range.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn number(
        &self,
        key: &str,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, DatabaseError> {
        let allowed = format!("whole numbers from {} to {}", range.start(), range.end());
        self.read(key, allowed, |text| {
            text.parse().ok().filter(|number| range.contains(number))
        })
    }

    /// The same, else the default.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn number_or(
        &self,
        key: &str,
        range: RangeInclusive<usize>,
        default: usize,
    ) -> Result<usize, DatabaseError> {
        self.otherwise(key, default);
        Ok(self.number(key, range)?.unwrap_or(default))
    }

    /// A length of time: `30s`, `10min`, `250ms`, or a number of seconds.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn duration(&self, key: &str) -> Result<Option<Duration>, DatabaseError> {
        let allowed = "lengths of time such as 250ms, 30s, 10min, or a number of seconds";
        self.read(key, allowed, duration)
    }

    /// The same, else the default.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn duration_or(&self, key: &str, default: Duration) -> Result<Duration, DatabaseError> {
        self.otherwise(key, duration_text(default));
        Ok(self.duration(key)?.unwrap_or(default))
    }

    /// Yes or no.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn flag(&self, key: &str) -> Result<Option<bool>, DatabaseError> {
        self.read(key, "true and false", flag)
    }

    /// The same, else the default.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn flag_or(&self, key: &str, default: bool) -> Result<bool, DatabaseError> {
        self.otherwise(key, default);
        Ok(self.flag(key)?.unwrap_or(default))
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

    /// The same, else the default.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    pub fn one_of_or<T: Copy + PartialEq>(
        &self,
        key: &str,
        allowed: &Allowed<'_, T>,
        default: T,
    ) -> Result<T, DatabaseError> {
        self.otherwise(key, allowed.word(default));
        Ok(self.one_of(key, allowed)?.unwrap_or(default))
    }

    /// The value, read by a function.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] when the function finds no value in the text. The text
    /// is repeated unless the variable's name is that of a secret.
    pub fn read<T>(
        &self,
        key: &str,
        allowed: impl Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, DatabaseError> {
        self.try_read(key, |text| {
            let name = self.name(key);
            let is = if is_secret(&name) {
                "can not be used".to_owned()
            } else {
                format!("is {text:?}")
            };
            let refused =
                || DatabaseError::configuration(format!("{name} {is}; allowed are {allowed}"));
            read(text.trim()).ok_or_else(refused)
        })
    }

    /// The value, read by a function that says itself what is wrong.
    ///
    /// # Errors
    ///
    /// Those of the function.
    pub fn try_read<T>(
        &self,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, DatabaseError>,
    ) -> Result<Option<T>, DatabaseError> {
        let Some(text) = self.text(key) else {
            return Ok(None);
        };
        match read(text) {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.refuse(key, error).map(|()| None),
        }
    }
}
