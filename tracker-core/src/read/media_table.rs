//! Tables as they are stored.

use std::{ops::Range, sync::Arc};

use parquet::{
    column::reader::ColumnReaderImpl,
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType},
    errors::{ParquetError, Result},
    file::{metadata::ParquetMetaData, serialized_reader::SerializedPageReader},
};

use crate::{
    ColumnType,
    format::{
        media_item::MediaHash,
        part_footer::{self, unless_it_panics},
        table_footer::{Footer, TABLE_KEY},
    },
    media::limits::{MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS},
    read::{MediaContents, page_bytes::PageBytes, part_file::PartFile},
};

/// The most bytes of texts that are decoded of one column: a file may claim any number of them.
const MAX_TEXTS: usize = 256 << 20;

/// A table of a run's media. Opening it reads where its columns are; they are decoded when asked for.
///
/// ```no_run
/// use tracker_core::read::{MediaTable, Store, TableCell};
///
/// # fn main() -> Result<(), tracker_core::Error> {
/// let run = Store::discover()?.find("@latest")?;
/// let last = run.media("predictions")?.pop().and_then(|row| row.items.into_iter().next());
/// if let Some(file) = last.as_ref().and_then(|item| item.file()) {
///     let table = MediaTable::open(run.media_file(file.sha256.as_str())?)?;
///     let guesses: Vec<TableCell> = table.column(2, 0..10)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MediaTable {
    file: Arc<PartFile>,
    metadata: ParquetMetaData,
    footer: Footer,
    rows: usize,
}

/// What stands in one place of a stored table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TableCell {
    /// Nothing.
    Null,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A picture, by its hash.
    Image(MediaHash),
}

impl MediaTable {
    /// Opens a table's file.
    ///
    /// # Errors
    /// If it is no table, or damaged.
    pub fn open(contents: MediaContents) -> crate::Result<Self> {
        let MediaContents { file, bytes, .. } = contents;
        Self::of(PartFile::of(Arc::new(file), bytes)).map_err(|error| damaged(&error))
    }

    fn of(file: PartFile) -> Result<Self> {
        let refused = |reason: &str| Err(ParquetError::General(reason.to_owned()));
        let file = Arc::new(file);
        if parquet::file::reader::Length::len(&*file) > MAX_FILE_BYTES {
            return refused("it is larger than any table");
        }
        let metadata = part_footer::read(&*file)?;
        let entries = metadata.file_metadata().key_value_metadata();
        let entry = entries.and_then(|entries| entries.iter().find(|entry| entry.key == TABLE_KEY));
        let footer = entry.and_then(|entry| entry.value.as_deref());
        let Some(footer) =
            footer.and_then(|text| serde_json::from_slice::<Footer>(text.as_bytes()).ok())
        else {
            return refused("it does not say what its columns are");
        };
        let schema = metadata.file_metadata().schema_descr();
        let is_flat = schema
            .columns()
            .iter()
            .all(|column| column.max_def_level() == 1 && column.max_rep_level() == 0);
        if footer.columns.len() != schema.num_columns()
            || footer.columns.len() > MAX_COLUMNS
            || !is_flat
        {
            return refused("its columns are not those that it says");
        }
        let groups = metadata.row_groups().iter();
        let rows = groups.map(|group| usize::try_from(group.num_rows()).unwrap_or(usize::MAX));
        let rows = rows.fold(0, usize::saturating_add);
        if rows > MAX_ROWS {
            return refused("it claims to have more rows than any table");
        }
        Ok(Self { file, metadata, footer, rows })
    }

    /// Each column's name and what it holds, in their order.
    pub fn columns(&self) -> &[(String, ColumnType)] {
        &self.footer.columns
    }

    /// The column by which rows of several tables are the same, if one was named.
    pub fn key(&self) -> Option<usize> {
        let key = self.footer.key.as_ref()?;
        self.footer.columns.iter().position(|(name, _)| name == key)
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Some rows of a column, counted from 0; fewer where there are no more.
    ///
    /// # Errors
    /// If there is no such column, or it is damaged.
    pub fn column(&self, column: usize, rows: Range<usize>) -> crate::Result<Vec<TableCell>> {
        unless_it_panics(|| self.decode(column, &[rows])).map_err(|error| damaged(&error))
    }

    /// Some rows of a column, in any order, none twice. Costs little more than those rows, where they
    /// are few: what is between them is passed over.
    ///
    /// # Errors
    /// If there is no such column or row, or it is damaged.
    pub fn cells(&self, column: usize, rows: &[usize]) -> crate::Result<Vec<TableCell>> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_unstable_by_key(|place| rows.get(*place));
        let sorted = order.iter().filter_map(|place| rows.get(*place)).copied();
        let ranges: Vec<Range<usize>> = sorted.map(|row| row..row.saturating_add(1)).collect();
        let read = unless_it_panics(|| self.decode(column, &ranges));
        let read = read.map_err(|error| damaged(&error))?;
        if read.len() != rows.len() {
            let missing = ParquetError::General("there is no such row".into());
            return Err(damaged(&missing));
        }
        let mut cells = vec![TableCell::Null; rows.len()];
        for (place, cell) in order.into_iter().zip(read) {
            if let Some(wanted) = cells.get_mut(place) {
                *wanted = cell;
            }
        }
        Ok(cells)
    }

    /// The cells of a column in ranges of rows, which are in order and do not overlap.
    fn decode(&self, column: usize, wanted: &[Range<usize>]) -> Result<Vec<TableCell>> {
        let kind = self.footer.columns.get(column).map(|(_, kind)| *kind);
        let kind = kind.ok_or_else(|| ParquetError::General("there is no such column".into()))?;
        let count = wanted.iter().map(Range::len).fold(0, usize::saturating_add);
        let mut cells = Vec::with_capacity(count.min(self.rows));
        let mut texts = 0;
        let mut begin = 0;
        for (group, meta) in self.metadata.row_groups().iter().enumerate() {
            let count = usize::try_from(meta.num_rows()).unwrap_or_default();
            let within = |range: &Range<usize>| {
                let (first, end) = (range.start.max(begin), range.end.min(begin + count));
                (first < end).then(|| first - begin..end - begin)
            };
            let rows: Vec<Range<usize>> = wanted.iter().filter_map(within).collect();
            if !rows.is_empty() {
                let rows = rows.as_slice();
                match kind {
                    ColumnType::Number => {
                        self.read::<DoubleType>((group, column), rows, &mut |cell| {
                            cells.push(cell.map_or(TableCell::Null, TableCell::Number));
                            Ok(())
                        })?;
                    }
                    ColumnType::Bool => {
                        self.read::<BoolType>((group, column), rows, &mut |cell| {
                            cells.push(cell.map_or(TableCell::Null, TableCell::Bool));
                            Ok(())
                        })?;
                    }
                    ColumnType::Text | ColumnType::Image => {
                        self.read::<ByteArrayType>((group, column), rows, &mut |cell| {
                            texts += cell.as_ref().map_or(0, ByteArray::len);
                            if texts > MAX_TEXTS {
                                let reason = "its texts are longer than those of any table";
                                return Err(ParquetError::General(reason.into()));
                            }
                            cells.push(cell.map_or(TableCell::Null, |text| cell_of(kind, &text)));
                            Ok(())
                        })?;
                    }
                }
            }
            begin += count;
        }
        Ok(cells)
    }

    /// Gives ranges of rows of a column in a row group to `each`.
    fn read<T: DataType>(
        &self,
        (group, column): (usize, usize),
        rows: &[Range<usize>],
        each: &mut dyn FnMut(Option<T::T>) -> Result<()>,
    ) -> Result<()> {
        /// So many rows at a time, that what is decoded is little.
        const CHUNK: usize = 1_024;
        let meta = self.metadata.row_group(group).column(column);
        let descriptor = meta.column_descr_ptr();
        if descriptor.physical_type() != T::get_physical_type() {
            return Err(ParquetError::General("a column is of another type".into()));
        }
        let all = usize::try_from(self.metadata.row_group(group).num_rows()).unwrap_or_default();
        let index = self.metadata.page_index_for_row_group(group);
        let pages = index.page_locations(column).cloned();
        let file = PageBytes { file: Arc::clone(&self.file), are_located: pages.is_some() };
        let pages = SerializedPageReader::new(Arc::new(file), meta, all, pages)?;
        let mut reader = ColumnReaderImpl::<T>::new(descriptor, Box::new(pages));
        let too_short = || ParquetError::EOF("a column has fewer rows than its group".into());
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut at = 0;
        for range in rows {
            let skipped = range.start.saturating_sub(at);
            if skipped > 0 && reader.skip_records(skipped)? < skipped {
                return Err(too_short());
            }
            let mut left = range.len();
            while left > 0 {
                values.clear();
                levels.clear();
                let wanted = left.min(CHUNK);
                let (count, ..) =
                    reader.read_records(wanted, Some(&mut levels), None, &mut values)?;
                if count == 0 || count > left {
                    return Err(too_short());
                }
                let mut values = values.drain(..);
                for level in levels.iter().take(count) {
                    each(if *level > 0 { values.next() } else { None })?;
                }
                left -= count;
            }
            at = range.end;
        }
        Ok(())
    }
}

fn cell_of(kind: ColumnType, text: &ByteArray) -> TableCell {
    let text = String::from_utf8_lossy(text.data());
    if kind == ColumnType::Text {
        return TableCell::Text(text.into_owned());
    }
    // A picture whose hash is none is nowhere.
    text.parse().map_or(TableCell::Null, TableCell::Image)
}

fn damaged(error: &ParquetError) -> crate::Error {
    crate::Error::Media {
        what: "table",
        reason: format!("it cannot be read: {error}"),
        hint: "log it again; its file is not what tracker wrote".to_owned(),
    }
}
