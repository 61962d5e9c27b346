//! The page that the results are written into.

use std::{fs, io, path::Path};

const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

/// Replaces what is between the two comments, and leaves what is written by hand.
pub(crate) fn write(page: &Path, results: &str) -> io::Result<()> {
    let text = fs::read_to_string(page)?;
    let missing = || io::Error::other(format!("{} has no {BEGIN} and {END}", page.display()));
    let (head, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, tail) = rest.split_once(END).ok_or_else(missing)?;
    // The figures are those of a service with the sample in it.
    let results = format!("<!-- sample: begin -->\n{results}\n<!-- sample: end -->");
    fs::write(page, format!("{head}{BEGIN}\n{results}\n{END}{tail}"))
}
