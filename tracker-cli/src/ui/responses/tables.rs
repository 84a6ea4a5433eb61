//! Rows of stored tables: sorted, filtered, a page at a time, and of several runs side by side.

use std::{cmp::Ordering, collections::HashMap, ops::Range};

use serde::Deserialize;
use tracker_core::{
    Error,
    read::{MediaItem, MediaTable, RunReader, TableCell},
};

use crate::{
    answers::{
        page::media::{JoinedRow, JoinedTables, TableColumn, TableRows, TableValue},
        value::Value,
    },
    ui::{
        curves::answer::AskedStep,
        failure::{Answer, Failure},
    },
};

/// The most rows of one answer.
pub(crate) const MOST_ROWS: usize = 1_000;

/// The most runs whose tables are put side by side.
const MOST_RUNS: usize = 20;

/// Which rows of a table are wanted.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) from: usize,
    pub(crate) count: usize,
    /// By the name of a column; downwards where it begins with `-`.
    pub(crate) sort: Option<String>,
    /// A part of a text that any cell of a row has, in any case of letters.
    pub(crate) filter: Option<String>,
}

/// What `/runs/ID/tables/HASH` answers.
pub(crate) fn rows(run: &RunReader, hash: &str, wanted: &Wanted) -> Answer<TableRows> {
    let table = open(run, hash)?;
    let all = table.rows();
    let numbers = chosen(&table, wanted)?;
    let matching = numbers.as_ref().map_or(all, Vec::len);
    let end = wanted.from.saturating_add(wanted.count).min(matching);
    let range = wanted.from.min(end)..end;
    let rows = match &numbers {
        None => in_order(&table, range)?,
        Some(numbers) => picked(&table, numbers.get(range).unwrap_or_default())?,
    };
    Ok(TableRows {
        columns: columns(&table),
        key: table.key().and_then(|key| table.columns().get(key)).map(|(name, _)| name.clone()),
        of: all as u64,
        matching: matching as u64,
        from: wanted.from as u64,
        rows,
    })
}

fn open(run: &RunReader, hash: &str) -> Answer<MediaTable> {
    let contents = run.media_file(hash).map_err(|error| match error {
        Error::InvalidName { .. } => Failure::bad_request("a table is asked for by its SHA-256"),
        _ => Failure::not_found("there is no such table that can be read"),
    })?;
    Ok(MediaTable::open(contents)?)
}

fn columns(table: &MediaTable) -> Vec<TableColumn> {
    let column = |(name, kind): &(String, _)| TableColumn { name: name.clone(), kind: *kind };
    table.columns().iter().map(column).collect()
}

/// The numbers of the rows that are let through, in their order; `None` for all as they stand.
fn chosen(table: &MediaTable, wanted: &Wanted) -> Answer<Option<Vec<usize>>> {
    let filter = wanted.filter.as_deref().filter(|filter| !filter.is_empty());
    if filter.is_none() && wanted.sort.is_none() {
        return Ok(None);
    }
    let mut numbers: Vec<usize> = match filter {
        None => (0..table.rows()).collect(),
        Some(filter) => let_through(table, &filter.to_lowercase())?,
    };
    if let Some(sort) = &wanted.sort {
        let (name, is_down) = match sort.strip_prefix('-') {
            Some(name) if !has_column(table, sort) => (name, true),
            _ => (sort.as_str(), false),
        };
        let cells = table.column(column(table, name)?, 0..table.rows())?;
        let null = TableCell::Null;
        let cell = |number: &usize| cells.get(*number).unwrap_or(&null);
        numbers.sort_by(|one, other| {
            let (one, other) = (cell(one), cell(other));
            // Nothing comes last, whichever way.
            match (is_nothing(one), is_nothing(other)) {
                (false, false) if is_down => order(other, one),
                (false, false) => order(one, other),
                (one, other) => one.cmp(&other),
            }
        });
    }
    Ok(Some(numbers))
}

fn has_column(table: &MediaTable, name: &str) -> bool {
    table.columns().iter().any(|(known, _)| known == name)
}

fn column(table: &MediaTable, name: &str) -> Answer<usize> {
    let found = table.columns().iter().position(|(known, _)| known == name);
    found.ok_or_else(|| Failure::bad_request(format!("the table has no column `{name:.40}`")))
}

fn let_through(table: &MediaTable, filter: &str) -> Answer<Vec<usize>> {
    let mut is_through = vec![false; table.rows()];
    for column in 0..table.columns().len() {
        let cells = table.column(column, 0..table.rows())?;
        for (is_through, cell) in is_through.iter_mut().zip(&cells) {
            *is_through = *is_through || text(cell).to_lowercase().contains(filter);
        }
    }
    Ok((0..table.rows()).filter(|number| is_through.get(*number) == Some(&true)).collect())
}

fn text(cell: &TableCell) -> String {
    match cell {
        TableCell::Text(text) => text.clone(),
        TableCell::Number(number) => number.to_string(),
        TableCell::Bool(is) => is.to_string(),
        _ => String::new(),
    }
}

fn is_nothing(cell: &TableCell) -> bool {
    matches!(cell, TableCell::Null) || matches!(cell, TableCell::Number(number) if number.is_nan())
}

fn order(one: &TableCell, other: &TableCell) -> Ordering {
    match (one, other) {
        (TableCell::Number(one), TableCell::Number(other)) => one.total_cmp(other),
        (TableCell::Text(one), TableCell::Text(other)) => one.cmp(other),
        (TableCell::Bool(one), TableCell::Bool(other)) => one.cmp(other),
        (TableCell::Image(one), TableCell::Image(other)) => one.cmp(other),
        // A column holds one of them.
        _ => Ordering::Equal,
    }
}

fn in_order(table: &MediaTable, range: Range<usize>) -> Answer<Vec<Vec<TableValue>>> {
    let mut rows: Vec<Vec<TableValue>> = vec![Vec::new(); range.len()];
    for column in 0..table.columns().len() {
        let cells = table.column(column, range.clone())?;
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(value(cell));
        }
    }
    Ok(rows)
}

/// Rows that stand anywhere.
fn picked(table: &MediaTable, numbers: &[usize]) -> Answer<Vec<Vec<TableValue>>> {
    let mut rows: Vec<Vec<TableValue>> = vec![Vec::new(); numbers.len()];
    for column in 0..table.columns().len() {
        let cells = table.cells(column, numbers)?;
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(value(cell));
        }
    }
    Ok(rows)
}

fn value(cell: TableCell) -> TableValue {
    match cell {
        TableCell::Number(number) => TableValue::Number(Value(number)),
        TableCell::Text(text) => TableValue::Text(text),
        TableCell::Bool(is) => TableValue::Bool(is),
        TableCell::Image(hash) => TableValue::Image { sha256: hash.to_string() },
        _ => TableValue::Null,
    }
}

/// Which tables are put side by side.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinAsked {
    pub(crate) runs: Vec<String>,
    name: String,
    /// The last step of each run, if none is named.
    #[serde(default)]
    step: Option<AskedStep>,
    /// The tables' own, if none is named.
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    from: usize,
    #[serde(default = "hundred")]
    count: usize,
}

fn hundred() -> usize {
    100
}

/// What `/tables/join` answers.
pub(crate) fn join(runs: &[RunReader], asked: &JoinAsked) -> Answer<JoinedTables> {
    if runs.is_empty() || runs.len() > MOST_RUNS {
        return Err(Failure::bad_request(format!("`runs` are 1 to {MOST_RUNS}")));
    }
    if asked.count > MOST_ROWS {
        return Err(Failure::bad_request(format!("`count` is at most {MOST_ROWS}")));
    }
    let tables: Vec<Option<MediaTable>> =
        runs.iter().map(|run| table_of(run, asked)).collect::<Answer<_>>()?;
    let own_key = |table: &MediaTable| {
        table.key().and_then(|key| table.columns().get(key)).map(|(name, _)| name.clone())
    };
    let key = asked.key.clone().or_else(|| tables.iter().flatten().find_map(own_key));
    let Some(key) = key else {
        return Err(Failure::bad_request("the tables have no key; name a column as `key`"));
    };
    let mut keys: Vec<TableCell> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows_of: Vec<HashMap<usize, usize>> = Vec::with_capacity(tables.len());
    for table in &tables {
        let mut rows = HashMap::new();
        if let Some(table) = table.as_ref().filter(|table| has_column(table, &key)) {
            let cells = table.column(column(table, &key)?, 0..table.rows())?;
            for (number, cell) in
                cells.into_iter().enumerate().filter(|(_, cell)| !is_nothing(cell))
            {
                let place = *places.entry(text(&cell)).or_insert_with(|| {
                    keys.push(cell);
                    keys.len() - 1
                });
                rows.entry(place).or_insert(number);
            }
        }
        rows_of.push(rows);
    }
    let end = asked.from.saturating_add(asked.count).min(keys.len());
    let range = asked.from.min(end)..end;
    let mut sides: Vec<Vec<Option<Vec<TableValue>>>> = Vec::new();
    for (table, rows) in tables.iter().zip(&rows_of) {
        sides.push(side(table.as_ref(), rows, range.clone())?);
    }
    let row = |index: usize| JoinedRow {
        key: keys.get(range.start + index).cloned().map_or(TableValue::Null, value),
        cells: sides.iter_mut().map(|side| side.get_mut(index).and_then(Option::take)).collect(),
    };
    Ok(JoinedTables {
        columns: tables.iter().map(|table| table.as_ref().map(columns)).collect(),
        of: keys.len() as u64,
        from: asked.from as u64,
        rows: (0..range.len()).map(row).collect(),
        key,
    })
}

/// The rows of one table for some keys.
fn side(
    table: Option<&MediaTable>,
    rows: &HashMap<usize, usize>,
    range: Range<usize>,
) -> Answer<Vec<Option<Vec<TableValue>>>> {
    let numbers: Vec<Option<usize>> = range.map(|place| rows.get(&place).copied()).collect();
    let there: Vec<usize> = numbers.iter().flatten().copied().collect();
    let Some(table) = table else { return Ok(vec![None; numbers.len()]) };
    let mut found = picked(table, &there)?.into_iter();
    Ok(numbers.into_iter().map(|number| number.and_then(|_| found.next())).collect())
}

/// The first table of this name at the step.
fn table_of(run: &RunReader, asked: &JoinAsked) -> Answer<Option<MediaTable>> {
    let rows = match asked.step.map(|step| step.0) {
        Some(step) => run.media_at(&asked.name, step)?,
        None => run.media(&asked.name)?.pop().into_iter().collect(),
    };
    let tables = rows.iter().flat_map(|row| &row.items);
    let is_table = |item: &&MediaItem| matches!(item, MediaItem::Table { .. });
    let file = tables.filter(is_table).find_map(MediaItem::file);
    file.map(|file| open(run, file.sha256.as_str())).transpose()
}
