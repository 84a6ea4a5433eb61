//! JSON lines: one object a line, whose keys are columns.

use std::{
    collections::HashMap,
    io::{BufRead, Read},
};

use serde_json::{Map, Value};

use super::{
    input::MOST_BYTES,
    rows::{MOST_COLUMNS, Next},
};

/// How deep objects in objects are taken apart.
const DEEPEST: usize = 8;

/// Reads objects, and knows which column a key is.
pub(super) struct Json {
    reader: Box<dyn BufRead>,
    line: Vec<u8>,
    /// How many bytes and lines were read.
    pub(super) byte: u64,
    pub(super) lines: u64,
    index: HashMap<String, usize>,
    /// The row's values, by column.
    pub(super) cells: Vec<Value>,
}

impl Json {
    pub(super) fn new(reader: Box<dyn BufRead>) -> Self {
        let (line, index, cells) = (Vec::new(), HashMap::new(), Vec::new());
        Self { reader, line, byte: 0, lines: 0, index, cells }
    }

    /// Goes to the next line with an object.
    pub(super) fn advance(&mut self, columns: &mut Vec<String>) -> std::io::Result<Next> {
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
    pub(super) fn column(&mut self, name: &str, columns: &mut Vec<String>) -> Option<usize> {
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
