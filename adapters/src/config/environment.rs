//! Where the settings of a process come from.

use std::{collections::HashMap, ffi::OsString, fmt};

use ports::DatabaseError;

use super::{Survey, Variables};

/// Who has set a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The environment of the process.
    Environment,
    /// The file `.env`.
    File,
}

/// All variables of a process: those of the environment, over those of a `.env` file in the
/// working directory or above it. `Debug` shows none of them: there are passwords among them.
#[derive(Clone, Default)]
pub struct Environment {
    file: HashMap<String, String>,
    process: Vec<(String, OsString)>,
    survey: Option<Survey>,
}

impl Environment {
    /// The variables of this process.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] when `.env` is not well-formed.
    pub fn of_process() -> Result<Self, DatabaseError> {
        let file = match dotenvy::dotenv_iter() {
            Ok(lines) => of_file(lines)?,
            Err(error) if error.not_found() => HashMap::new(),
            Err(error) => return Err(unreadable(&error, "its beginning")),
        };
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect();
        Ok(Self {
            file,
            process,
            survey: None,
        })
    }

    /// These variables and no others, as if the environment had them.
    pub fn of<K: Into<String>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter().map(|(k, v)| (k.into(), v.into()));
        Self {
            process: variables.collect(),
            ..Self::default()
        }
    }

    /// From now on, whatever is read is noted in the survey, and what is wrong is noted instead
    /// of ending the reading.
    #[must_use]
    pub fn surveyed(mut self, survey: &Survey) -> Self {
        self.survey = Some(survey.clone());
        self
    }

    /// The variables with this prefix.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`] when one of them is not Unicode.
    pub fn variables(&self, prefix: &'static str) -> Result<Variables, DatabaseError> {
        let mut process = HashMap::new();
        for (name, value) in &self.process {
            if !name.starts_with(prefix) {
                continue;
            }
            let value = value.to_str().ok_or_else(|| {
                DatabaseError::configuration(format!("{name} is not valid Unicode"))
            })?;
            process.insert(name.clone(), value.to_owned());
        }
        let layers = [
            (Source::File, self.file.clone()),
            (Source::Environment, process),
        ];
        Variables::layered(prefix, layers, self.survey.clone())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
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
