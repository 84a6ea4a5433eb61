//! Rows of W&B's history, as points and events.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};
use tracker_core::{Event, Step, Timestamp};

use super::{
    names, number, structured,
    walk::{Field, Fields, ItemRef},
};
use crate::{Account, Result, Sink};

/// So deep an object without a type is taken apart.
const DEPTH: usize = 16;

/// What rows are read with.
pub(super) struct Rows<'a> {
    pub(super) files: Option<&'a Path>,
    pub(super) started: i64,
    /// The step of a row that has none.
    pub(super) next: u64,
    pub(super) points: u64,
    pub(super) damaged: u64,
}

/// Where a row is.
#[derive(Debug, Clone, Copy)]
struct At {
    step: Step,
    time: Timestamp,
}

impl Rows<'_> {
    /// Tells of one row.
    pub(super) fn take(
        &mut self,
        row: &[u8],
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        let Some(at) = self.place(row, account) else { return Ok(()) };
        let mut parts: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        if has_parts(row) {
            for item in row_items(row).filter(|item| item.last_label() == "_type") {
                parts.insert(parent(&item), Map::new());
            }
        }
        for item in row_items(row) {
            let is_part = !parts.is_empty() && add_part(&mut parts, &item);
            if !is_part {
                self.value(at, &item, sink, account)?;
            }
        }
        for (name, object) in parts {
            self.object(at, &name, &object, sink, account)?;
        }
        Ok(())
    }

    /// The step and time of a row, which may stand anywhere in it.
    #[inline]
    fn place(&mut self, row: &[u8], account: &mut Account) -> Option<At> {
        let (mut step, mut time) = (None, None);
        let mut fields = Fields::of(row);
        for (field, value) in &mut fields {
            match (field, value) {
                (1, Field::Bytes(bytes)) => {
                    let Some(item) = ItemRef::of(bytes) else {
                        self.damaged += 1;
                        continue;
                    };
                    match item.plain_key() {
                        Some("_step") => {
                            step = step.or(number::of(item.json).map(|step| step as i64))
                        }
                        Some("_timestamp") => time = number::of(item.json).and_then(number::micros),
                        _ => {}
                    }
                }
                (2, Field::Bytes(bytes)) => step = Some(step_of(bytes)),
                _ => {}
            }
        }
        if !fields.is_whole() {
            self.damaged += 1;
        }
        let step = match step.map(u64::try_from) {
            Some(Ok(step)) => step,
            Some(Err(_)) => {
                account.leave_out("rows", "their steps are less than 0", 1);
                return None;
            }
            None => self.next,
        };
        self.next = step.saturating_add(1);
        Some(At { step: Step(step), time: Timestamp(time.unwrap_or(self.started)) })
    }

    #[inline]
    fn value(
        &mut self,
        at: At,
        item: &ItemRef<'_>,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        let joined;
        let key = match item.plain_key() {
            Some(key) => key,
            None => {
                joined = item.name();
                &joined
            }
        };
        if names::is_taken(key) {
            return Ok(());
        }
        if let Some(value) = number::of(item.json) {
            self.points += 1;
            return sink.point(names::back(key), at.step, at.time, value);
        }
        match serde_json::from_str::<Value>(item.json) {
            Ok(value) => self.other(at, names::back(key), &value, DEPTH, sink, account),
            Err(_) => {
                account.leave_out("values", "they are no JSON", 1);
                Ok(())
            }
        }
    }

    /// What is no plain number.
    fn other(
        &mut self,
        at: At,
        name: &str,
        value: &Value,
        depth: usize,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        match value {
            Value::Null => {
                account.leave_out("values", "they are null", 1);
                Ok(())
            }
            Value::Object(object) if object.contains_key("_type") => {
                self.object(at, name, object, sink, account)
            }
            Value::Object(object) if depth > 0 => object.iter().try_for_each(|(key, value)| {
                self.other(at, &format!("{name}.{key}"), value, depth - 1, sink, account)
            }),
            Value::String(text) => put_text(at, name, text.clone(), sink, account),
            Value::Array(_) | Value::Object(_) => {
                put_text(at, name, value.to_string(), sink, account)
            }
            Value::Bool(_) | Value::Number(_) => {
                let value = value.as_f64().or(value.as_bool().map(f64::from)).unwrap_or(f64::NAN);
                self.points += 1;
                sink.point(name, at.step, at.time, value)
            }
        }
    }

    fn object(
        &mut self,
        at: At,
        name: &str,
        object: &Map<String, Value>,
        sink: &mut dyn Sink,
        account: &mut Account,
    ) -> Result<()> {
        match structured::event((name, at.step), object, self.files, account) {
            Some(event) => sink.event(at.time, event),
            None => Ok(()),
        }
    }
}

/// A text at a step.
fn put_text(
    at: At,
    name: &str,
    text: String,
    sink: &mut dyn Sink,
    account: &mut Account,
) -> Result<()> {
    account.keep("texts", 1);
    sink.event(at.time, Event::Text { name: name.to_owned(), step: at.step, text })
}

fn step_of(message: &[u8]) -> i64 {
    let number = Fields::of(message).find_map(|(number, field)| match field {
        Field::Number(value) if number == 1 => Some(value as i64),
        _ => None,
    });
    number.unwrap_or(0)
}

fn row_items(row: &[u8]) -> impl Iterator<Item = ItemRef<'_>> {
    super::walk::items(row, 1)
}

/// Whether objects with a type may be spread over several items. Looks at the bytes alone.
#[inline]
fn has_parts(row: &[u8]) -> bool {
    // The label `_type` as the last one of a nested key.
    const LABEL: &[u8] = b"\x12\x05_type";
    row.windows(LABEL.len()).any(|part| part == LABEL)
}

fn parent(item: &ItemRef<'_>) -> String {
    let mut labels = item.labels();
    labels.pop();
    labels.join(".")
}

/// Adds an item to the object that it is a part of. `false` if it is part of none.
fn add_part(parts: &mut BTreeMap<String, Map<String, Value>>, item: &ItemRef<'_>) -> bool {
    let labels = item.labels();
    for length in 1..labels.len() {
        let (root, rest) = labels.split_at(length);
        if let Some(object) = parts.get_mut(&root.join(".")) {
            let value = serde_json::from_str(item.json).unwrap_or(Value::Null);
            super::head::insert(object, rest, value);
            return true;
        }
    }
    false
}
