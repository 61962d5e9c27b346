//! How many rows a page by key asks for.

use std::fmt::{self, Write as _};

use sea_orm::{DbBackend, Statement, StatementBuilder, Value, sea_query::SelectStatement};

/// The sizes of pages that most ask for.
const USUAL: [u64; 5] = [10, 20, 25, 50, 100];

/// One row more than the page has: that tells whether there is a next page.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    /// As a part of the text. PostgreSQL plans such a statement a few times and keeps the plan;
    /// one with a parameter it plans each time, because it takes a limit that it does not know
    /// for a tenth of the table. The planning was a third of the time of a page.
    Written(u64),
    /// As a value: there is one text for all sizes.
    Sent(u64),
}

impl Limit {
    /// Written if the page has a usual size, and `is_plain`: if there are no conditions whose
    /// values could make another plan the better one.
    pub(super) fn of(size: u64, is_plain: bool) -> Self {
        if is_plain && USUAL.contains(&size) {
            Self::Written(size + 1)
        } else {
            Self::Sent(size + 1)
        }
    }

    /// What is sent with the statement for it.
    pub(super) fn value(self) -> Option<Value> {
        match self {
            Self::Written(_) => None,
            Self::Sent(rows) => Some(rows.into()),
        }
    }

    /// The query with its limit: this value, if it is one that is sent.
    pub(super) fn apply(self, mut select: SelectStatement, value: Option<Value>) -> Limited {
        match (self, value) {
            (Self::Sent(_), Some(Value::BigUnsigned(Some(rows)))) => {
                select.limit(rows);
                Limited(select, None)
            }
            (Self::Written(rows) | Self::Sent(rows), _) => Limited(select, Some(rows)),
        }
    }
}

/// What decides the text.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(rows) => write!(f, "{rows}"),
            Self::Sent(_) => write!(f, "any"),
        }
    }
}

/// A query, and the limit that is written behind it.
pub(super) struct Limited(SelectStatement, Option<u64>);

impl StatementBuilder for Limited {
    fn build(&self, dialect: &DbBackend) -> Statement {
        let mut statement = StatementBuilder::build(&self.0, dialect);
        if let Some(rows) = self.1 {
            let _ = write!(statement.sql, " LIMIT {rows}");
        }
        statement
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Asterisk, Query};

    use super::*;

    fn text(size: u64, is_plain: bool) -> String {
        let limit = Limit::of(size, is_plain);
        let select = Query::select().column(Asterisk).from("t").take();
        let limited = limit.apply(select, limit.value());
        DbBackend::Postgres.build(&limited).sql
    }

    #[test]
    fn a_usual_size_without_conditions_is_written_and_others_are_sent() {
        assert_eq!(text(20, true), r#"SELECT * FROM "t" LIMIT 21"#);
        assert_eq!(text(20, false), r#"SELECT * FROM "t" LIMIT $1"#);
        assert_eq!(text(21, true), r#"SELECT * FROM "t" LIMIT $1"#);
    }
}
