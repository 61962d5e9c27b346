//! The query string, parameter by parameter.
//!
//! Not a struct of serde's: that answers "invalid" to everything, where an unknown parameter
//! and a wrong value are two different failures.

use std::{
    fmt::Display,
    str::{FromStr, Utf8Error},
};

use axum::{extract::FromRequestParts, http::request::Parts};
use percent_encoding::percent_decode_str;

use super::problem::{Problem, ProblemKind};

/// The parameters of a request, each at most once.
pub struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(pair);
        let pairs = pairs.collect::<Result<Vec<_>, _>>().map_err(|_| {
            let text = "the query string is not UTF-8, once its percent signs are decoded";
            Problem::new(ProblemKind::Malformed, text)
        })?;
        Self::each_once(pairs)
    }
}

/// For paths that take no parameters: whoever sends one expects something of it.
pub struct NoParameters;

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = Parameters::from_request_parts(parts, state).await?;
        parameters.allow(&[]).map(|()| Self)
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
    fn each_once(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let mut names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(*one),
            _ => None,
        });
        match twice {
            Some(name) => Err(Problem::new(
                ProblemKind::Malformed,
                format!("the parameter {name:?} is given more than once"),
            )),
            None => Ok(Self(pairs)),
        }
    }

    /// Refuses parameters that are not in the list, by name: a misspelt filter would otherwise
    /// answer everything.
    pub fn allow(&self, known: &[&str]) -> Result<(), Problem> {
        let unknown = self
            .0
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()));
        let Some((name, _)) = unknown else {
            return Ok(());
        };
        let known = match known {
            [] => "none".to_owned(),
            some => some.join(", "),
        };
        Err(Problem::new(
            ProblemKind::UnknownParameter,
            format!("the parameter {name:?} is not known; allowed are {known}"),
        ))
    }

    /// The text of a parameter, without characters that no stored text has.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        let found = self.0.iter().find(|(given, _)| given == name);
        let text = found.map(|(_, value)| value.as_str());
        if text.is_some_and(|text| text.chars().any(char::is_control)) {
            return Err(invalid(name, "it contains a control character"));
        }
        Ok(text)
    }

    /// The same, if it is no longer than this many characters.
    pub fn text_up_to(&self, max: usize, name: &str) -> Result<Option<&str>, Problem> {
        let text = self.text(name)?;
        match text.map_or(0, |text| text.chars().count()) {
            chars if chars > max => Err(invalid(
                name,
                format!("it has {chars} characters; at most {max} are allowed"),
            )),
            _ => Ok(text),
        }
    }

    /// The value of a parameter, read by its type.
    pub fn value<T>(&self, name: &str) -> Result<Option<T>, Problem>
    where
        T: FromStr<Err: Display>,
    {
        self.read(name, T::from_str)
    }

    /// The value of a parameter, read by a function.
    pub fn read<T, E: Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let text = self.text(name)?;
        let value = text.map(|text| read(text).map_err(|error| invalid(name, error)));
        value.transpose()
    }
}

fn invalid(name: &str, reason: impl Display) -> Problem {
    Problem::new(
        ProblemKind::InvalidValue,
        format!("the parameter {name:?} is not valid: {reason}"),
    )
}
