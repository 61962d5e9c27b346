//! Entity tags: the version of what is answered, in quotes; and the conditions that clients make
//! of them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::problem::{Place, Problem, ProblemKind};

/// The tag of a version.
pub fn of_number(version: i64) -> HeaderValue {
    // Digits and quotes are always a header's value.
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// What a client has, by its `If-Match` or `If-None-Match`.
#[derive(Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any that there is.
    Any,
    /// One of these.
    Listed(Vec<Tag>),
}

/// A tag as a client has sent it.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag {
    is_weak: bool,
    /// With its quotes.
    opaque: Vec<u8>,
}

impl Tags {
    /// The tags in these headers, if there are any: several headers of one name are one list.
    pub fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let lines: Vec<_> = headers.get_all(name).iter().collect();
        if lines.is_empty() {
            return Ok(None);
        }
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        let read = read(&lines.join(&b","[..]));
        read.map(Some).ok_or_else(|| malformed(name))
    }

    /// Whether `tag` is among them, by the weak comparison: that of reads.
    pub fn has(&self, tag: &HeaderValue) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|given| given.opaque == tag.as_bytes()),
        }
    }

    /// The versions that are among them, by the strong comparison: that of changes. `None` is
    /// any; a tag that is weak, or that is none of ours, is no version.
    pub fn versions(&self) -> Option<Vec<i64>> {
        let Self::Listed(tags) = self else {
            return None;
        };
        let strong = tags.iter().filter(|tag| !tag.is_weak);
        Some(strong.filter_map(Tag::number).collect())
    }
}

impl Tag {
    fn number(&self) -> Option<i64> {
        let digits = self.opaque.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        // `"01"` and `"+1"` are other tags than `"1"`.
        (of_number(number).as_bytes() == self.opaque).then_some(number)
    }
}

/// Whether the client has what bears this tag, by its `If-None-Match`.
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> Result<bool, Problem> {
    let known = Tags::of(headers, &header::IF_NONE_MATCH)?;
    Ok(known.is_some_and(|known| known.has(tag)))
}

/// RFC 9110, 8.8.3 and 13.1: `*`, or a list in which empty elements mean nothing.
fn read(mut text: &[u8]) -> Option<Tags> {
    if text.trim_ascii() == b"*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    loop {
        text = text.trim_ascii_start();
        match text.split_first() {
            None => break,
            Some((b',', rest)) => text = rest,
            Some(_) => {
                let (tag, rest) = tag(text)?;
                tags.push(tag);
                text = rest.trim_ascii_start();
                if !(text.is_empty() || text.starts_with(b",")) {
                    return None;
                }
            }
        }
    }
    (!tags.is_empty()).then_some(Tags::Listed(tags))
}

/// The tag that the text begins with, and the rest. A comma between its quotes is a part of it.
fn tag(text: &[u8]) -> Option<(Tag, &[u8])> {
    let (is_weak, text) = match text.strip_prefix(b"W/") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let inside = text.strip_prefix(b"\"")?;
    let length = inside.iter().position(|byte| *byte == b'"')?;
    let (opaque, rest) = text.split_at_checked(length + 2)?;
    // Visible ASCII, or whatever is beyond ASCII; control characters are in no header.
    let is_fit = !opaque.iter().any(|byte| matches!(byte, b' ' | b'\t'));
    let opaque = opaque.to_vec();
    is_fit.then_some((Tag { is_weak, opaque }, rest))
}

fn malformed(name: &HeaderName) -> Problem {
    let name = if *name == header::IF_MATCH {
        "If-Match"
    } else {
        "If-None-Match"
    };
    let text = format!(
        "{name} can not be read: it must be *, or entity tags with commas between them, such as \
         \"1\", \"2\""
    );
    Problem::new(ProblemKind::Malformed, text).at(Place::header(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_the_standard_has_them() {
        for (text, versions, weakly) in [
            ("*", None, true),
            (" * ", None, true),
            ("\"1\"", Some(vec![1]), true),
            ("\"0\",\"1\"", Some(vec![0, 1]), true),
            (" , \"2\" ,, \"1\" ,", Some(vec![2, 1]), true),
            ("W/\"1\"", Some(vec![]), true),
            ("W/\"1\", \"2\"", Some(vec![2]), true),
            ("\"a,b\", \"7\"", Some(vec![7]), false),
            ("\",\"1\",\"", None, false),
            ("\"01\", \"+1\", \" 1\"", None, false),
            ("\"01\", \"+1\", \"\", \"x\"", Some(vec![]), false),
            ("\"99999999999999999999\"", Some(vec![]), false),
        ] {
            let tags = read(text.as_bytes());
            let is_read = tags.is_some();
            assert_eq!(tags.as_ref().and_then(Tags::versions), versions, "{text:?}");
            let has = tags.is_some_and(|tags| tags.has(&of_number(1)));
            assert_eq!(has, weakly, "{text:?}");
            assert_eq!(is_read, versions.is_some() || weakly, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for text in [
            "",
            " ",
            ",",
            "1",
            "\"1",
            "1\"",
            "\"1\" \"2\"",
            "\"1\"2",
            "w/\"1\"",
            "W/1",
            "*, \"1\"",
            "\"1\", *",
            "**",
            "W/ \"1\"",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text:?}");
        }
    }
}
