//! Pages and orders in query strings, and lists in answers.

use ports::{Cursor, Page, PageRequest, Sort};
use serde::Serialize;

use super::{
    parameters::Parameters,
    problem::{Problem, ProblemKind},
};

/// The parameters that every list takes.
pub const BY_KEY: [&str; 2] = ["limit", "cursor"];
/// The parameters of lists that can be read by page numbers, too.
pub const BY_NUMBER: [&str; 2] = ["page", "page_size"];

const DEFAULT_SIZE: u64 = 20;

/// The page that is asked for: by key, unless `page` or `page_size` is given.
pub fn request(parameters: &Parameters) -> Result<PageRequest, Problem> {
    let [limit, cursor] = BY_KEY;
    let [page, page_size] = BY_NUMBER;
    let limit: Option<u64> = parameters.value(limit)?;
    let cursor = parameters.text(cursor)?;
    let page: Option<u64> = parameters.value(page)?;
    let page_size: Option<u64> = parameters.value(page_size)?;
    if page.is_none() && page_size.is_none() {
        let limit = limit.unwrap_or(DEFAULT_SIZE);
        return Ok(match cursor {
            Some(cursor) => PageRequest::after(Cursor::new(cursor), limit)?,
            None => PageRequest::first(limit)?,
        });
    }
    if limit.is_some() || cursor.is_some() {
        return Err(Problem::new(
            ProblemKind::Malformed,
            "a list is read either by limit and cursor, or by page and page_size, not by both",
        ));
    }
    let size = page_size.unwrap_or(DEFAULT_SIZE);
    Ok(PageRequest::number(page.unwrap_or(1), size)?)
}

/// The order that is asked for: names from `fields`, with commas between them, each with a `-`
/// in front where the greatest comes first.
pub fn sort<F: Copy + PartialEq>(
    parameters: &Parameters,
    fields: &[(&str, F)],
) -> Result<Vec<Sort<F>>, Problem> {
    let sort = parameters.read("sort", |text| {
        let keys = text.split(',').map(|key| sort_key(key, fields));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let twice =
            |key: &Sort<F>| keys.iter().filter(|other| other.field == key.field).count() > 1;
        if keys.iter().any(twice) {
            return Err("it names a field twice".to_owned());
        }
        Ok(keys)
    })?;
    Ok(sort.unwrap_or_default())
}

fn sort_key<F: Copy>(key: &str, fields: &[(&str, F)]) -> Result<Sort<F>, String> {
    let (name, make): (_, fn(F) -> Sort<F>) = match key.strip_prefix('-') {
        Some(name) => (name, Sort::descending),
        None => (key, Sort::ascending),
    };
    let found = fields.iter().find(|(known, _)| *known == name);
    found.map(|(_, field)| make(*field)).ok_or_else(|| {
        let known: Vec<_> = fields.iter().map(|(known, _)| *known).collect();
        format!(
            "{name:?} is no field to sort by; allowed are {}, each with a - in front for \
             descending",
            known.join(", ")
        )
    })
}

/// A list in an answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum List<T> {
    /// A page by number.
    ByNumber {
        /// What is on it.
        items: Vec<T>,
        /// Which one it is, from 1.
        page: u64,
        /// The most items that are on one.
        page_size: u64,
        /// How many items there are in all.
        total: u64,
    },
    /// A page by key.
    ByKey {
        /// What is on it.
        items: Vec<T>,
        /// Where the next one begins; null when this is the last.
        next_cursor: Option<String>,
    },
}

impl<T> List<T> {
    /// The answer to this request, with what is made from each item.
    pub fn new<R>(request: &PageRequest, page: Page<R>, make: impl FnMut(R) -> T) -> Self {
        let Page { items, total, next } = page.map(make);
        match request.offset() {
            Some(offset) => Self::ByNumber {
                items,
                page: offset / request.size() + 1,
                page_size: request.size(),
                total: total.unwrap_or_default(),
            },
            None => Self::ByKey {
                items,
                next_cursor: next.map(|cursor| cursor.to_string()),
            },
        }
    }
}
