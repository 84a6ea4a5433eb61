//! A part as the `parquet` crate sees it: a footer and the columns that tracker reads.

use std::{ops::Range, sync::Arc};

use parquet::{
    errors::{ParquetError, Result},
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData},
        page_index::offset_index::PageLocation,
    },
    schema::types::SchemaDescriptor,
};

use crate::{
    format::{part_footer, part_schema::COLUMNS},
    read::part_file::PartFile,
};

/// The most rows that a part may have. One of ours has no more than a log, 2^20 and what a ring
/// held.
const MAX_ROWS: usize = 1 << 24;

/// A column that tracker reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnName {
    Key,
    Step,
    Time,
    Value,
    Writer,
    Seq,
}

/// An open part and where its columns are.
#[derive(Debug)]
pub(crate) struct PartData {
    pub(crate) file: Arc<PartFile>,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    rows: usize,
    /// In the order of [`ColumnName`].
    columns: Vec<ColumnChunk>,
}

/// One column of a row group.
#[derive(Debug)]
pub(crate) struct ColumnChunk {
    pub(crate) meta: ColumnChunkMetaData,
    /// Where its pages are, if the part says so.
    pub(crate) pages: Option<Vec<PageLocation>>,
}

impl ColumnChunk {
    /// Where the pages are that have some of these rows. None if the part does not say so.
    fn of_rows(&self, rows: &Range<usize>) -> Vec<Range<u64>> {
        let pages = self.pages.as_deref().unwrap_or_default();
        let first_row = |page: &PageLocation| usize::try_from(page.first_row_index).unwrap_or(0);
        let has_some = |(index, page): &(usize, &PageLocation)| {
            let end = pages.get(index + 1).map_or(usize::MAX, first_row);
            first_row(page) < rows.end && end > rows.start
        };
        let place = |(_, page): (usize, &PageLocation)| {
            let start = u64::try_from(page.offset).ok()?;
            Some(start..start.saturating_add(u64::try_from(page.compressed_page_size).ok()?))
        };
        pages.iter().enumerate().filter(has_some).filter_map(place).collect()
    }
}

impl PartData {
    /// Reads a part's footer, and returns the entry `key` of its footer, too.
    pub(crate) fn of(file: PartFile, key: &str) -> Result<(Self, Option<String>)> {
        let metadata = part_footer::read(&file)?;
        let groups = groups(&metadata)?;
        let entries = metadata.file_metadata().key_value_metadata();
        let entry = entries.and_then(|entries| entries.iter().find(|entry| entry.key == key));
        let text = entry.and_then(|entry| entry.value.clone());
        Ok((Self { file: Arc::new(file), groups }, text))
    }

    /// How many row groups there are.
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Says which rows of a row group will be read next, and of which columns.
    pub(crate) fn soon(&self, group: usize, rows: &Range<usize>, columns: &[ColumnName]) {
        self.file.soon(|| {
            let chunks = columns.iter().filter_map(|column| self.column(group, *column).ok());
            chunks.flat_map(|chunk| chunk.of_rows(rows)).collect()
        });
    }

    /// How many rows a row group has; none if there is no such group.
    pub(crate) fn rows(&self, group: usize) -> usize {
        self.groups.get(group).map_or(0, |group| group.rows)
    }

    pub(crate) fn column(&self, group: usize, column: ColumnName) -> Result<&ColumnChunk> {
        let group = self.groups.get(group);
        let found = group.and_then(|group| group.columns.get(column as usize));
        found.ok_or_else(|| ParquetError::General("there is no such row group".into()))
    }
}

fn groups(metadata: &ParquetMetaData) -> Result<Vec<Group>> {
    let places = places(metadata.file_metadata().schema_descr())?;
    let mut left = MAX_ROWS;
    let group = |(number, group): (usize, &parquet::file::metadata::RowGroupMetaData)| {
        let rows = usize::try_from(group.num_rows()).ok().filter(|rows| *rows <= left);
        let rows = rows.ok_or_else(|| {
            ParquetError::General(format!("it claims to have more than {MAX_ROWS} rows"))
        })?;
        left -= rows;
        let index = metadata.page_index_for_row_group(number);
        let column = |place: &usize| ColumnChunk {
            meta: group.column(*place).clone(),
            pages: index.page_locations(*place).cloned(),
        };
        Ok(Group { rows, columns: places.iter().map(column).collect() })
    };
    metadata.row_groups().iter().enumerate().map(group).collect()
}

/// Where each of our columns stands among those of the part.
fn places(schema: &SchemaDescriptor) -> Result<Vec<usize>> {
    let find = |name: &&str| {
        let found = schema.columns().iter().position(|column| column.name() == *name);
        let place =
            found.ok_or_else(|| ParquetError::General(format!("there is no column `{name}`")))?;
        let column = schema.column(place);
        if column.max_def_level() > 0 || column.max_rep_level() > 0 {
            let reason = format!("the column `{name}` may have rows without a value");
            return Err(ParquetError::General(reason));
        }
        Ok(place)
    };
    let [_, columns @ ..] = COLUMNS;
    columns.iter().map(find).collect()
}
