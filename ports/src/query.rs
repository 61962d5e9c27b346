//! Queries that ports can speak: filters, sorts and pages over the fields that an
//! aggregate names in an enum. What is not in the enum can not be asked for.

mod cursor;
mod filter;
mod page;
mod sort;
mod value;

pub use cursor::Cursor;
pub use filter::{Condition, Filter};
pub use page::{MAX_DEPTH, MAX_PAGE_SIZE, Page, PageRequest};
pub use sort::{Direction, Sort};
pub use value::Value;
