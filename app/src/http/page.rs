//! Pages and orders in query strings, and lists in answers.

use std::{convert::Infallible, ops::RangeInclusive};

use ports::{
    Cursor, DatabaseError, Page, PageRequest, Sort,
    query::{MAX_DEPTH, MAX_PAGE_SIZE},
};
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat,
        path::{Parameter, ParameterIn, ParameterStyle},
        schema::Type,
    },
};

use super::{
    openapi::{named::line, query},
    parameters::Parameters,
    problem::{Place, Problem, ProblemKind},
};

/// The parameters that every list takes.
pub const BY_KEY: [&str; 2] = ["limit", "cursor"];
/// The parameters of lists that can be read by page numbers, too.
pub const BY_NUMBER: [&str; 2] = ["page", "page_size"];

const DEFAULT_SIZE: u64 = 20;
const FIRST_PAGE: u64 = 1;

/// What documents the parameters of a page by key.
pub(super) fn keyed_parameters() -> [Parameter; 2] {
    let [limit, cursor] = BY_KEY;
    [
        query(
            limit,
            "The most items of a page.",
            whole(1..=MAX_PAGE_SIZE, DEFAULT_SIZE),
        ),
        query(
            cursor,
            "Where the page begins: the `next_cursor` of the page before, with the same filters \
             and the same order.",
            line(),
        ),
    ]
}

/// The same, for lists that take no others.
pub(super) struct KeyedQuery;

impl IntoParams for KeyedQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        keyed_parameters().into()
    }
}

/// What documents the parameters of a page by number.
pub(super) fn numbered_parameters() -> [Parameter; 2] {
    let [page, page_size] = BY_NUMBER;
    [
        query(
            page,
            "Which page, from 1. Not together with `limit` or `cursor`; page times page_size is \
             at most 10000.",
            whole(1..=MAX_DEPTH, FIRST_PAGE),
        ),
        query(
            page_size,
            "The most items of a page.",
            whole(1..=MAX_PAGE_SIZE, DEFAULT_SIZE),
        ),
    ]
}

/// What documents an order by these fields.
pub(super) fn sort_parameter<F>(fields: &[(&str, F)]) -> Parameter {
    let names = fields
        .iter()
        .flat_map(|(name, _)| [(*name).to_owned(), format!("-{name}")]);
    let name = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names));
    let names = ArrayBuilder::new()
        .items(name)
        .min_items(Some(1))
        .unique_items(true);
    let text = "Fields in the order that they count in, each at most once, with a - in front \
                where the greatest comes first.";
    let mut parameter = query("sort", text, names);
    parameter.style = Some(ParameterStyle::Form);
    parameter.explode = Some(false);
    parameter
}

fn whole(range: RangeInclusive<u64>, default: u64) -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    number
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(*range.start()))
        .maximum(Some(*range.end()))
        .default(Some(default.into()))
}

/// The page that is asked for: by key, unless `page` or `page_size` is given.
pub fn request(parameters: &mut Parameters) -> Option<PageRequest> {
    if BY_NUMBER.iter().any(|name| parameters.has(name)) {
        by_number(parameters)
    } else {
        by_key(parameters)
    }
}

/// A page by key.
pub fn by_key(parameters: &mut Parameters) -> Option<PageRequest> {
    let [limit, cursor] = BY_KEY;
    let size = ranged(parameters, limit, DEFAULT_SIZE, 1..=MAX_PAGE_SIZE);
    let after = parameters.read(cursor, |text| Ok::<_, Infallible>(Cursor::new(text)));
    let request = match after {
        Some(cursor) => PageRequest::after(cursor, size?),
        None => PageRequest::first(size?),
    };
    noted(request, parameters, limit)
}

fn by_number(parameters: &mut Parameters) -> Option<PageRequest> {
    for name in BY_KEY {
        if parameters.has(name) {
            let text = "is not for a list that is read by page and page_size";
            parameters.misplaced(name, text);
        }
    }
    let [page, page_size] = BY_NUMBER;
    let number = ranged(parameters, page, FIRST_PAGE, 1..=MAX_DEPTH);
    let size = ranged(parameters, page_size, DEFAULT_SIZE, 1..=MAX_PAGE_SIZE);
    noted(PageRequest::number(number?, size?), parameters, page)
}

/// A number, if it is in this range; else that is noted.
fn ranged(
    parameters: &mut Parameters,
    name: &str,
    default: u64,
    range: RangeInclusive<u64>,
) -> Option<u64> {
    if !parameters.has(name) {
        return Some(default);
    }
    parameters.read(name, |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        let (from, to) = (range.start(), range.end());
        number.ok_or_else(|| format!("it must be a whole number from {from} to {to}"))
    })
}

fn noted(
    request: Result<PageRequest, DatabaseError>,
    parameters: &mut Parameters,
    name: &str,
) -> Option<PageRequest> {
    request
        .map_err(|error| parameters.invalid(name, error))
        .ok()
}

/// What is wrong with a query of which every value was read: its cursor, which is only known to
/// whoever made it.
pub fn refused(request: &PageRequest, error: impl Into<Problem>) -> Problem {
    let [_, cursor] = BY_KEY;
    let problem = error.into();
    if problem.kind() == ProblemKind::InvalidValue && request.cursor().is_some() {
        return problem.at(Place::parameter(cursor));
    }
    problem
}

/// The order that is asked for: names from `fields`, with commas between them, each with a `-`
/// in front where the greatest comes first.
pub fn sort<F: Copy + PartialEq>(
    parameters: &mut Parameters,
    fields: &[(&str, F)],
) -> Vec<Sort<F>> {
    let sort = parameters.read("sort", |text| {
        let keys = text.split(',').map(|key| sort_key(key, fields));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let twice =
            |key: &Sort<F>| keys.iter().filter(|other| other.field == key.field).count() > 1;
        if keys.iter().any(twice) {
            return Err("it names a field twice".to_owned());
        }
        Ok(keys)
    });
    sort.unwrap_or_default()
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum List<T> {
    /// When `page` or `page_size` was given.
    ByNumber(NumberedPage<T>),
    /// When neither was.
    ByKey(KeyedPage<T>),
}

/// A page by number.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberedPage<T> {
    /// What is on it.
    #[schema(max_items = 100)]
    items: Vec<T>,
    /// Which one it is, from 1.
    #[schema(minimum = 1)]
    page: u64,
    /// The most items that are on one.
    #[schema(minimum = 1, maximum = 100)]
    page_size: u64,
    /// How many items there are in all.
    total: u64,
}

/// A page by key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyedPage<T> {
    /// What is on it.
    #[schema(max_items = 100)]
    items: Vec<T>,
    /// Where the next one begins; null when this is the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl<T> List<T> {
    /// The answer to this request, with what is made from each item.
    pub fn new<R>(request: &PageRequest, page: Page<R>, make: impl FnMut(R) -> T) -> Self {
        let Page { items, total, next } = page.map(make);
        match request.offset() {
            Some(offset) => Self::ByNumber(NumberedPage {
                items,
                page: offset / request.size() + 1,
                page_size: request.size(),
                total: total.unwrap_or_default(),
            }),
            None => Self::ByKey(KeyedPage {
                items,
                next_cursor: next.map(|cursor| cursor.to_string()),
            }),
        }
    }
}
