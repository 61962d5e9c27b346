//! Orders of lists.

/// One key of an order. A list of sorts orders by the first, then by the second,
/// and so on; adapters break the last ties by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort<F> {
    /// The field.
    pub field: F,
    /// Which end comes first.
    pub direction: Direction,
}

/// Which end comes first. A field without a value counts as the greatest, on
/// every database: last when ascending, first when descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Greatest first.
    Descending,
}

impl<F> Sort<F> {
    /// Smallest first.
    pub const fn ascending(field: F) -> Self {
        Self {
            field,
            direction: Direction::Ascending,
        }
    }

    /// Greatest first.
    pub const fn descending(field: F) -> Self {
        Self {
            field,
            direction: Direction::Descending,
        }
    }

    /// The same direction on another name for the field.
    pub fn map<G>(self, rename: impl FnOnce(F) -> G) -> Sort<G> {
        Sort {
            field: rename(self.field),
            direction: self.direction,
        }
    }
}
