//! What one contender costs in memory: of connections that are held, and of operations that pass.

pub(crate) mod tasks;
pub(crate) mod threads;

use std::time::Duration;

use stats_alloc::Region;

use crate::{ALLOCATOR, contender::CONNECTIONS};

/// How often an operation is done when its allocations are counted, and before that: a
/// connection that was not used last, too, prepares its statements then.
const TIMES: usize = 200;
const BEFORE: usize = 2 * CONNECTIONS;

/// How long what comes after the last answer may take, such as a connection given back.
const MOMENT: Duration = Duration::from_millis(100);

/// Prints the bytes of an idle connection, and of an open unit of work on top of it.
fn print_held(before: i64, idle: i64, open: i64) {
    let connections = i64::try_from(CONNECTIONS).unwrap();
    let [idle, open] = [idle - before, open - idle].map(|bytes| bytes / connections);
    print!("{idle}\t{open}");
}

/// Prints the allocations of one operation, and their bytes.
fn print_passing(region: &Region<'_, std::alloc::System>) {
    let change = region.change();
    let allocations = (change.allocations + change.reallocations) / TIMES;
    print!("\t{allocations}\t{}", change.bytes_allocated / TIMES);
}

fn region() -> Region<'static, std::alloc::System> {
    Region::new(ALLOCATOR)
}
