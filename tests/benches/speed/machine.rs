//! Where and when something was measured.

use std::{fs, process::Command, thread};

use super::{
    one_core::OneCore,
    stage::{Stage, round_trip},
    table::Table,
};

/// A table of what a reader has to know of the machine.
pub(crate) fn table(stage: &Stage, command: &str) -> String {
    let mut table = Table::new(["", ""]);
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    for (name, value) in [
        ("date", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        ("processor", format!("{cpu}, {cores} cores")),
        ("memory", memory()),
        ("kernel", said("uname", &["-sr"])),
        ("commit", commit()),
        ("one worker", one_worker().to_owned()),
        ("a round trip", round_trips(stage)),
        ("PostgreSQL", stage.version()),
        ("Rust", said("rustc", &["--version"])),
        ("command", format!("`{command}`")),
    ] {
        table.row([name.to_owned(), value]);
    }
    table.markdown()
}

/// What was measured, and whether it was changed since.
fn commit() -> String {
    said("git", &["describe", "--always", "--dirty", "--exclude=*"])
}

fn one_worker() -> &'static str {
    if OneCore::exists() {
        "on one core, with the server"
    } else {
        "wherever the kernel puts it: there is no `taskset`"
    }
}

/// From near and from far, with what the proxy takes itself.
fn round_trips(stage: &Stage) -> String {
    let (near, far) = (stage.url(), stage.far());
    let [near, far] = [&near, far.url()].map(round_trip);
    format!("{near:.2} ms near, {far:.2} ms far")
}

fn memory() -> String {
    let kilobytes = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    kilobytes.map_or("unknown".to_owned(), |kilobytes| {
        format!("{:.0} GiB", kilobytes / 1024.0 / 1024.0)
    })
}

/// The value of the first line `name : value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}

/// What a program has to say.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|_| "unknown".to_owned())
}
