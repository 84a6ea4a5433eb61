//! JSON lines: one object a line, whose keys are columns.

use std::{
    collections::HashMap,
    fmt,
    io::{BufRead, Read},
};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
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
    row: Cells,
}

impl Json {
    pub(super) fn new(reader: Box<dyn BufRead>) -> Self {
        Self { reader, line: Vec::new(), byte: 0, lines: 0, row: Cells::default() }
    }

    /// Goes to the next line with an object.
    pub(super) fn advance(&mut self, columns: &mut Vec<String>) -> std::io::Result<Next> {
        self.row.cells.iter_mut().for_each(|cell| *cell = Value::Null);
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
        let mut line = serde_json::Deserializer::from_slice(&self.line);
        let object = Object { cells: &mut self.row, columns };
        Ok(match object.deserialize(&mut line).and_then(|()| line.end()) {
            Ok(()) => Next::Row,
            Err(error) => Next::Bad(error.to_string()),
        })
    }

    /// The column of a name, a new one if it is not known. None where there are too many.
    pub(super) fn column(&mut self, name: &str, columns: &mut Vec<String>) -> Option<usize> {
        self.row.column(name, columns)
    }

    /// What stands in a column.
    pub(super) fn cell(&self, column: usize) -> Option<&Value> {
        self.row.cells.get(column)
    }
}

/// The values of a row, and which column a key is.
#[derive(Default)]
struct Cells {
    index: HashMap<String, usize>,
    cells: Vec<Value>,
}

impl Cells {
    fn set(&mut self, column: usize, value: Value) {
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = value;
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
                    if let Some(column) = self.column(&name, columns) {
                        self.set(column, value);
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

/// Takes an object apart into cells as it is read: no key that is known costs a string.
struct Object<'a> {
    cells: &'a mut Cells,
    columns: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key_seed(Key(&self.cells.index))? {
            match (key, map.next_value::<Value>()?) {
                (Known::Column(column), value) if !value.is_object() => {
                    self.cells.set(column, value);
                }
                (Known::Column(column), value) => {
                    let name = self.columns.get(column).cloned().unwrap_or_default();
                    self.cells.take("", Map::from_iter([(name, value)]), 0, self.columns);
                }
                (Known::Not(name), value) => {
                    self.cells.take("", Map::from_iter([(name, value)]), 0, self.columns);
                }
            }
        }
        Ok(())
    }
}

/// What a key is.
enum Known {
    Column(usize),
    Not(String),
}

struct Key<'a>(&'a HashMap<String, usize>);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Known;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Known, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Known;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Known, E> {
        Ok(self
            .0
            .get(key)
            .map_or_else(|| Known::Not(key.to_owned()), |column| Known::Column(*column)))
    }
}
