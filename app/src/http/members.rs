//! The members of a body, one by one.
//!
//! Not a struct of serde's: that stops at the first member that is wrong, and forgets what was
//! given twice.

mod number;

use std::{fmt, fmt::Display, ops::RangeInclusive};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use uuid::Uuid;

use self::number::whole;
use super::problem::{Faults, Place, Problem, ProblemKind};

/// What is read from a body.
pub trait FromMembers: Sized {
    /// Reads every member before it answers, so that all that is wrong is told at once. `None`
    /// when one was missing or wrong: that is noted then.
    fn read(members: &mut Members) -> Option<Self>;
}

/// The members of a JSON object, and what is wrong with them.
#[derive(Debug)]
pub struct Members {
    given: Given,
    known: Vec<&'static str>,
    faults: Faults,
}

impl Members {
    /// Reads a whole body: members that nobody asks for are refused by name.
    pub(super) fn read<T: FromMembers>(given: Given) -> Result<T, Problem> {
        let mut members = Self {
            given,
            known: Vec::new(),
            faults: Faults::default(),
        };
        let read = T::read(&mut members);
        members.refuse_unknown();
        members.faults.finish(read)
    }

    /// A text, made into what it stands for.
    pub fn text<T, E: Display>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.required(name, |value| match kind_of(value) {
            "a text" => {
                let text: String = serde_json::from_str(value.get())
                    .map_err(|_| "it has an escape that stands for no character".to_owned())?;
                make(&text).map_err(|error| error.to_string())
            }
            other => Err(format!("it must be a text, not {other}")),
        })
    }

    /// A whole number in this range.
    pub fn whole_number(&mut self, name: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        self.required(name, |value| {
            let number = whole(value.get()).filter(|number| range.contains(number));
            number.ok_or_else(|| {
                let (from, to) = (range.start(), range.end());
                let given = match kind_of(value) {
                    "a number" => value.get(),
                    other => other,
                };
                format!("it must be a whole number from {from} to {to}, not {given}")
            })
        })
    }

    /// A UUID.
    pub fn uuid(&mut self, name: &'static str) -> Option<Uuid> {
        self.text(name, |text| {
            Uuid::parse_str(text).map_err(|error| format!("it must be a UUID: {error}"))
        })
    }

    /// Notes what is wrong with a member in its relation to others.
    pub fn invalid(&mut self, name: &'static str, reason: impl Display) {
        self.faults.invalid(Place::member(name), reason);
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&RawValue) -> Result<T, String>,
    ) -> Option<T> {
        self.known.push(name);
        let mut values = self.given.iter().filter(|(given, _)| given == name);
        let invalid = ProblemKind::InvalidValue;
        let place = Place::member(name);
        match (values.next(), values.next()) {
            (None, _) => {
                self.faults.wrong(invalid, place, "is missing");
                None
            }
            (Some(_), Some(_)) => {
                self.faults.wrong(invalid, place, "is given more than once");
                None
            }
            (Some((_, value)), None) => match make(value) {
                Ok(value) => Some(value),
                Err(reason) => {
                    self.faults.invalid(place, reason);
                    None
                }
            },
        }
    }

    fn refuse_unknown(&mut self) {
        let known = self.known.join(", ");
        for (name, _) in &self.given {
            if !self.known.contains(&name.as_str()) {
                let text = format!("is not known; allowed are {known}");
                self.faults
                    .wrong(ProblemKind::InvalidValue, Place::member(name), text);
            }
        }
    }
}

fn kind_of(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'n') => "null",
        Some(b't' | b'f') => "a boolean",
        Some(b'"') => "a text",
        Some(b'[') => "an array",
        Some(b'{') => "an object",
        _ => "a number",
    }
}

/// The members of an object in their order, those that are given twice included. Their values
/// are read when it is known what they have to be: a number that no type holds is well-formed.
pub(super) type Given = Vec<(String, Box<RawValue>)>;

/// A JSON document, as far as it matters here.
pub(super) enum Document {
    Object(Given),
    Other,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Document::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Document, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Document::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Document, E> {
        Ok(Document::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Document, E> {
        Ok(Document::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Document, E> {
        Ok(Document::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Document, E> {
        Ok(Document::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Document, E> {
        Ok(Document::Other)
    }

    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::Other)
    }
}

#[cfg(test)]
mod tests;
