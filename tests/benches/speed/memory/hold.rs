//! Units of work that are kept open, to be weighed.

pub(crate) mod tasks;
pub(crate) mod threads;
