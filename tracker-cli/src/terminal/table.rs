//! Tables without lines: aligned columns, two spaces apart.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use crate::terminal::text::{bold, bounded};

/// The space before every line of a table that stands under a title.
const INDENT: &str = "  ";

/// A space at which a cell is not broken. It is printed as a plain space.
pub(crate) const NO_BREAK: char = '\u{a0}';

/// What stands where there is no value. In a config it is not `null`, which is a value.
pub(crate) const MISSING: &str = "–";

/// Where the texts of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// For words.
    Left,
    /// For numbers, under each other.
    Right,
}

/// Names and values under each other.
pub(crate) fn pairs<N: ToString>(rows: impl IntoIterator<Item = (N, String)>, width: u16) -> Grid {
    let mut grid = Grid::new([Align::Left], width);
    for (name, value) in rows {
        grid.row([name.to_string(), value]);
    }
    grid
}

/// A table that fits `width` columns; what is too long is continued on the next line.
#[derive(Debug)]
pub(crate) struct Grid {
    table: Table,
    aligns: Vec<Align>,
    width: u16,
}

impl Grid {
    /// An empty table with columns of these alignments. The last one holds for all that follow.
    pub(crate) fn new(aligns: impl Into<Vec<Align>>, width: u16) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        Self { table, aligns: aligns.into(), width }
    }

    /// Sets the column titles.
    pub(crate) fn header<T: ToString>(&mut self, titles: impl IntoIterator<Item = T>) {
        let cells = self.cells(titles);
        self.table.set_header(cells);
    }

    /// Adds a row.
    pub(crate) fn row<T: ToString>(&mut self, texts: impl IntoIterator<Item = T>) {
        let cells = self.cells(texts);
        self.table.add_row(cells);
    }

    fn cells<T: ToString>(&self, texts: impl IntoIterator<Item = T>) -> Vec<Cell> {
        let align = |index: usize| self.aligns.get(index).or(self.aligns.last());
        let cell = |(index, text): (usize, T)| {
            let alignment = match align(index) {
                Some(Align::Right) => CellAlignment::Right,
                _ => CellAlignment::Left,
            };
            Cell::new(bounded(text.to_string())).set_alignment(alignment)
        };
        texts.into_iter().enumerate().map(cell).collect()
    }

    /// The columns that the table needs to have each row on one line.
    pub(crate) fn natural_width(&self) -> usize {
        let widths = self.table.column_max_content_widths();
        widths.iter().map(|width| usize::from(*width) + 2).sum::<usize>().saturating_sub(2)
    }

    /// The table as lines, flush left.
    pub(crate) fn lines(mut self) -> Vec<String> {
        let last = self.table.column_count().saturating_sub(1);
        for (index, column) in self.table.column_iter_mut().enumerate() {
            column.set_padding((0, if index == last { 0 } else { 2 }));
        }
        self.table.set_width(self.width);
        let plain = |line: String| line.trim_end().replace(NO_BREAK, " ");
        self.table.lines().map(plain).collect()
    }

    /// The table under a title in bold, with an empty line before; nothing if it has no rows.
    pub(crate) fn section(mut self, title: &str) -> String {
        if self.table.is_empty() {
            return String::new();
        }
        self.width = self.width.saturating_sub(2);
        let mut page = format!("\n{}\n", bold(title));
        for line in self.lines() {
            page.push_str(INDENT);
            page.push_str(&line);
            page.push('\n');
        }
        page
    }
}
