//! Tables as Markdown, which TensorBoard's Text tab shows.

use std::fmt::Write;

use tracker_core::{
    Result,
    read::{MediaTable, TableCell},
};

/// The most rows and columns that are written. TensorBoard shows no more than a few, and refuses long texts.
pub(crate) const MOST_ROWS: usize = 200;
pub(crate) const MOST_COLUMNS: usize = 32;

/// The longest text of a cell, in bytes.
const LONGEST: usize = 200;

/// A table that grows row by row.
#[derive(Debug)]
pub(crate) struct Markdown(String);

impl Markdown {
    pub(crate) fn new<'a>(columns: impl Iterator<Item = &'a str>) -> Self {
        let mut text = String::from("|");
        let mut rule = String::from("\n|");
        for column in columns {
            text.push_str(&escaped(column));
            text.push('|');
            rule.push_str("---|");
        }
        Self(text + &rule)
    }

    pub(crate) fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.0.push_str("\n|");
        for cell in cells {
            self.0.push_str(&escaped(cell.as_ref()));
            self.0.push('|');
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// A stored table, as far as there is room for it.
pub(crate) fn markdown(table: &MediaTable) -> Result<String> {
    let shown: Vec<&str> =
        table.columns().iter().take(MOST_COLUMNS).map(|(name, _)| &**name).collect();
    let mut columns = Vec::with_capacity(shown.len());
    for column in 0..shown.len() {
        columns.push(table.column(column, 0..MOST_ROWS)?.into_iter());
    }
    let mut text = Markdown::new(shown.into_iter());
    for _ in 0..table.rows().min(MOST_ROWS) {
        text.row(
            columns.iter_mut().map(|column| column.next().map(shown_cell).unwrap_or_default()),
        );
    }
    Ok(text.into_text())
}

fn shown_cell(cell: TableCell) -> String {
    match cell {
        TableCell::Number(number) => number.to_string(),
        TableCell::Text(text) => text,
        TableCell::Bool(is) => is.to_string(),
        TableCell::Image(_) => "(picture)".to_owned(),
        _ => String::new(),
    }
}

/// A text that stays in its cell.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().chars() {
        match letter {
            '|' | '\\' | '`' | '*' | '_' | '<' | '[' => {
                let _ = write!(out, "\\{letter}");
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    if text.len() > LONGEST {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_in_its_cell() {
        let mut table = Markdown::new(["a", "b"].into_iter());
        table.row(["1|2", "two\nlines"]);
        assert_eq!(table.into_text(), "|a|b|\n|---|---|\n|1\\|2|two lines|");
    }
}
