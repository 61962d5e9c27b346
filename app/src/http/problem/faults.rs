//! All that is wrong with a body or a query string, gathered before anything is answered.

use std::{borrow::Cow, fmt::Display};

use super::{FieldError, Place, Problem, ProblemKind};

/// The most faults that are told. A client that makes more of them has enough to begin with.
const MOST: usize = 20;

/// What is wrong with a request, as far as it was read.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
    more: usize,
}

#[derive(Debug)]
struct Fault {
    kind: ProblemKind,
    sentence: String,
    error: FieldError,
}

impl Faults {
    /// Notes a value that is not allowed, and why.
    pub fn invalid(&mut self, place: Place, reason: impl Display) {
        let sentence = format!("{place} is not valid: {reason}");
        let detail = reason.to_string();
        self.note(ProblemKind::InvalidValue, sentence, detail, place);
    }

    /// Notes what is wrong, in words that follow on the name of the place.
    pub fn wrong(&mut self, kind: ProblemKind, place: Place, predicate: impl Display) {
        let sentence = format!("{place} {predicate}");
        let detail = format!("it {predicate}");
        self.note(kind, sentence, detail, place);
    }

    /// What was read, or all that was noted. The answer is of the gravest kind: what can not be
    /// read at all comes before what is not allowed.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Problem> {
        let gravest = self.found.iter().map(|fault| fault.kind);
        let Some(kind) = gravest.min_by_key(|kind| kind.status()) else {
            return read.ok_or_else(|| {
                let text = "the request was not understood, although nothing in it is wrong";
                Problem::new(ProblemKind::Internal, text)
            });
        };
        let sentences: Vec<_> = self.found.iter().map(|fault| &*fault.sentence).collect();
        let mut text = sentences.join("; ");
        if self.more > 0 {
            text = format!("{text}; and {} more", self.more);
        }
        let errors = self.found.into_iter().map(|fault| fault.error).collect();
        Err(Problem::new(kind, text).with_errors(errors))
    }

    fn note(
        &mut self,
        kind: ProblemKind,
        sentence: String,
        detail: impl Into<Cow<'static, str>>,
        place: Place,
    ) {
        if self.found.len() == MOST {
            self.more += 1;
            return;
        }
        let detail = detail.into();
        let error = FieldError { detail, place };
        self.found.push(Fault {
            kind,
            sentence,
            error,
        });
    }
}
