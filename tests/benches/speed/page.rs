//! The page that the results are written into.

use std::{fs, io, path::Path};

const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

/// Fails unless there is such a page, with a place for the results.
pub(crate) fn check(page: &Path) -> io::Result<()> {
    around(&fs::read_to_string(page)?).map(drop)
}

/// Replaces what is between the two comments, and leaves what is written by hand.
pub(crate) fn write(page: &Path, results: &str) -> io::Result<()> {
    let text = fs::read_to_string(page)?;
    let (head, tail) = around(&text)?;
    // The figures are those of a service with the sample in it.
    let results = format!("<!-- sample: begin -->\n{results}\n<!-- sample: end -->");
    fs::write(page, format!("{head}{BEGIN}\n{results}\n{END}{tail}"))
}

/// What comes before the two comments, and what comes after them.
fn around(text: &str) -> io::Result<(&str, &str)> {
    let missing = || io::Error::other(format!("it has no {BEGIN} and {END}"));
    let (head, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, tail) = rest.split_once(END).ok_or_else(missing)?;
    Ok((head, tail))
}
