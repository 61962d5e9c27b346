//! What a command has to say.

use std::io::{self, ErrorKind, Write as _};

use super::Failure;

/// A line, or many, on stdout.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    print(format!("{text}\n").as_bytes())
}

/// These bytes and no others on stdout. Whoever reads them may have gone, `config | head` is
/// fine; what can not be written for any other reason is not done.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("stdout can not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// A line, or many, on stderr.
pub(super) fn complain(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}

/// Texts in columns, two blanks apart; the last column ends where its text does.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let lines = rows.iter().map(|row| {
        let cells = row.iter().enumerate();
        let line = cells.fold(String::new(), |line, (column, cell)| {
            line + &format!("{cell:0$}  ", width(column))
        });
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_and_lines_end_in_no_blank() {
        let rows = [["a", "é", "x"], ["bbb", "cc", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(columns(&rows), "a    é   x\nbbb  cc");
    }
}
