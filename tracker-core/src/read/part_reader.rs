//! Decodes rows of a part.

use std::{ops::Range, sync::Arc};

use parquet::errors::{ParquetError, Result};

use crate::{
    format::{part_footer::unless_it_panics, part_index::Span},
    read::{
        part::Part,
        part_columns::{CHUNK_ROWS, Points, Scan},
        part_data::ColumnName,
    },
};

/// Reads rows of a part. Those that come after the ones before cost only themselves; to go back
/// costs as much as to begin anew.
pub(crate) struct PartReader {
    part: Arc<Part>,
    /// Whether times are wanted, too.
    timed: bool,
    scan: Option<Scan>,
    points: Points,
}

impl PartReader {
    pub(crate) fn new(part: Arc<Part>, timed: bool) -> Self {
        Self { part, timed, scan: None, points: Points::default() }
    }

    /// Gives some rows of a span, counted within it, to `each`, a chunk at a time.
    pub(crate) fn read(
        &mut self,
        span: &Span,
        rows: Range<usize>,
        mut each: impl FnMut(&Points),
    ) -> Result<()> {
        let rows = span.first_row + rows.start..span.first_row + rows.end;
        let columns = [ColumnName::Step, ColumnName::Seq, ColumnName::Value, ColumnName::Time];
        let columns = columns.get(..if self.timed { 4 } else { 3 }).unwrap_or_default();
        self.part.data().soon(span.group, &rows, columns);
        // Columns that could not be read are not gone on with.
        let known = self.scan.take().filter(|at| at.group == span.group && at.next <= rows.start);
        let scan = unless_it_panics(|| {
            let mut scan = match known {
                Some(scan) => scan,
                None => Scan::open(self.part.data(), span.group, rows.start, self.timed)?,
            };
            scan.skip_to(rows.start)?;
            while scan.next < rows.end {
                scan.read(&mut self.points, CHUNK_ROWS.min(rows.end - scan.next))?;
                if self.points.len() == 0 {
                    return Err(ParquetError::EOF("a row group has fewer rows".into()));
                }
                each(&self.points);
            }
            Ok(scan)
        })?;
        self.scan = Some(scan);
        Ok(())
    }

    /// Whether rows are left that can be read without going back.
    pub(crate) fn can_go_on(&self) -> bool {
        self.scan.as_ref().is_some_and(|scan| scan.next < self.part.data().rows(scan.group))
    }
}

impl std::fmt::Debug for PartReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartReader").field("part", &self.part).finish_non_exhaustive()
    }
}
