//! What was found, and how it is shown.

use std::fmt;

use clap::ValueEnum as _;
use serde::Serialize;

use super::Name;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All is well.
    Ok,
    /// The service would run, though perhaps not as it is meant to.
    Warn,
    /// The service would not run, or not be ready.
    Fail,
    /// It can not be looked at here, for the reason that is given.
    Skip,
}

/// Something that was looked at.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub name: Name,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(name: Name, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, text, None)
    }

    pub(super) fn skip(name: Name, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Skip, text, None)
    }

    pub(super) fn warn(name: Name, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warn, text, Some(advice.into()))
    }

    pub(super) fn fail(name: Name, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(name, Verdict::Fail, text, Some(advice.into()))
    }

    fn new(name: Name, verdict: Verdict, text: impl Into<String>, advice: Option<String>) -> Self {
        let text = text.into();
        Self {
            name,
            verdict,
            text,
            advice,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Skip => "skip",
        };
        let name = self.name.to_possible_value();
        let name = name.as_ref().map_or("", |name| name.get_name());
        write!(f, "{verdict:4}  {name:8}  {}", self.text)?;
        match &self.advice {
            Some(advice) => write!(f, "\n{:16}-> {advice}", ""),
            None => Ok(()),
        }
    }
}

/// All of it, for people or as JSON.
pub(super) fn shown(found: &[Finding], json: bool) -> String {
    if json {
        // Texts are always JSON.
        return serde_json::to_string_pretty(found).unwrap_or_default();
    }
    let lines = found.iter().map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}
