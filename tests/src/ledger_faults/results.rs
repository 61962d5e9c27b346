//! The results, as they are put into a page.

use std::{error::Error, fs, path::Path, process::Command};

use adapters::SystemClock;
use ports::Clock as _;

const BEGIN: &str = "<!-- results: begin -->\n";
const END: &str = "<!-- results: end -->";

/// When and on what this is run.
pub fn occasion() -> String {
    let today = SystemClock.now().format("%Y-%m-%d");
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let system = said("uname", &["-smr"]).unwrap_or_default();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model
        .and_then(|line| line.split_once(':'))
        .map_or("", |(_, name)| name.trim());
    format!("{today}, {system}, {cores} cores ({model})")
}

/// Puts the results in their place; the rest of the page stays.
///
/// # Errors
///
/// When the page can not be read or written, or has no place for them.
pub fn write(page: &Path, results: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(page)?;
    let places = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = places.ok_or("the file has no `results: begin` and `results: end`")?;
    fs::write(page, format!("{before}{BEGIN}{results}{END}{after}"))?;
    Ok(())
}
