//! The plot: bars of the throughput with 16 workers, ours being 1.
//!
//! Bars and labels are all there is to it, so the SVG is written as text.

use std::fmt::Write as _;

use super::{
    grid::{Cell, Grid},
    lineup::{
        DEADPOOL, DIESEL, DIESEL_UNTESTED, OURS, PGBENCH, POSTGRES, RAW, REPOSITORY, SEAORM,
        SEAORM_UNTESTED, SQLX, title,
    },
    load::Side,
    operation::Operation,
};

const WORKERS: usize = 16;
const PANEL_WIDTH: u32 = 470;
const LABEL_WIDTH: u32 = 80;
const BAR: u32 = 9;
const GAP: u32 = 12;
const HEAD: u32 = 34;
const LEGEND_LINE: u32 = 16;

/// The longest bar, in units of ours; what is longer is cut.
const LONGEST: f64 = 2.0;

/// Two colors in a line.
const COLOR_LINES: u32 = 6;

/// Whom a color is for; the same on both sides, as far as they are on both.
const COLORS: [(&str, &str); 11] = [
    (OURS, "#b5179e"),
    (REPOSITORY, "#e07be0"),
    (SEAORM, "#3a6ea5"),
    (SEAORM_UNTESTED, "#8fb8de"),
    (SQLX, "#2a9d8f"),
    (DEADPOOL, "#e9a23b"),
    (RAW, "#6c757d"),
    (DIESEL, "#c8553d"),
    (DIESEL_UNTESTED, "#eb9486"),
    (POSTGRES, "#7f6a3a"),
    (PGBENCH, "#212529"),
];

/// `None` when nothing was measured with so many workers.
pub(crate) fn svg(grid: &Grid) -> Option<String> {
    let panels = [
        (Side::Async, false, "async, 16 tasks"),
        (Side::Async, true, "async, 16 tasks, 1 ms away"),
        (Side::Sync, false, "sync, 16 threads"),
        (Side::Sync, true, "sync, 16 threads, 1 ms away"),
    ];
    let panels = panels.map(|(side, delayed, head)| panel(grid, side, delayed, head));
    if panels.iter().all(|panel| panel.bars == 0) {
        return None;
    }
    // Two in a row.
    let top = panels[0].height.max(panels[1].height);
    let legend_top = top + panels[2].height.max(panels[3].height) + 12;
    let height = legend_top + COLOR_LINES * LEGEND_LINE + 12;
    let width = 2 * PANEL_WIDTH;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <title>Throughput with {WORKERS} workers; the session layer is 1</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (index, panel) in (0..).zip(&panels) {
        let (x, y) = (index % 2 * PANEL_WIDTH, index / 2 * top);
        let _ = write!(
            svg,
            "<g transform=\"translate({x} {y})\">\n{}</g>\n",
            panel.svg
        );
    }
    let colors = COLORS.iter().filter(|(name, _)| is_shown(grid, name));
    for (index, (name, color)) in (0..).zip(colors) {
        let x = 10 + index / COLOR_LINES * PANEL_WIDTH;
        let y = legend_top + index % COLOR_LINES * LEGEND_LINE;
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"10\" height=\"10\" fill=\"{color}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            x + 16,
            y + 9,
            title(Side::Async, name).replace('`', ""),
        );
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

/// Whether there is a bar of this contender.
fn is_shown(grid: &Grid, name: &str) -> bool {
    let cells = Operation::ALL.into_iter().flat_map(|operation| {
        [false, true].map(|delayed| Cell {
            operation,
            workers: WORKERS,
            delayed,
        })
    });
    let mut rows = cells.flat_map(|cell| grid.cell(&cell).unwrap_or_default());
    rows.any(|row| row.name == name)
}

struct Panel {
    svg: String,
    height: u32,
    bars: u32,
}

fn panel(grid: &Grid, side: Side, delayed: bool, head: &str) -> Panel {
    let mut svg =
        format!("<text x=\"10\" y=\"20\" font-size=\"13\" font-weight=\"bold\">{head}</text>\n");
    let (mut y, mut bars) = (HEAD, 0);
    for operation in Operation::ALL {
        let cell = Cell {
            operation,
            workers: WORKERS,
            delayed,
        };
        let rows = grid.cell(&cell).unwrap_or_default();
        let rows = rows
            .iter()
            .filter(|row| row.side == side || row.side == Side::Limit);
        let top = y;
        for row in rows {
            let Some(ratio) = grid.ratio(&cell, (row.side, row.name), (side, OURS)) else {
                continue;
            };
            bar(&mut svg, y, row.name, ratio.median());
            y += BAR;
            bars += 1;
        }
        if y == top {
            continue;
        }
        let middle = u32::midpoint(top, y) + 4;
        let _ = writeln!(svg, "<text x=\"10\" y=\"{middle}\">{operation}</text>");
        y += GAP;
    }
    let one = f64::from(LABEL_WIDTH) + unit();
    let _ = writeln!(
        svg,
        "<line x1=\"{one:.1}\" y1=\"{HEAD}\" x2=\"{one:.1}\" y2=\"{}\" stroke=\"#000000\" \
         stroke-dasharray=\"2 3\"/>",
        y - GAP,
    );
    Panel {
        svg,
        height: y,
        bars,
    }
}

fn bar(svg: &mut String, y: u32, name: &str, value: f64) {
    let color = COLORS.iter().find(|(of, _)| *of == name);
    let color = color.map_or("#000000", |(_, color)| color);
    let width = value.min(LONGEST) * unit();
    let _ = writeln!(
        svg,
        "<rect x=\"{LABEL_WIDTH}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{color}\"/>\
         <text x=\"{:.1}\" y=\"{}\" font-size=\"8\">{value:.2}</text>",
        BAR - 1,
        f64::from(LABEL_WIDTH) + width + 3.0,
        y + BAR - 2,
    );
}

/// How long a bar of 1 is.
fn unit() -> f64 {
    f64::from(PANEL_WIDTH - LABEL_WIDTH - 30) / LONGEST
}
