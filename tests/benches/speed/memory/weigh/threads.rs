//! What one contender costs in memory when its workers are threads.

use std::{
    sync::{Barrier, OnceLock},
    thread::{self, sleep},
};

use super::{BEFORE, MOMENT, TIMES, print_held, print_passing, region};
use crate::{
    blocking::{Blocking, BlockingWorker},
    contender::CONNECTIONS,
    memory::{heap::in_use, hold::threads::Hold},
    operation::{Jobs, Operation, Versions},
};

/// Prints what the contender holds that `open` makes, and answers it.
///
/// The threads are there before it is, and for as long as anything is weighed: they are nobody's.
pub(crate) fn weigh<B: Blocking<Worker: Hold>>(open: impl FnOnce() -> B) -> B {
    let gate = Barrier::new(CONNECTIONS + 1);
    let contender = OnceLock::new();
    thread::scope(|scope| {
        for number in 1..=CONNECTIONS {
            let (gate, contender) = (&gate, &contender);
            scope.spawn(move || {
                gate.wait();
                for _ in 0..2 {
                    gate.wait();
                    hold(contender.get().unwrap(), number, gate);
                }
            });
        }
        gate.wait();
        let before = in_use();
        let is_first = contender.set(open()).is_ok();
        assert!(is_first, "the contender is there before it is opened");
        all_open(&gate);
        let idle = in_use();
        let open = all_open(&gate);
        print_held(before, idle, open);
    });
    contender.into_inner().unwrap()
}

/// Has a unit of work open between the next two gates, and has closed it at the third.
fn hold<B: Blocking<Worker: Hold>>(contender: &B, number: usize, gate: &Barrier) {
    let mut worker = contender.worker(number - 1);
    worker.hold(i64::try_from(number).unwrap(), || {
        gate.wait();
        gate.wait();
    });
    drop(worker);
    gate.wait();
}

/// The bytes that are in use while all threads have a unit of work open.
fn all_open(gate: &Barrier) -> i64 {
    gate.wait();
    gate.wait();
    let open = in_use();
    gate.wait();
    gate.wait();
    sleep(MOMENT);
    open
}

/// Prints the allocations of each operation.
pub(crate) fn count<B: Blocking>(contender: &B, versions: Versions) {
    let mut worker = contender.worker(0);
    let mut jobs = Jobs::new(1, 0, 1, versions);
    for operation in Operation::ALL {
        work(&mut worker, operation, &mut jobs, BEFORE);
        sleep(MOMENT);
        let region = region();
        work(&mut worker, operation, &mut jobs, TIMES);
        print_passing(&region);
    }
}

fn work<W: BlockingWorker>(worker: &mut W, operation: Operation, jobs: &mut Jobs, times: usize) {
    for _ in 0..times {
        worker.work(operation, jobs);
    }
}
