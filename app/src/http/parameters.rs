//! The query string, parameter by parameter.
//!
//! Not a struct of serde's: that answers "invalid" to everything, where an unknown parameter
//! and a wrong value are two different failures, and it stops at the first of them.

use std::{
    fmt::Display,
    str::{FromStr, Utf8Error},
};

use axum::{extract::FromRequestParts, http::request::Parts};
use percent_encoding::percent_decode_str;

use super::problem::{Faults, Place, Problem, ProblemKind};

/// The parameters of a request, each at most once, and what is wrong with them: what is read of
/// them counts once [`finish`](Self::finish) has found nothing.
pub struct Parameters {
    given: Vec<(String, String)>,
    faults: Faults,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(pair);
        let pairs = pairs.collect::<Result<Vec<_>, _>>().map_err(|_| {
            let text = "the query string is not UTF-8, once its percent signs are decoded";
            Problem::new(ProblemKind::Malformed, text)
        })?;
        Ok(Self::each_once(pairs))
    }
}

/// For paths that take no parameters: whoever sends one expects something of it.
pub struct NoParameters;

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let mut parameters = Parameters::from_request_parts(parts, state).await?;
        parameters.allow(&[]);
        parameters.finish(Some(Self))
    }
}

fn pair(text: &str) -> Result<(String, String), Utf8Error> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Ok((decoded(name)?, decoded(value)?))
}

/// Strict, where the usual decoders put a replacement character in the place of what is wrong.
fn decoded(text: &str) -> Result<String, Utf8Error> {
    let text = text.replace('+', " ");
    Ok(percent_decode_str(&text).decode_utf8()?.into_owned())
}

impl Parameters {
    fn each_once(pairs: Vec<(String, String)>) -> Self {
        let (mut given, mut faults) = (Vec::<(String, String)>::new(), Faults::default());
        let mut twice = Vec::new();
        for (name, value) in pairs {
            if given.iter().all(|(other, _)| *other != name) {
                given.push((name, value));
            } else if !twice.contains(&name) {
                let place = Place::parameter(&*name);
                faults.wrong(ProblemKind::Malformed, place, "is given more than once");
                twice.push(name);
            }
        }
        Self { given, faults }
    }

    /// Refuses parameters that are not in the list, by name: a misspelt filter would otherwise
    /// answer everything.
    pub fn allow(&mut self, known: &[&str]) {
        let allowed = match known {
            [] => "none".to_owned(),
            some => some.join(", "),
        };
        for (name, _) in &self.given {
            if !known.contains(&name.as_str()) {
                let place = Place::parameter(&**name);
                let text = format!("is not known; allowed are {allowed}");
                self.faults
                    .wrong(ProblemKind::UnknownParameter, place, text);
            }
        }
    }

    /// The value of a parameter, read by its type.
    pub fn value<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        self.read(name, T::from_str)
    }

    /// The value of a parameter, read by a function, which is given no characters that no
    /// stored text has.
    pub fn read<T, E: Display>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let (_, text) = self.given.iter().find(|(given, _)| given == name)?;
        if text.chars().any(char::is_control) {
            self.invalid(name, "it contains a control character");
            return None;
        }
        match read(text) {
            Ok(value) => Some(value),
            Err(reason) => {
                let reason = reason.to_string();
                self.invalid(name, reason);
                None
            }
        }
    }

    /// The text of a parameter, if it is no longer than this many characters.
    pub fn text_up_to(&mut self, max: usize, name: &str) -> Option<String> {
        self.read(name, |text| match text.chars().count() {
            chars if chars > max => Err(format!(
                "it has {chars} characters; at most {max} are allowed"
            )),
            _ => Ok(text.to_owned()),
        })
    }

    /// Whether a parameter is given, whatever its value.
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    /// Notes a value that is not allowed, and why.
    pub fn invalid(&mut self, name: &str, reason: impl Display) {
        self.faults.invalid(Place::parameter(name), reason);
    }

    /// Notes what is wrong with a parameter in its relation to others.
    pub fn misplaced(&mut self, name: &str, predicate: impl Display) {
        let place = Place::parameter(name);
        self.faults.wrong(ProblemKind::Malformed, place, predicate);
    }

    /// What was made of them, or all that is wrong with them.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Problem> {
        self.faults.finish(read)
    }
}
