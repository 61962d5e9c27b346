//! The text of a statement: written once, and sent with other values from then on.
//!
//! To build and to write a statement takes SeaORM longer than it takes to send it. But
//! statements about one row have one text each, up to the columns that are set in it, and lists
//! one for each set of conditions and each order.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use sea_orm::{
    DbBackend, EntityTrait, Iterable as _, Statement, StatementBuilder, Value, sea_query::Values,
    sqlx::SqlStr,
};

use crate::seaorm::Prepared;

/// The most texts of a kind that an adapter keeps. When there are more it begins again, so that
/// what is in use comes back whatever was asked for before.
const MOST: usize = 256;

/// The most values of a statement whose text is kept: longer ones are hardly ever sent again.
const MOST_VALUES: usize = 256;

/// What decides the text of a statement, within one adapter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Find,
    Lock,
    LockMany,
    Create(Columns),
    Update(Columns),
    /// A list with these conditions in this order. There are more of these than of all others.
    List(String),
}

/// Columns of an entity, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
pub(super) struct Texts {
    rows: Kept,
    /// Apart: callers choose their conditions, and must not take the place of the others.
    lists: Kept,
}

type Kept = RwLock<BTreeMap<Shape, Text>>;

#[derive(Clone)]
enum Text {
    /// With a parameter for each of these: the places of the values among those given.
    Fixed(SqlStr, Arc<[usize]>),
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
        let Some(shape) = shape.filter(|_| values.len() <= MOST_VALUES) else {
            return write(values).into();
        };
        let kept = match shape {
            Shape::List(_) => &self.lists,
            _ => &self.rows,
        };
        match find(kept, &shape) {
            Some(Text::Fixed(sql, places)) => Prepared::new(sql, at(&places, values)),
            Some(Text::Varies) => write(values).into(),
            None => {
                let statement = write(values.clone());
                let places = places(&values, &statement, write);
                let written = Prepared::from(statement);
                keep(kept, shape, written.sql(), places);
                written
            }
        }
    }
}

fn find(kept: &Kept, shape: &Shape) -> Option<Text> {
    let known = kept.read().unwrap_or_else(PoisonError::into_inner);
    known.get(shape).cloned()
}

fn keep(kept: &Kept, shape: Shape, sql: &SqlStr, places: Option<Arc<[usize]>>) {
    let mut known = kept.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST {
        known.clear();
    }
    let fixed = places.map(|places| Text::Fixed(sql.clone(), places));
    known.insert(shape, fixed.unwrap_or(Text::Varies));
}

/// The values at these places.
fn at(places: &[usize], values: Vec<Value>) -> Vec<Value> {
    let is_as_given = places.iter().copied().eq(0..values.len());
    if is_as_given {
        return values;
    }
    let values = places.iter().filter_map(|place| values.get(*place));
    values.cloned().collect()
}

/// For each parameter of a statement the place of its value among those given; `None` when
/// other values would be sent in another text.
fn places(
    values: &[Value],
    written: &Statement,
    write: impl Fn(Vec<Value>) -> Statement,
) -> Option<Arc<[usize]>> {
    let numbers = (0_u64..).map(Value::from).take(values.len());
    let numbered = write(numbers.collect());
    let place = |number: &Value| match number {
        Value::BigUnsigned(Some(number)) => usize::try_from(*number).ok(),
        _ => None,
    };
    let sent = numbered.values.as_ref()?.0.iter();
    let places: Arc<[usize]> = sent.map(place).collect::<Option<_>>()?;
    let is_same =
        numbered.sql == written.sql && written.values == Some(Values(at(&places, values.to_vec())));
    is_same.then_some(places)
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
            // Once for itself, and once to see where its values go.
            assert_eq!(written.get(), 2);
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
    fn no_more_texts_are_kept_than_there_is_room_for_and_the_newest_is() {
        let texts = Texts::default();
        texts.statement(DIALECT, Some(Shape::Find), vec![1.into()], sums);
        for number in 0..2 * MOST + 3 {
            let shape = Shape::List(number.to_string());
            let statement = texts.statement(DIALECT, Some(shape.clone()), vec![1.into()], sums);
            assert_eq!(statement.sql().as_str(), "SELECT $1");
            assert!(find(&texts.lists, &shape).is_some());
        }
        assert!(texts.lists.read().unwrap().len() <= MOST);
        assert!(find(&texts.rows, &Shape::Find).is_some());
    }

    #[test]
    fn a_text_with_very_many_values_is_not_kept() {
        let texts = Texts::default();
        for (length, is_kept) in [(MOST_VALUES, true), (MOST_VALUES + 1, false)] {
            let shape = Shape::List(length.to_string());
            let values = vec![Value::from(1); length];
            texts.statement(DIALECT, Some(shape.clone()), values, sums);
            assert_eq!(find(&texts.lists, &shape).is_some(), is_kept);
        }
    }

    #[test]
    fn a_value_that_is_sent_twice_is_sent_twice_from_then_on() {
        let texts = Texts::default();
        let twice = |values: Vec<Value>| {
            let [first, second] = <[Value; 2]>::try_from(values).unwrap();
            sums(vec![second.clone(), first, second])
        };
        for values in [[3_i64, 3], [1, 2]] {
            let given: Vec<Value> = values.map(Value::from).to_vec();
            let statement = texts.statement(DIALECT, Some(Shape::Find), given, twice);
            let [first, second] = values.map(Value::from);
            let sent = vec![second.clone(), first, second];
            assert_eq!(statement.values(), Some(&Values(sent)));
        }
        assert!(matches!(
            find(&texts.rows, &Shape::Find),
            Some(Text::Fixed(..))
        ));
    }
}
