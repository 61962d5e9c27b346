//! What is wanted, and whether it was reached.

use super::{
    bulk,
    figures::Ratio,
    grid::Cell,
    lineup::{DIESEL, DIESEL_UNTESTED, OURS, RAW, REPOSITORY, SEAORM, SEAORM_UNTESTED},
    load::Side,
    operation::Operation,
    results::Results,
    table::Table,
};
// sample: begin
use super::ledger_http;
// sample: end

/// One line of what is wanted. Of several paths the slowest counts.
struct Goal {
    path: &'static str,
    wanted: f64,
    measured: Vec<(String, Ratio)>,
}

/// Line by line, from this run alone.
pub(crate) fn table(results: &Results) -> String {
    let mut table = Table::new(["path", "at least", "measured", "middle half", ""]);
    let goals = goals(results).into_iter();
    // sample: begin
    let goals = goals.chain(http_goals(results));
    // sample: end
    for goal in goals {
        let [head, wanted] = [goal.path.to_owned(), format!("{:.2}", goal.wanted)];
        let least = goal
            .measured
            .iter()
            .min_by(|one, other| one.1.median().total_cmp(&other.1.median()));
        let said = match least {
            None => ["–", "–", "not in this run"].map(str::to_owned),
            Some((path, ratio)) => {
                let of = if goal.measured.len() > 1 {
                    format!(": {path}")
                } else {
                    String::new()
                };
                let [low, high] = ratio.middle_half();
                [
                    format!("{ratio}{of}"),
                    format!("{low:.2} to {high:.2}"),
                    verdict(ratio, goal.wanted),
                ]
            }
        };
        table.row([head, wanted].into_iter().chain(said));
    }
    table.markdown()
}

/// By the median. It says so when what is wanted is among the middle half of the rounds: another
/// run may then say the opposite.
fn verdict(ratio: &Ratio, wanted: f64) -> String {
    let verdict = if ratio.median() >= wanted {
        "reached"
    } else {
        "**fell short**"
    };
    let [low, high] = ratio.middle_half();
    if low < wanted && wanted <= high {
        format!("{verdict}, within the noise")
    } else {
        verdict.to_owned()
    }
}

/// Some of the same next to pools that lend a connection out without trying it, which is not
/// how they come.
pub(crate) fn untested(results: &Results) -> String {
    let (tasks, threads) = ((Side::Async, OURS), (Side::Sync, OURS));
    let seaorm = (Side::Async, SEAORM_UNTESTED);
    let mut table = Table::new(["path", "measured"]);
    for (path, ratio) in [
        one(results, Operation::Read, 16, tasks, seaorm),
        one(results, Operation::Transfer, 16, tasks, seaorm),
        one(
            results,
            Operation::Read,
            16,
            threads,
            (Side::Sync, SEAORM_UNTESTED),
        ),
        one(
            results,
            Operation::Read,
            16,
            threads,
            (Side::Sync, DIESEL_UNTESTED),
        ),
    ]
    .into_iter()
    .flatten()
    {
        table.row([path, ratio.to_string()]);
    }
    table.markdown()
}

/// A thread against a task, in each operation.
pub(crate) fn threads(results: &Results) -> String {
    let mut table = Table::new(["one thread against one task", "measured"]);
    for (path, ratio) in sync_to_async(results) {
        table.row([path, ratio.to_string()]);
    }
    table.markdown()
}

fn goals(results: &Results) -> Vec<Goal> {
    let x16 = |ours, operation, theirs| {
        let (ours, theirs) = ((Side::Async, ours), (Side::Async, theirs));
        one(results, operation, 16, ours, theirs)
    };
    let sync_x16 = one(
        results,
        Operation::Read,
        16,
        (Side::Sync, OURS),
        (Side::Sync, DIESEL),
    );
    let copies = [bulk::COPY, bulk::BINARY_COPY]
        .into_iter()
        .filter_map(|copy| {
            let ratio = results.bulk.ratio(bulk::NEAR_X1, Side::Async, copy)?;
            Some((format!("against {copy}"), ratio))
        });
    let keyset = results.keyset.iter();
    vec![
        goal(
            "async point read x16, against SeaORM's own pool",
            1.7,
            x16(OURS, Operation::Read, SEAORM),
        ),
        goal(
            "async point read x16, against raw sqlx connections without a pool",
            0.85,
            x16(OURS, Operation::Read, RAW),
        ),
        goal(
            "the same, through the repository",
            0.85,
            x16(REPOSITORY, Operation::Read, RAW),
        ),
        goal(
            "transfer x16, against SeaORM's own pool and `begin`",
            1.25,
            x16(OURS, Operation::Transfer, SEAORM),
        ),
        goal(
            "the same, through the repository",
            1.25,
            x16(REPOSITORY, Operation::Transfer, SEAORM),
        ),
        goal(
            "any path at 1 task, against SeaORM directly",
            1.0,
            single(results),
        ),
        goal(
            "sync point read x16 threads, against Diesel with r2d2",
            0.9,
            sync_x16,
        ),
        goal(
            "sync, one thread, against async with one task",
            1.0,
            sync_to_async(results),
        ),
        goal(
            "bulk insert of 100,000 rows, against COPY of the same rows",
            0.4,
            copies.collect(),
        ),
        goal(
            "keyset page at depth 100,000 rows, against page 1",
            0.9,
            keyset
                .map(|keyset| (String::new(), keyset.ratio.clone()))
                .collect(),
        ),
    ]
}

// sample: begin
fn http_goals(results: &Results) -> Vec<Goal> {
    let measured = |operation| {
        let ratio = results.ledger_http.as_ref()?.ratio(operation)?;
        Some((String::new(), ratio))
    };
    vec![
        goal(
            "HTTP `GET` one account, against bare axum with the same SQL on sqlx's pool",
            1.2,
            measured(ledger_http::Operation::Get).into_iter().collect(),
        ),
        goal(
            "HTTP `POST` transfer, the same comparison",
            1.0,
            measured(ledger_http::Operation::Transfer)
                .into_iter()
                .collect(),
        ),
    ]
}
// sample: end

fn goal(path: &'static str, wanted: f64, measured: Vec<(String, Ratio)>) -> Goal {
    Goal {
        path,
        wanted,
        measured,
    }
}

/// Every path with one worker, against SeaORM, with its test on acquire and without.
fn single(results: &Results) -> Vec<(String, Ratio)> {
    let mut all = Vec::new();
    for operation in Operation::ALL {
        for (side, theirs) in [
            (Side::Async, SEAORM),
            (Side::Async, SEAORM_UNTESTED),
            (Side::Sync, SEAORM),
            (Side::Sync, SEAORM_UNTESTED),
        ] {
            all.extend(one(results, operation, 1, (side, OURS), (side, theirs)));
        }
    }
    let bulk = results.bulk.ratio(bulk::NEAR_X1, Side::Async, bulk::SEAORM);
    all.extend(bulk.map(|ratio| (format!("bulk x1, against {}", bulk::SEAORM), ratio)));
    all
}

fn sync_to_async(results: &Results) -> Vec<(String, Ratio)> {
    let of = |operation| {
        one(
            results,
            operation,
            1,
            (Side::Sync, OURS),
            (Side::Async, OURS),
        )
    };
    Operation::ALL.into_iter().flat_map(of).collect()
}

fn one(
    results: &Results,
    operation: Operation,
    workers: usize,
    ours: (Side, &str),
    theirs: (Side, &str),
) -> Vec<(String, Ratio)> {
    let cell = Cell {
        operation,
        workers,
        delayed: false,
    };
    let ratio = results.grid.ratio(&cell, ours, theirs);
    let name = format!("{operation} x{workers}, against {} {}", theirs.0, theirs.1);
    ratio.map(|ratio| (name, ratio)).into_iter().collect()
}
