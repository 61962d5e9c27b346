//! Filters, sorts and pages, over records in memory.

mod condition;
mod cursor;

use std::{cmp::Ordering, fmt::Debug};

use ports::{DatabaseError, Direction, Filter, Page, PageRequest, Sort, Value};
use uuid::Uuid;

pub use cursor::Cursors;
use cursor::Position;

/// Something that lists hold, field by field.
pub trait Record<F> {
    /// The identity, which breaks ties.
    fn id(&self) -> Uuid;

    /// The value of a field. Every field has one.
    fn value(&self, field: F) -> Value;
}

/// What is asked of a list. `sort` is never empty: the caller puts its default there.
pub struct Query<'a, F> {
    /// The list's name: a cursor of one list is refused by another.
    pub list: &'static str,
    /// All of them must hold.
    pub filters: &'a [Filter<F>],
    /// The order; ties are broken by id, in the direction of the last key.
    pub sort: &'a [Sort<F>],
    /// Which part.
    pub page: &'a PageRequest,
}

/// How many records there are for which all filters hold.
///
/// # Errors
///
/// [`DatabaseError::InvalidQuery`] when a value does not fit its field.
pub fn count<'r, R: Record<F> + 'r, F: Copy>(
    records: impl Iterator<Item = &'r R>,
    filters: &[Filter<F>],
) -> Result<u64, DatabaseError> {
    Ok(u64::try_from(matching(records, filters)?.len()).unwrap_or(u64::MAX))
}

/// The records that are asked for.
///
/// # Errors
///
/// [`DatabaseError::InvalidQuery`] when a value does not fit its field, and for a cursor that
/// was not handed out for this list in this order.
pub fn list<'r, R: Record<F> + Clone + 'r, F: Copy + Debug>(
    records: impl Iterator<Item = &'r R>,
    query: &Query<'_, F>,
    cursors: &Cursors,
) -> Result<Page<R>, DatabaseError> {
    let mut found = matching(records, query.filters)?;
    found.sort_by(|a, b| order(&position(*a, query.sort), &position(*b, query.sort), query));
    let total = found.len();
    if let Some(cursor) = query.page.cursor() {
        let place = cursors.find(cursor, &label(query))?;
        found.retain(|record| order(&position(*record, query.sort), &place, query).is_gt());
    }
    let offset = query.page.offset();
    let skipped = usize::try_from(offset.unwrap_or(0)).unwrap_or(usize::MAX);
    let size = usize::try_from(query.page.size()).unwrap_or(usize::MAX);
    let rest = found.len().saturating_sub(skipped);
    let items: Vec<R> = found
        .into_iter()
        .skip(skipped)
        .take(size)
        .cloned()
        .collect();
    let by_number = offset.is_some();
    let next = match items.last() {
        Some(last) if rest > size && !by_number => {
            Some(cursors.hand_out(label(query), position(last, query.sort)))
        }
        _ => None,
    };
    let total = by_number.then(|| u64::try_from(total).unwrap_or(u64::MAX));
    Ok(Page { items, total, next })
}

fn matching<'r, R: Record<F> + 'r, F: Copy>(
    records: impl Iterator<Item = &'r R>,
    filters: &[Filter<F>],
) -> Result<Vec<&'r R>, DatabaseError> {
    let mut found = Vec::new();
    for record in records {
        let mut all = true;
        for filter in filters {
            all &= condition::holds(&record.value(filter.field), &filter.condition)?;
        }
        if all {
            found.push(record);
        }
    }
    Ok(found)
}

fn position<R: Record<F>, F: Copy>(record: &R, sort: &[Sort<F>]) -> Position {
    Position {
        values: sort.iter().map(|key| record.value(key.field)).collect(),
        id: record.id(),
    }
}

fn order<F>(a: &Position, b: &Position, query: &Query<'_, F>) -> Ordering {
    let keys = query.sort.iter().zip(a.values.iter().zip(&b.values));
    keys.map(|(key, (a, b))| {
        let ascending = condition::compare(a, b).unwrap_or(Ordering::Equal);
        match key.direction {
            Direction::Ascending => ascending,
            Direction::Descending => ascending.reverse(),
        }
    })
    .find(|order| order.is_ne())
    .unwrap_or_else(|| match query.sort.last().map(|key| key.direction) {
        Some(Direction::Descending) => b.id.cmp(&a.id),
        _ => a.id.cmp(&b.id),
    })
}

fn label<F: Debug>(query: &Query<'_, F>) -> String {
    format!("{}: {:?}", query.list, query.sort)
}
