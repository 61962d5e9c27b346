//! Who checks the checker: histories made by hand, and a simulation without any isolation.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tests::histories::{
    Attempt, History, Level, Op, Outcome, anomalies, check::Anomaly, order::serial,
};

use Op::{Append, Read, Undone};

fn history(stored: &[&[u32]], attempts: Vec<Attempt>) -> History {
    History {
        attempts,
        stored: stored.iter().map(|list| list.to_vec()).collect(),
    }
}

fn committed(ops: Vec<Op>) -> Attempt {
    Attempt::committed(ops)
}

fn ended(outcome: Outcome, ops: Vec<Op>) -> Attempt {
    Attempt { ops, outcome }
}

#[test]
fn a_history_that_ran_in_order_is_explained() {
    let good = history(
        &[&[1, 3], &[2]],
        vec![
            committed(vec![Read(0, vec![1]), Append(0, 3), Read(0, vec![1, 3])]),
            committed(vec![
                Read(0, vec![]),
                Append(0, 1),
                Undone(1, 9),
                Append(1, 2),
            ]),
            committed(vec![Read(0, vec![1, 3]), Read(1, vec![2])]),
            ended(Outcome::RolledBack, vec![Append(0, 4), Read(0, vec![7])]),
            ended(Outcome::Unknown, vec![Append(1, 5)]),
        ],
    );
    assert_eq!(anomalies(&good), BTreeSet::new());
    assert_eq!(serial(&good), Some(vec![1, 0, 2]));
}

#[test]
fn outcomes_that_are_not_honest_are_seen() {
    for (bad, anomaly) in [
        (
            history(&[&[]], vec![committed(vec![Append(0, 1)])]),
            Anomaly::Lost(0, 1),
        ),
        (
            history(
                &[&[1]],
                vec![ended(Outcome::RolledBack, vec![Append(0, 1)])],
            ),
            Anomaly::Risen(0, 1),
        ),
        (
            history(&[&[1]], vec![committed(vec![Undone(0, 1)])]),
            Anomaly::Risen(0, 1),
        ),
        (
            history(
                &[&[1], &[]],
                vec![ended(Outcome::Unknown, vec![Append(0, 1), Append(1, 2)])],
            ),
            Anomaly::Half(1, 2),
        ),
        (
            history(&[&[1, 1]], vec![committed(vec![Append(0, 1)])]),
            Anomaly::Twice(0, 1),
        ),
        (history(&[&[1]], vec![]), Anomaly::Unheard(0, 1)),
    ] {
        let found = anomalies(&bad);
        assert!(found.contains(&anomaly), "{anomaly:?} is not in {found:?}");
        assert!(Level::RepeatableRead.forbids(&anomaly));
        // There, what one has written may be lost to another who had not seen it.
        let may_be_lost = matches!(anomaly, Anomaly::Lost(..) | Anomaly::Half(..));
        assert_eq!(Level::ReadCommitted.forbids(&anomaly), !may_be_lost);
        assert_eq!(serial(&bad), None, "{bad:?}");
    }
}

#[test]
fn reads_that_nobody_may_have_are_seen() {
    let write = || committed(vec![Append(0, 1), Append(0, 2)]);
    for (bad, anomaly, level) in [
        (
            history(
                &[&[1, 2]],
                vec![
                    write(),
                    ended(Outcome::RolledBack, vec![Append(0, 3)]),
                    committed(vec![Read(0, vec![1, 2, 3])]),
                ],
            ),
            Anomaly::DirtyRead(0, 3),
            Level::ReadCommitted,
        ),
        (
            history(&[&[1, 2]], vec![write(), committed(vec![Read(0, vec![1])])]),
            Anomaly::IntermediateRead(0, 1),
            Level::ReadCommitted,
        ),
        (
            history(
                &[&[1]],
                vec![committed(vec![Append(0, 1), Read(0, vec![])])],
            ),
            Anomaly::Blind(0),
            Level::ReadCommitted,
        ),
        (
            history(
                &[&[1, 2]],
                vec![
                    write(),
                    committed(vec![Read(0, vec![]), Read(0, vec![1, 2])]),
                ],
            ),
            Anomaly::Fuzzy(0),
            Level::RepeatableRead,
        ),
        (
            history(
                &[&[1, 2]],
                vec![write(), committed(vec![Read(0, vec![2, 1])])],
            ),
            Anomaly::Incompatible(0, vec![2, 1]),
            Level::RepeatableRead,
        ),
    ] {
        let found = anomalies(&bad);
        assert!(found.contains(&anomaly), "{anomaly:?} is not in {found:?}");
        assert!(level.forbids(&anomaly));
        assert_eq!(serial(&bad), None, "{bad:?}");
    }
}

#[test]
fn cycles_are_seen_and_named_after_the_level_that_forbids_them() {
    let dirty_write = history(
        &[&[1, 2], &[4, 3]],
        vec![
            committed(vec![Append(0, 1), Append(1, 3)]),
            committed(vec![Append(0, 2), Append(1, 4)]),
        ],
    );
    let circular = history(
        &[&[1], &[2]],
        vec![
            committed(vec![Append(0, 1), Read(1, vec![2])]),
            committed(vec![Append(1, 2), Read(0, vec![1])]),
        ],
    );
    let skewed_read = history(
        &[&[1], &[2]],
        vec![
            committed(vec![Append(0, 1), Append(1, 2)]),
            committed(vec![Read(0, vec![]), Read(1, vec![2])]),
        ],
    );
    let write_skew = history(
        &[&[1], &[2]],
        vec![
            committed(vec![Read(1, vec![]), Append(0, 1)]),
            committed(vec![Read(0, vec![]), Append(1, 2)]),
        ],
    );
    let levels = [
        Level::ReadCommitted,
        Level::RepeatableRead,
        Level::Serializable,
    ];
    for (bad, kind, least) in [
        (dirty_write, "DirtyWrite", Level::ReadCommitted),
        (circular, "Circular", Level::ReadCommitted),
        (skewed_read, "Skewed", Level::RepeatableRead),
        (write_skew, "WriteSkew", Level::Serializable),
    ] {
        let found: Vec<_> = anomalies(&bad).into_iter().collect();
        assert!(
            format!("{found:?}").contains(&format!("{kind}([")),
            "{kind}: {found:?}"
        );
        for level in levels {
            let forbidden = found.iter().any(|anomaly| level.forbids(anomaly));
            assert_eq!(forbidden, level >= least, "{kind} at {level:?}");
        }
        assert_eq!(serial(&bad), None, "{bad:?}");
    }
}

#[test]
fn a_lost_update_is_seen() {
    let lost = history(
        &[&[2]],
        vec![
            committed(vec![Read(0, vec![]), Append(0, 1)]),
            committed(vec![Read(0, vec![]), Append(0, 2)]),
        ],
    );
    assert!(anomalies(&lost).contains(&Anomaly::Lost(0, 1)));
    assert_eq!(serial(&lost), None);
}

/// Who takes a step, on which register, and of which kind.
type Move = (usize, usize, u8);

/// What happens when nobody is kept apart from anybody: each step is seen by all at once.
fn simulated(moves: &[Move], attempts: usize) -> History {
    let mut seen: Vec<Vec<Op>> = vec![Vec::new(); attempts];
    let mut stored = vec![Vec::new(); 2];
    for (value, (who, key, kind)) in (1..).zip(moves) {
        let list: &mut Vec<u32> = &mut stored[*key];
        let ops = &mut seen[*who];
        let last_read = ops.iter().rev().find_map(|op| match op {
            Read(read, list) if read == key => Some(list.clone()),
            _ => None,
        });
        match (kind, last_read) {
            (0, _) => ops.push(Read(*key, list.clone())),
            // A write of what was read before, whatever has come in between.
            (1, Some(mut read)) => {
                let own = ops.iter().filter_map(|op| match op {
                    Append(other, value) if other == key => Some(*value),
                    _ => None,
                });
                let own: Vec<u32> = own.filter(|value| !read.contains(value)).collect();
                read.extend(own);
                read.push(value);
                *list = read;
                ops.push(Append(*key, value));
            }
            _ => {
                list.push(value);
                ops.push(Append(*key, value));
            }
        }
    }
    History {
        attempts: seen.into_iter().map(Attempt::committed).collect(),
        stored,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 1_000.max(ProptestConfig::default().cases),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_graph_and_the_search_for_an_order_agree(
        moves in prop::collection::vec((0_usize..4, 0_usize..2, 0_u8..3), 1..12),
    ) {
        let history = simulated(&moves, 4);
        let found = anomalies(&history);
        prop_assert_eq!(serial(&history).is_some(), found.is_empty(), "{:?}", found);
    }
}

#[test]
fn the_simulation_has_both_kinds_of_histories() {
    let mut rng = fastrand::Rng::with_seed(7);
    let explained = (0..500).filter(|_| {
        let moves: Vec<Move> = (0..rng.usize(1..12))
            .map(|_| (rng.usize(0..4), rng.usize(0..2), rng.u8(0..3)))
            .collect();
        anomalies(&simulated(&moves, 4)).is_empty()
    });
    let explained = explained.count();
    assert!((50..450).contains(&explained), "{explained} of 500");
}
