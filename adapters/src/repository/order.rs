//! The order of a list, made total by the primary key.

use ports::{Direction, Sort};
use sea_orm::{
    ColumnTrait, DbBackend, Iterable as _, Order, PrimaryKeyToColumn as _, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, NullOrdering},
};

use super::Record;

/// What a list is ordered by, the primary key last.
pub(super) struct Ordering<C>(pub(super) Vec<Sort<C>>);

impl<C: ColumnTrait> Ordering<C> {
    /// The order that was asked for, else newest first; ties are broken by the primary
    /// key, in the direction of the last sort.
    pub(super) fn of<E: Record<Column = C>>(sort: &[Sort<C>]) -> Self {
        let mut keys = sort.to_vec();
        if keys.is_empty()
            && let Some(timestamps) = E::timestamps()
        {
            keys.push(Sort::descending(timestamps.created_at));
        }
        let direction = keys
            .last()
            .map_or(Direction::Ascending, |last| last.direction);
        for key in E::PrimaryKey::iter() {
            let field = key.into_column();
            if !keys.iter().any(|sort| same(sort.field, field)) {
                keys.push(Sort { field, direction });
            }
        }
        Self(keys)
    }

    /// Orders a query. NULL counts as the greatest value, as PostgreSQL has it; other
    /// databases must be told.
    pub(super) fn apply<E>(&self, mut select: Select<E>, dialect: DbBackend) -> Select<E>
    where
        E: Record<Column = C>,
    {
        for sort in &self.0 {
            let field = Expr::col(sort.field.as_column_ref());
            let (order, nulls) = match sort.direction {
                Direction::Ascending => (Order::Asc, NullOrdering::Last),
                Direction::Descending => (Order::Desc, NullOrdering::First),
            };
            if dialect != DbBackend::Postgres && is_nullable(sort.field) {
                let query = QuerySelect::query(&mut select);
                query.order_by_expr_with_nulls(field, order, nulls);
            } else {
                select = select.order_by(field, order);
            }
        }
        select
    }

    /// The order as text: what a cursor must agree with.
    pub(super) fn describe(&self) -> String {
        let mut text = String::new();
        for sort in &self.0 {
            text.push(match sort.direction {
                Direction::Ascending => '+',
                Direction::Descending => '-',
            });
            text.extend([sort.field.as_str(), "\0"]);
        }
        text
    }
}

pub(super) fn is_nullable<C: ColumnTrait>(column: C) -> bool {
    column.def().is_null()
}

fn same<C: ColumnTrait>(a: C, b: C) -> bool {
    a.as_str() == b.as_str()
}
