//! The other way to judge a history: trying orders.

use super::history::{Attempt, History, Op, Value};

/// An order in which the attempts that count could have run one after the other: each saw what
/// those before it had left, and at the end there is what is stored. `None` when there is none.
///
/// Takes time that grows with the factorial of the attempts; for a handful of them.
pub fn serial(history: &History) -> Option<Vec<usize>> {
    let attempts: Vec<&Attempt> = history.counting().collect();
    let registers = history.stored.len();
    let mut lists = vec![Vec::new(); registers];
    let mut order = Vec::new();
    let found = go_on(&attempts, &mut lists, &mut order, &history.stored);
    found.then_some(order)
}

fn go_on(
    attempts: &[&Attempt],
    lists: &mut Vec<Vec<Value>>,
    order: &mut Vec<usize>,
    stored: &[Vec<Value>],
) -> bool {
    if order.len() == attempts.len() {
        return lists.as_slice() == stored;
    }
    for (number, attempt) in attempts.iter().enumerate() {
        if order.contains(&number) {
            continue;
        }
        let before = lists.clone();
        if applies(attempt, lists) && leads_to(lists, stored) {
            order.push(number);
            if go_on(attempts, lists, order, stored) {
                return true;
            }
            order.pop();
        }
        *lists = before;
    }
    false
}

/// Whether the attempt sees in these lists what it saw; they are as it leaves them then.
fn applies(attempt: &Attempt, lists: &mut [Vec<Value>]) -> bool {
    attempt.ops.iter().all(|op| match op {
        Op::Read(key, seen) => lists.get(*key) == Some(seen),
        Op::Append(key, value) => {
            let list = lists.get_mut(*key);
            list.map(|list| list.push(*value)).is_some()
        }
        Op::Undone(..) => true,
    })
}

fn leads_to(lists: &[Vec<Value>], stored: &[Vec<Value>]) -> bool {
    let both = lists.iter().zip(stored);
    both.into_iter()
        .all(|(list, stored)| stored.starts_with(list))
}
