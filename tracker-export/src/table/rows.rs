//! The rows of a table, one at a time, whatever its form.

use std::{
    cell::Cell,
    collections::HashMap,
    io::{BufRead, Read},
    path::Path,
    rc::Rc,
};

use csv::ByteRecord;
use serde_json::{Map, Value};

use super::{
    field::Field,
    input::{Input, Limited, MOST_BYTES},
};
use crate::{Error, Result, failed::failed};

/// More columns than a table has. What goes beyond is not read.
const MOST_COLUMNS: usize = 10_000;

/// How deep objects in objects are taken apart.
const DEEPEST: usize = 8;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A row, whose fields can be asked for.
    Row,
    /// A row that cannot be read, and why.
    Bad(String),
    /// Nothing more.
    End,
}

/// Where a row begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    byte: u64,
    line: u64,
}

/// The rows of a file.
pub(super) struct Rows {
    columns: Vec<String>,
    form: Form,
    /// Where reading began in the file; `None` where there are no places.
    base: Option<u64>,
    /// The lines before that.
    before: u64,
    /// Where the row begins, and its line.
    place: Option<Place>,
    line: u64,
    /// Whether the system can read no more.
    is_over: bool,
}

enum Form {
    Csv { reader: csv::Reader<Limited>, left: Rc<Cell<u64>>, record: ByteRecord },
    Json(Json),
}

struct Json {
    reader: Box<dyn BufRead>,
    line: Vec<u8>,
    byte: u64,
    lines: u64,
    index: HashMap<String, usize>,
    cells: Vec<Value>,
}

/// How the fields of a line are told apart.
#[derive(Debug, Clone, Copy)]
struct Csv {
    delimiter: u8,
    has_comments: bool,
}

impl Rows {
    /// Opens a file. The columns of CSV are known at once, those of JSON lines as they come.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut input = Input::open(path, 0)?;
        let hint = "name a CSV file or JSON lines";
        let begin = input.reader.fill_buf().map_err(failed("read", path, hint))?;
        let first = begin.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
        let form = match first {
            Some(b'{') => Form::Json(Json::new(input.reader)),
            Some(b'[') => {
                return Err(Error::Unusable {
                    what: format!("{} is one JSON list", path.display()),
                    hint: "write one object a line: `jq -c '.[]'` does".to_owned(),
                });
            }
            _ => csv(sniff(begin), input.reader, true),
        };
        let mut rows = Self {
            columns: Vec::new(),
            form,
            base: input.base,
            before: 0,
            place: None,
            line: 0,
            is_over: false,
        };
        if let Form::Csv { reader, .. } = &mut rows.form {
            let names = reader.byte_headers().map_err(|error| unusable(path, &error))?;
            let name = |name: &[u8]| String::from_utf8_lossy(name).trim().to_owned();
            rows.columns = names.iter().take(MOST_COLUMNS).map(name).collect();
        }
        Ok(rows)
    }

    /// Opens a file again, at a row of it, if places are known there; else at its beginning. `columns` are first among
    /// the columns, in this order.
    pub(super) fn open_at(path: &Path, place: Option<Place>, columns: &[String]) -> Result<Self> {
        let mut rows = Self::open(path)?;
        if let Some(place) = place {
            let input = Input::open(path, place.byte)?;
            rows.form = match &rows.form {
                Form::Json(_) => Form::Json(Json::new(input.reader)),
                Form::Csv { .. } => {
                    let mut begin = Input::open(path, 0)?;
                    let hint = "name a CSV file or JSON lines";
                    let begin = begin.reader.fill_buf().map_err(failed("read", path, hint))?;
                    csv(sniff(begin), input.reader, false)
                }
            };
            rows.base = input.base;
            rows.before = place.line.saturating_sub(1);
        }
        if let Form::Json(json) = &mut rows.form {
            for column in columns {
                json.column(column, &mut rows.columns);
            }
        }
        Ok(rows)
    }

    /// The names of the columns that were met until now.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The line on which the row begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Where the row begins, for [`open_at`](Self::open_at).
    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }

    /// What stands in a column of the row.
    pub(super) fn field(&self, column: usize) -> Field<'_> {
        match &self.form {
            Form::Csv { record, .. } => {
                let text = record.get(column).and_then(|bytes| std::str::from_utf8(bytes).ok());
                text.map_or(Field::Empty, Field::of_text)
            }
            Form::Json(json) => json.cells.get(column).map_or(Field::Empty, Field::of_json),
        }
    }

    /// Goes to the next row. What the system cannot read, as the end of a packed file that is cut, is one bad row.
    pub(super) fn advance(&mut self) -> Next {
        if self.is_over {
            return Next::End;
        }
        let (byte, line, next) = match &mut self.form {
            Form::Json(json) => {
                let (byte, line) = (json.byte, json.lines + 1);
                let next = json.advance(&mut self.columns).unwrap_or_else(|error| {
                    self.is_over = true;
                    Next::Bad(format!("the rest cannot be read: {error}"))
                });
                (byte, line, next)
            }
            Form::Csv { reader, left, record } => {
                left.set(MOST_BYTES);
                let read = reader.read_byte_record(record);
                let at = record.position().cloned().unwrap_or_else(|| reader.position().clone());
                let next = match read {
                    Ok(true) => Self::checked(record, self.columns.len()),
                    Ok(false) => Next::End,
                    Err(error) => {
                        self.is_over = !is_limit(&error);
                        Next::Bad(error.to_string())
                    }
                };
                (at.byte(), at.line(), next)
            }
        };
        self.line = self.before + line;
        self.place = self.base.map(|base| Place { byte: base + byte, line: self.line });
        next
    }

    fn checked(record: &ByteRecord, columns: usize) -> Next {
        if record.len() != columns && columns < MOST_COLUMNS {
            return Next::Bad(format!("it has {} fields, not {columns}", record.len()));
        }
        if record.iter().any(|field| std::str::from_utf8(field).is_err()) {
            return Next::Bad("it is no UTF-8".to_owned());
        }
        Next::Row
    }
}

/// Whether reading goes on after an error: the rest of a row that is too long is read as rows of its own.
fn is_limit(error: &csv::Error) -> bool {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

fn csv(how: Csv, reader: Box<dyn BufRead>, has_headers: bool) -> Form {
    let (reader, left) = Limited::new(reader);
    let reader = csv::ReaderBuilder::new()
        .delimiter(how.delimiter)
        .comment(how.has_comments.then_some(b'#'))
        .has_headers(has_headers)
        .flexible(true)
        .from_reader(reader);
    Form::Csv { reader, left, record: ByteRecord::new() }
}

/// The delimiter is what the first line has most of.
fn sniff(begin: &[u8]) -> Csv {
    let has_comments = begin.first() == Some(&b'#') && begin.starts_with(b"#{");
    let lines = begin.split(|byte| *byte == b'\n');
    let first = lines
        .filter(|line| !has_comments || line.first() != Some(&b'#'))
        .find(|line| !line.is_empty());
    let count = |delimiter: &u8| first.unwrap_or_default().split(|byte| byte == delimiter).count();
    // Of several as frequent, the last one counts.
    let delimiter = [b'|', b';', b'\t', b','].into_iter().max_by_key(count);
    Csv { delimiter: delimiter.unwrap_or(b','), has_comments }
}

fn unusable(path: &Path, error: &csv::Error) -> Error {
    Error::Unusable {
        what: format!("{} cannot be read: {error}", path.display()),
        hint: "name a CSV file whose first line has the columns' names, or JSON lines".to_owned(),
    }
}

impl Json {
    fn new(reader: Box<dyn BufRead>) -> Self {
        let (line, index, cells) = (Vec::new(), HashMap::new(), Vec::new());
        Self { reader, line, byte: 0, lines: 0, index, cells }
    }

    fn advance(&mut self, columns: &mut Vec<String>) -> std::io::Result<Next> {
        self.cells.iter_mut().for_each(|cell| *cell = Value::Null);
        self.line.clear();
        while self.line.iter().all(u8::is_ascii_whitespace) {
            self.line.clear();
            let read =
                self.reader.by_ref().take(MOST_BYTES).read_until(b'\n', &mut self.line)? as u64;
            if read == 0 {
                return Ok(Next::End);
            }
            self.byte += read;
            self.lines += 1;
            if read == MOST_BYTES && self.line.last() != Some(&b'\n') {
                self.byte += self.reader.skip_until(b'\n')? as u64;
                return Ok(Next::Bad("it is longer than 16 MiB".to_owned()));
            }
        }
        match serde_json::from_slice::<Map<String, Value>>(&self.line) {
            Ok(object) => {
                self.take("", object, 0, columns);
                Ok(Next::Row)
            }
            Err(error) => Ok(Next::Bad(error.to_string())),
        }
    }

    /// Objects in objects become columns such as `train/loss`.
    fn take(
        &mut self,
        within: &str,
        object: Map<String, Value>,
        depth: usize,
        columns: &mut Vec<String>,
    ) {
        for (key, value) in object {
            let name = format!("{within}{key}");
            match value {
                Value::Object(inner) if depth < DEEPEST => {
                    self.take(&format!("{name}/"), inner, depth + 1, columns);
                }
                value => {
                    let column = self.column(&name, columns);
                    if let Some(cell) = column.and_then(|column| self.cells.get_mut(column)) {
                        *cell = value;
                    }
                }
            }
        }
    }

    /// The column of a name, a new one if it is not known. None where there are too many.
    fn column(&mut self, name: &str, columns: &mut Vec<String>) -> Option<usize> {
        if let Some(known) = self.index.get(name) {
            return Some(*known);
        }
        if columns.len() >= MOST_COLUMNS || name.len() > 4_096 {
            return None;
        }
        let column = columns.len();
        columns.push(name.to_owned());
        self.cells.push(Value::Null);
        self.index.insert(name.to_owned(), column);
        Some(column)
    }
}
