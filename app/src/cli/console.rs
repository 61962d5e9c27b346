//! What a command has to say.

use std::io::{self, Write as _};

/// A line, or many, on stdout. Whoever reads them may have gone: `report | head` is fine.
pub(super) fn say(text: &str) {
    drop(writeln!(io::stdout(), "{text}"));
}

/// A line, or many, on stderr.
pub(super) fn complain(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}
