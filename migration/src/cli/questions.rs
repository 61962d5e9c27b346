//! Asking before data is destroyed.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// Somebody who may be asked.
pub trait Answers {
    /// The answer, or `None` when there is nobody.
    fn yes_or_no(&mut self, question: &str) -> Option<bool>;
}

/// Whoever sits at the terminal, if the program runs in one.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

impl Answers for Terminal {
    fn yes_or_no(&mut self, question: &str) -> Option<bool> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return None;
        }
        write!(io::stderr(), "{question} [y/N] ").ok()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).ok()?;
        let answer = answer.trim().to_lowercase();
        Some(matches!(answer.as_str(), "y" | "yes"))
    }
}
