//! The text of a statement: written once, and sent with other values from then on.
//!
//! To build and to write a statement takes SeaORM longer than it takes to send it. But
//! statements about one row have one text each, up to the columns that are set in it.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use sea_orm::{
    DbBackend, EntityTrait, Iterable as _, Statement, StatementBuilder, Value, sea_query::Values,
    sqlx::SqlStr,
};

use crate::seaorm::Prepared;

/// The most texts that an adapter keeps. What is beyond is written each time.
const MOST: usize = 256;

/// What decides the text of a statement, within one adapter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Find,
    Lock,
    Create(Columns),
    Update(Columns),
}

/// Columns of an entity, by their places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Columns(u128);

impl Columns {
    /// The columns for which this holds; `None` when there are too many to tell.
    /// Each of them is asked for, however many there are: whoever asks may take its value.
    pub(super) fn of<E: EntityTrait>(holds: impl FnMut(E::Column) -> bool) -> Option<Self> {
        Self::among(E::Column::iter(), holds)
    }

    fn among<C>(
        columns: impl Iterator<Item = C>,
        mut holds: impl FnMut(C) -> bool,
    ) -> Option<Self> {
        let mut set = Some(0);
        for (place, column) in columns.enumerate() {
            if holds(column) {
                let bit = u32::try_from(place)
                    .ok()
                    .and_then(|place| 1_u128.checked_shl(place));
                set = set.zip(bit).map(|(set, bit)| set | bit);
            }
        }
        set.map(Self)
    }
}

/// The texts of an adapter, by their shapes.
#[derive(Default)]
pub(super) struct Texts(RwLock<BTreeMap<Shape, Text>>);

#[derive(Clone)]
enum Text {
    /// With a parameter for each value, in their order.
    Fixed(SqlStr),
    /// The values have a say in it.
    Varies,
}

impl Texts {
    /// The statement of this shape, if it has one, with these values. `build` makes it of
    /// any values in the same order.
    pub(super) fn statement<S: StatementBuilder>(
        &self,
        dialect: DbBackend,
        shape: Option<Shape>,
        values: Vec<Value>,
        build: impl Fn(Vec<Value>) -> S,
    ) -> Prepared {
        let write = |values| dialect.build(&build(values));
        let Some(shape) = shape else {
            return write(values).into();
        };
        match self.find(shape) {
            Some(Text::Fixed(sql)) => Prepared::new(sql, values),
            Some(Text::Varies) => write(values).into(),
            None if self.is_full() => write(values).into(),
            None => {
                let fixed = is_fixed(&values, write);
                let written = Prepared::from(write(values));
                self.keep(shape, fixed.then(|| written.sql().clone()));
                written
            }
        }
    }

    fn find(&self, shape: Shape) -> Option<Text> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&shape).cloned()
    }

    fn is_full(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len() >= MOST
    }

    fn keep(&self, shape: Shape, fixed: Option<SqlStr>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST {
            known.insert(shape, fixed.map_or(Text::Varies, Text::Fixed));
        }
    }
}

/// Whether a statement sends just these values, and other values would be sent in the same
/// places of the same text.
fn is_fixed(values: &[Value], write: impl Fn(Vec<Value>) -> Statement) -> bool {
    let numbers = (0_i64..).map(Value::from).take(values.len());
    let numbered = write(numbers.clone().collect());
    let written = write(values.to_vec());
    numbered.sql == written.sql
        && numbered.values == Some(Values(numbers.collect()))
        && written.values == Some(Values(values.to_vec()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};

    use super::*;

    const DIALECT: DbBackend = DbBackend::Postgres;

    fn sums(values: Vec<Value>) -> SelectStatement {
        let all = values.into_iter().map(Expr::val);
        Query::select().exprs(all).to_owned()
    }

    #[test]
    fn every_column_is_asked_for_although_there_are_more_than_can_be_told_apart() {
        let mut asked = 0;
        let columns = Columns::among(0..300, |_| {
            asked += 1;
            true
        });
        assert!(columns.is_none());
        assert_eq!(asked, 300);
        // Those that can not be told apart are no trouble while nothing is in them.
        assert!(Columns::among(0..300, |place| place < 128).is_some());
    }

    #[test]
    fn a_text_is_written_once_and_sent_with_the_values_of_each_time() {
        let texts = Texts::default();
        let written = Cell::new(0);
        for number in [5_i64, 7] {
            let values = vec![number.into(), "text".into()];
            let statement = texts.statement(DIALECT, Some(Shape::Find), values.clone(), |values| {
                written.set(written.get() + 1);
                sums(values)
            });
            assert_eq!(statement.sql().as_str(), "SELECT $1, $2");
            assert_eq!(statement.values(), Some(&Values(values)));
            // Twice to see whether it is fixed, and once for itself.
            assert_eq!(written.get(), 3);
        }
    }

    #[test]
    fn a_text_that_depends_on_its_values_is_written_each_time() {
        let texts = Texts::default();
        let by_value = |values: Vec<Value>| {
            let columns = values.into_iter().map(|value| match value {
                Value::Bool(Some(true)) => Expr::val(1).add(1),
                value => Expr::val(value),
            });
            Query::select().exprs(columns).to_owned()
        };
        for (flag, sql) in [(true, "SELECT $1 + $2"), (false, "SELECT $1")] {
            let shape = Some(Shape::Lock);
            let statement = texts.statement(DIALECT, shape, vec![flag.into()], by_value);
            assert_eq!(statement.sql().as_str(), sql);
        }
    }

    #[test]
    fn values_that_are_sent_in_another_order_are_not_sent_in_the_order_of_the_first_time() {
        let texts = Texts::default();
        for values in [[3_i64, 3], [1, 2]] {
            let values: Vec<Value> = values.map(Value::from).to_vec();
            let statement = texts.statement(DIALECT, Some(Shape::Find), values.clone(), |values| {
                sums(values.into_iter().rev().collect())
            });
            let sent = values.into_iter().rev().collect();
            assert_eq!(statement.values(), Some(&Values(sent)));
        }
    }

    #[test]
    fn no_more_texts_are_kept_than_there_is_room_for() {
        let texts = Texts::default();
        for set in 0..2 * MOST as u128 {
            let shape = Some(Shape::Create(Columns(set)));
            let statement = texts.statement(DIALECT, shape, vec![1.into()], sums);
            assert_eq!(statement.sql().as_str(), "SELECT $1");
        }
        assert_eq!(texts.0.read().unwrap().len(), MOST);
    }
}
