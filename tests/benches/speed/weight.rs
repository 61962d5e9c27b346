//! What connections, units of work and statements cost in memory, from a child with an
//! allocator that counts.

use std::process::Command;

use super::{figures::thousands, operation::Operation, stage::Stage, table::Table};

/// What the child says of one contender.
struct Weight {
    name: String,
    /// Bytes of an idle connection, and of an open unit of work on top of that.
    held: [f64; 2],
    /// Allocations and bytes of each operation.
    passing: Vec<[f64; 2]>,
}

pub(crate) struct Weights(Vec<Weight>);

pub(crate) fn run(stage: &Stage) -> Weights {
    let output = Command::new(env!("CARGO_BIN_EXE_speed-memory"))
        .arg(stage.url())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the child has failed: {said}");
    let text = String::from_utf8(output.stdout).unwrap();
    Weights(text.lines().map(Weight::read).collect())
}

impl Weight {
    fn read(line: &str) -> Self {
        let mut cells = line.split('\t');
        let name = cells.next().unwrap().to_owned();
        let figures: Vec<f64> = cells.map(|cell| cell.parse().unwrap()).collect();
        let (held, passing) = figures.split_first_chunk().unwrap();
        Self {
            name,
            held: *held,
            passing: passing.as_chunks().0.to_vec(),
        }
    }
}

impl Weights {
    /// Bytes that stay, with how many times as much that is as of the first contender, ours.
    pub(crate) fn held(&self) -> String {
        let mut table = Table::new(["", "idle connection", "open unit of work, on top"]);
        for weight in &self.0 {
            let cells = [0, 1].map(|index| {
                let (theirs, ours) = (weight.held[index], self.0[0].held[index]);
                format!("{} bytes ({:.2})", thousands(theirs), theirs / ours)
            });
            table.row([weight.name.clone()].into_iter().chain(cells));
        }
        table.markdown()
    }

    /// Allocations that pass.
    pub(crate) fn passing(&self) -> String {
        let heads = Operation::ALL.map(|operation| operation.name().to_owned());
        let mut table = Table::with_head([String::new()].into_iter().chain(heads));
        for weight in &self.0 {
            let cells = weight.passing.iter().map(|[allocations, bytes]| {
                format!("{allocations} of {} bytes", thousands(*bytes))
            });
            table.row([weight.name.clone()].into_iter().chain(cells));
        }
        table.markdown()
    }
}
