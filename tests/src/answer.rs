//! What the service has answered.

use http::{HeaderMap, Response, header};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, if it is JSON; else null.
    pub body: Value,
}

/// What no client may ever see.
const OURS_ALONE: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "sqlx", "postgres", "sqlite"];

impl Answer {
    /// Reads an answer, and checks what holds for all of them: an id, and of a failure that it is
    /// a problem, complete, and without a word about the database. `path` is that of the request;
    /// there is none when no body is to be expected.
    pub(crate) fn read(response: &Response<()>, bytes: &[u8], path: Option<&str>) -> Self {
        let answer = Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: serde_json::from_slice(bytes).unwrap_or(Value::Null),
        };
        assert!(answer.headers.contains_key("x-request-id"), "{answer:?}");
        match path {
            None => assert!(bytes.is_empty(), "{answer:?}"),
            Some(path) if answer.status >= 400 => {
                answer.check_problem(&String::from_utf8_lossy(bytes), path);
            }
            Some(_) => {}
        }
        answer
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_else(|| panic!("no header {name}: {self:?}"))
    }

    /// A member of the body that is a text.
    pub fn text(&self, member: &str) -> &str {
        let text = self.body.get(member).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text {member}: {self:?}"))
    }

    /// A member of the body that is a number.
    pub fn number(&self, member: &str) -> i64 {
        let number = self.body.get(member).and_then(Value::as_i64);
        number.unwrap_or_else(|| panic!("no number {member}: {self:?}"))
    }

    /// A member of each item of a list.
    pub fn of_items(&self, member: &str) -> Vec<&Value> {
        let items = self.body.get("items").and_then(Value::as_array);
        let items = items.unwrap_or_else(|| panic!("no items: {self:?}"));
        items.iter().filter_map(|item| item.get(member)).collect()
    }

    /// Which failure it is: the status, and the last part of the `type`.
    pub fn problem(&self) -> (u16, &str) {
        let slug = self.text("type").strip_prefix("/problems/");
        (self.status, slug.expect("a type of ours"))
    }

    /// The parts of the request that are to blame for a problem.
    pub fn places(&self) -> Vec<String> {
        let errors = self.body.get("errors").and_then(Value::as_array);
        let errors = errors.unwrap_or_else(|| panic!("no errors: {self:?}"));
        let value = |error: &'_ Value| {
            let error = error.as_object()?;
            assert!(!error.get("detail")?.as_str()?.is_empty(), "{error:?}");
            let mut places = ["pointer", "parameter", "header"].into_iter();
            places.find_map(|kind| error.get(kind)?.as_str().map(str::to_owned))
        };
        let places = errors.iter().map(value);
        let places = places.map(|place| place.unwrap_or_else(|| panic!("no place: {self:?}")));
        places.collect()
    }

    fn check_problem(&self, text: &str, path: &str) {
        assert_eq!(
            self.header(header::CONTENT_TYPE.as_str()),
            "application/problem+json"
        );
        assert_eq!(self.number("status"), i64::from(self.status));
        assert!(!self.text("title").is_empty() && !self.text("detail").is_empty());
        assert!(self.text("type").starts_with("/problems/"));
        assert_eq!(self.text("request_id"), self.header("x-request-id"));
        assert_eq!(self.text("instance"), path);
        for word in OURS_ALONE {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}
