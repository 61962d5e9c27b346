//! Tables, as Markdown and for the terminal.

use std::fmt::Write as _;

use super::{
    figures::thousands,
    grid::{Cell, Grid, Row, WORKERS},
    lineup::{OURS, title},
    load::Side,
    operation::Operation,
};

/// A table that is read in a terminal as well as on a page.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(head: [&str; N]) -> Self {
        Self::with_head(head.map(str::to_owned))
    }

    pub(crate) fn with_head(head: impl IntoIterator<Item = String>) -> Self {
        Self {
            rows: vec![head.into_iter().collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// With every column as wide as its widest cell.
    pub(crate) fn markdown(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(text, "| {cell:<width$} ");
            }
            text.push_str("|\n");
            if index == 0 {
                for width in &widths {
                    let _ = write!(text, "|{:-<1$}", "", width + 2);
                }
                text.push_str("|\n");
            }
        }
        text
    }
}

/// One cell, as soon as it is measured.
pub(crate) fn print_cell(cell: &Cell, rows: &[Row]) {
    println!("\n{cell}");
    for row in rows {
        let ours = rows.iter().find(|other| {
            other.name == OURS && (other.side == row.side || row.side == Side::Limit)
        });
        let ratio = ours.map_or(String::new(), |ours| {
            ours.rates.against(&row.rates).to_string()
        });
        let (low, high) = (row.rates.lowest(), row.rates.highest());
        println!(
            "  {:<5} {:<65} {:>8}/s ({} to {})   {OURS}: {ratio}",
            row.side,
            title(row.side, row.name),
            thousands(row.rates.median()),
            thousands(low),
            thousands(high),
        );
    }
}

/// An operation on one side: how many times as fast the session layer is as each other.
pub(crate) fn operation(grid: &Grid, operation: Operation, of: Side) -> Option<String> {
    let cells = [false, true].map(|delayed| {
        WORKERS.map(|workers| Cell {
            operation,
            workers,
            delayed,
        })
    });
    let cells = cells.as_flattened();
    let mut names: Vec<(Side, &str)> = Vec::new();
    for row in cells.iter().filter_map(|cell| grid.cell(cell)).flatten() {
        let key = (row.side, row.name);
        if (row.side == of || row.side == Side::Limit) && !names.contains(&key) {
            names.push(key);
        }
    }
    if names.is_empty() {
        return None;
    }
    let mut table = Table::new(["against", "1", "16", "64", "1, far", "16, far", "64, far"]);
    for (side, name) in names {
        let figures = cells.iter().map(|cell| {
            let Some(rates) = grid.rates(cell, side, name) else {
                return "–".to_owned();
            };
            if name == OURS {
                return format!("{}/s", thousands(rates.median()));
            }
            let ratio = grid.ratio(cell, (of, OURS), (side, name));
            ratio.map_or("–".to_owned(), |ratio| ratio.to_string())
        });
        let head = if name == OURS {
            format!("**{name}**")
        } else {
            title(side, name)
        };
        table.row([head].into_iter().chain(figures));
    }
    Some(table.markdown())
}
