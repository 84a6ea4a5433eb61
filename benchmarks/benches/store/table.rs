//! Tables for the terminal.

/// Rows of text under a title, printed once all are known.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>, columns: &[&str]) -> Self {
        let head = columns.iter().map(|&column| column.to_owned()).collect();
        Self { title: title.into(), rows: vec![head] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn print(&self) {
        println!("\n{}", self.title);
        let widths: Vec<usize> = (0..self.rows[0].len()).map(|column| self.width(column)).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).enumerate();
            let line: Vec<String> =
                cells.map(|(column, (cell, width))| pad(column, cell, *width)).collect();
            println!("  {}", line.join("  ").trim_end());
        }
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

/// Names to the left, figures to the right.
fn pad(column: usize, cell: &str, width: usize) -> String {
    if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
}

/// A goal that `value` must not exceed, and whether it does.
pub(crate) fn at_most(value: f64, limit: f64, unit: &str) -> String {
    verdict(value <= limit, "≤", limit, unit)
}

/// A goal that `value` must reach, and whether it does.
pub(crate) fn at_least(value: f64, limit: f64, unit: &str) -> String {
    verdict(value >= limit, "≥", limit, unit)
}

fn verdict(met: bool, sign: &str, limit: f64, unit: &str) -> String {
    let verdict = if met { "met" } else { "MISSED" };
    format!("{sign} {limit}{unit}: {verdict}")
}
