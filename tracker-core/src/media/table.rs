//! A table as a training hands it over: predictions, samples, errors.

use std::{collections::HashSet, sync::Arc};

use crate::{
    Cell, Error, Result,
    error::excerpt,
    media::limits::{MAX_COLUMNS, MAX_ROWS},
};

/// A table of predictions, samples or errors. Cheap to clone: clones share the rows.
///
/// Its rows are looked at on the thread that writes it. A table whose rows do not fit its columns is
/// counted as a problem of the run; [`check`](Self::check) says so at once.
///
/// ```
/// use tracker_core::{Image, Table};
///
/// # fn main() -> tracker_core::Result<()> {
/// let digit = Image::gray8(28, 28, vec![0; 28 * 28])?;
/// let table = Table::new(["id", "image", "guess"])
///     .key("id")
///     .row([7.into(), digit.into(), 1.into()])
///     .row([8.into(), None::<u8>.into(), 8.into()]);
/// table.check()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<String>,
    key: Option<String>,
    rows: Arc<Vec<Vec<Cell>>>,
    bytes: usize,
}

/// What a column of a table holds. Beside that, any place may hold nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnType {
    /// Numbers.
    Number,
    /// Texts, also where some rows have numbers.
    Text,
    /// Yes or no.
    Bool,
    /// Pictures: their hashes.
    Image,
}

impl Table {
    /// A table without rows, whose columns have these names.
    pub fn new<N: Into<String>>(columns: impl IntoIterator<Item = N>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self { columns, key: None, rows: Arc::default(), bytes: 0 }
    }

    /// Says by which column rows of several runs, or of several steps, are the same: no two rows of
    /// a table may have the same in it.
    #[must_use]
    pub fn key(mut self, column: impl Into<String>) -> Self {
        self.key = Some(column.into());
        self
    }

    /// Adds a row, with a cell for each column.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.push(cells);
        self
    }

    /// As [`row`](Self::row), for loops.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Cell>) {
        // One more than may be is enough to know that there are too many.
        if self.rows.len() > MAX_ROWS {
            return;
        }
        let row: Vec<Cell> = cells.into_iter().take(MAX_COLUMNS + 1).collect();
        self.bytes += row.iter().map(Cell::bytes).sum::<usize>();
        Arc::make_mut(&mut self.rows).push(row);
    }

    /// The names of its columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Its rows.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// The column by which rows are the same, if one was named.
    pub fn key_column(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// About how many bytes it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it can be kept.
    ///
    /// # Errors
    /// If there are no columns or more than 256, two have the same name, a row has more or fewer cells
    /// than there are columns, a column has pictures and something else, the key is no column or the
    /// same in two rows, or there are more than 200,000 rows.
    pub fn check(&self) -> Result<()> {
        self.check_columns()?;
        if self.rows.len() > MAX_ROWS {
            return refused(format!("it has more than {MAX_ROWS} rows"), "log some of them");
        }
        let width = self.columns.len();
        if let Some(at) = self.rows.iter().position(|row| row.len() != width) {
            let found = self.rows.get(at).map_or(0, Vec::len);
            return refused(
                format!("row {at} has {found} cells, and there are {width} columns"),
                "give each row a cell for each column, `Cell::Null` where there is nothing",
            );
        }
        for column in 0..width {
            self.column_type(column)?;
        }
        self.check_key()
    }

    fn check_columns(&self) -> Result<()> {
        let count = self.columns.len();
        if count == 0 || count > MAX_COLUMNS {
            return refused(
                format!("it has {count} columns"),
                &format!("a table has 1 to {MAX_COLUMNS} columns"),
            );
        }
        let mut seen = HashSet::new();
        match self.columns.iter().find(|name| !seen.insert(*name)) {
            Some(name) => refused(
                format!("two columns have the name `{}`", excerpt(name)),
                "give each column a name of its own",
            ),
            None => Ok(()),
        }
    }

    /// What a column holds: numbers where it holds nothing at all.
    ///
    /// # Errors
    /// If it holds pictures and something else.
    pub(crate) fn column_type(&self, column: usize) -> Result<ColumnType> {
        let mut known = None;
        for cell in self.rows.iter().filter_map(|row| row.get(column)) {
            let found = match cell {
                Cell::Null => continue,
                Cell::Number(_) => ColumnType::Number,
                Cell::Text(_) => ColumnType::Text,
                Cell::Bool(_) => ColumnType::Bool,
                Cell::Image(_) => ColumnType::Image,
            };
            known = match known {
                None => Some(found),
                Some(before) if before == found => Some(found),
                Some(before) if before == ColumnType::Image || found == ColumnType::Image => {
                    let name = self.columns.get(column).map(String::as_str).unwrap_or_default();
                    return refused(
                        format!("column `{}` has pictures and something else", excerpt(name)),
                        "give pictures a column of their own",
                    );
                }
                Some(_) => Some(ColumnType::Text),
            };
        }
        Ok(known.unwrap_or(ColumnType::Number))
    }

    fn check_key(&self) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let hint = "name a column whose cells are all different, such as the sample's number";
        let Some(column) = self.columns.iter().position(|name| name == key) else {
            return refused(format!("the key `{}` is none of its columns", excerpt(key)), hint);
        };
        let mut seen = HashSet::with_capacity(self.rows.len());
        for (at, row) in self.rows.iter().enumerate() {
            let Some(text) = row.get(column).and_then(key_text) else {
                return refused(format!("row {at} has no key"), hint);
            };
            if !seen.insert(text) {
                return refused(format!("row {at} has a key that another one has"), hint);
            }
        }
        Ok(())
    }
}

/// What a cell is as a key; `None` if it can be none.
fn key_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Number(number) if !number.is_nan() => Some(number.to_string()),
        Cell::Text(text) => Some(text.clone()),
        Cell::Bool(is) => Some(is.to_string()),
        Cell::Null | Cell::Number(_) | Cell::Image(_) => None,
    }
}

fn refused<T>(reason: String, hint: &str) -> Result<T> {
    Err(Error::Media { what: "table", reason, hint: hint.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Image;

    fn image() -> Cell {
        Image::gray8(1, 1, vec![0]).unwrap().into()
    }

    #[test]
    fn a_table_whose_rows_fit_is_one() {
        let table = Table::new(["id", "image", "good"])
            .key("id")
            .row([1.into(), image(), true.into()])
            .row(["b".into(), Cell::Null, Cell::Null]);
        table.check().unwrap();
        let types: Vec<_> = (0..3).map(|column| table.column_type(column).unwrap()).collect();
        assert_eq!(types, [ColumnType::Text, ColumnType::Image, ColumnType::Bool]);
    }

    #[test]
    fn what_does_not_fit_is_told_with_a_way_out() {
        let two = || Table::new(["a", "b"]);
        let none: [&str; 0] = [];
        for (table, reason) in [
            (Table::new(none), "0 columns"),
            (Table::new((0..300).map(|n| n.to_string())), "300 columns"),
            (Table::new(["a", "a"]), "two columns"),
            (two().row([1.into()]), "row 0 has 1 cells"),
            (two().row([1.into(), 2.into(), 3.into()]), "row 0 has 3 cells"),
            (two().row([1.into(), image()]).row([1.into(), 2.into()]), "pictures and"),
            (two().key("c"), "none of its columns"),
            (two().key("a").row([Cell::Null, 1.into()]), "row 0 has no key"),
            (two().key("a").row([f64::NAN.into(), 1.into()]), "row 0 has no key"),
            (two().key("a").row([1.into(), 1.into()]).row([1.into(), 2.into()]), "row 1 has a key"),
        ] {
            let error = table.check().unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("hint: "), "{error}");
        }
    }

    #[test]
    fn a_table_of_too_many_rows_is_refused_and_takes_no_more() {
        let mut table = Table::new(["a"]);
        (0..MAX_ROWS + 10).for_each(|row| table.push([row.into()]));
        assert_eq!(table.rows().len(), MAX_ROWS + 1);
        assert!(table.check().unwrap_err().to_string().contains("200000 rows"));
    }
}
