//! Parts of lists.

use crate::{Cursor, DatabaseError};

/// The most items of one page.
pub const MAX_PAGE_SIZE: u64 = 100;

/// The last item that a page by number reaches: the database reads and throws away
/// all that come before it. Pages by key have no such end.
pub const MAX_DEPTH: u64 = 10_000;

/// Which part of a list is asked for. Can not be out of range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Number { page: u64, size: u64 },
    Key { limit: u64, after: Option<Cursor> },
}

impl PageRequest {
    /// Page number `page`, from 1, of pages of `page_size`; the answer has the total.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::InvalidQuery`] unless `page >= 1`, `1 <= page_size <= 100`
    /// and `page * page_size <= 10,000`.
    pub fn number(page: u64, page_size: u64) -> Result<Self, DatabaseError> {
        if page < 1 {
            return Err(refuse(format!("page is {page}; pages count from 1")));
        }
        check_size("page_size", page_size)?;
        if page
            .checked_mul(page_size)
            .is_none_or(|end| end > MAX_DEPTH)
        {
            return Err(refuse(format!(
                "page {page} of {page_size} items is too deep; page times page_size is at \
                 most {MAX_DEPTH}: go on by cursor instead"
            )));
        }
        Ok(Self(Kind::Number {
            page,
            size: page_size,
        }))
    }

    /// The first `limit` items; the answer has a cursor to go on from.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::InvalidQuery`] unless `1 <= limit <= 100`.
    pub fn first(limit: u64) -> Result<Self, DatabaseError> {
        check_size("limit", limit)?;
        Ok(Self(Kind::Key { limit, after: None }))
    }

    /// The next `limit` items after a cursor.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::InvalidQuery`] unless `1 <= limit <= 100`.
    pub fn after(cursor: Cursor, limit: u64) -> Result<Self, DatabaseError> {
        check_size("limit", limit)?;
        Ok(Self(Kind::Key {
            limit,
            after: Some(cursor),
        }))
    }

    /// The most items that the answer holds.
    pub const fn size(&self) -> u64 {
        match self.0 {
            Kind::Number { size, .. } => size,
            Kind::Key { limit, .. } => limit,
        }
    }

    /// How many items to pass over, if this is a page by number.
    pub const fn offset(&self) -> Option<u64> {
        match self.0 {
            Kind::Number { page, size } => Some((page - 1) * size),
            Kind::Key { .. } => None,
        }
    }

    /// Where to go on, if this is a page by key and not the first.
    pub const fn cursor(&self) -> Option<&Cursor> {
        match &self.0 {
            Kind::Number { .. } => None,
            Kind::Key { after, .. } => after.as_ref(),
        }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order that was asked for.
    pub items: Vec<T>,
    /// Of a page by number: how many items there are in all.
    pub total: Option<u64>,
    /// Of a page by key: where the next page begins; `None` when this is the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The same page of something made from each item.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(make).collect(),
            total: self.total,
            next: self.next,
        }
    }

    /// As [`map`](Self::map), with something that can fail.
    pub fn try_map<U, E>(self, make: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        Ok(Page {
            items: self.items.into_iter().map(make).collect::<Result<_, _>>()?,
            total: self.total,
            next: self.next,
        })
    }
}

fn check_size(name: &str, size: u64) -> Result<(), DatabaseError> {
    if (1..=MAX_PAGE_SIZE).contains(&size) {
        Ok(())
    } else {
        Err(refuse(format!(
            "{name} is {size}; allowed are 1 to {MAX_PAGE_SIZE}"
        )))
    }
}

fn refuse(text: String) -> DatabaseError {
    DatabaseError::invalid_query(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_by_number_knows_what_to_pass_over() -> Result<(), DatabaseError> {
        let page = PageRequest::number(3, 20)?;
        assert_eq!((page.offset(), page.size()), (Some(40), 20));
        Ok(())
    }

    #[test]
    fn pages_out_of_range_are_refused() {
        for (page, size) in [(0, 20), (1, 0), (1, 101), (101, 100), (u64::MAX, 100)] {
            let refused = PageRequest::number(page, size);
            assert!(
                matches!(refused, Err(DatabaseError::InvalidQuery(_))),
                "page {page} of {size}"
            );
        }
        assert!(PageRequest::number(100, 100).is_ok());
    }

    #[test]
    fn limits_out_of_range_are_refused() {
        assert!(PageRequest::first(0).is_err());
        assert!(PageRequest::after(Cursor::new("x"), 101).is_err());
        assert!(PageRequest::first(100).is_ok());
    }
}
