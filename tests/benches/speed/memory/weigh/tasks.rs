//! What one contender costs in memory when its workers are tasks.

use std::{future::Future, sync::Arc};

use tokio::{sync::Barrier, time::sleep};

use super::{BEFORE, MOMENT, TIMES, print_held, print_passing, region};
use crate::{
    contender::{CONNECTIONS, Contender, Worker},
    memory::{heap::in_use, hold::tasks::Hold},
    operation::{Jobs, Operation, Versions},
};

/// Prints all about the contender that `contender` makes.
pub(crate) async fn weigh<C: Contender<Worker: Hold>>(
    contender: impl Future<Output = C>,
    versions: Versions,
) {
    let gate = Arc::new(Barrier::new(CONNECTIONS + 1));
    let before = in_use();
    let contender = contender.await;
    hold_all(&contender, &gate).await;
    let idle = in_use();
    let open = hold_all(&contender, &gate).await;
    print_held(before, idle, open);
    let mut worker = contender.worker(0);
    let mut jobs = Jobs::new(1, 0, 1, versions);
    for operation in Operation::ALL {
        work(&mut worker, operation, &mut jobs, BEFORE).await;
        sleep(MOMENT).await;
        let region = region();
        work(&mut worker, operation, &mut jobs, TIMES).await;
        print_passing(&region);
    }
}

/// Opens a unit of work on each connection, and answers the bytes that are in use then. All
/// are closed when it returns.
async fn hold_all<C: Contender<Worker: Hold>>(contender: &C, gate: &Arc<Barrier>) -> i64 {
    let tasks: Vec<_> = (1..=CONNECTIONS)
        .map(|number| {
            let mut worker = contender.worker(number - 1);
            let gate = Arc::clone(gate);
            tokio::spawn(async move {
                let wait = async move {
                    gate.wait().await;
                    gate.wait().await;
                };
                worker.hold(i64::try_from(number).unwrap(), wait).await;
            })
        })
        .collect();
    gate.wait().await;
    let open = in_use();
    gate.wait().await;
    for task in tasks {
        task.await.unwrap();
    }
    sleep(MOMENT).await;
    open
}

async fn work<W: Worker>(worker: &mut W, operation: Operation, jobs: &mut Jobs, times: usize) {
    for _ in 0..times {
        worker.work(operation, jobs).await;
    }
}
