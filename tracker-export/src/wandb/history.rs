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
    /// How many items the row before had.
    pub(super) most: usize,
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
        let mut items = Vec::with_capacity(self.most);
        let step = self.items(row, &mut items);
        self.most = items.len();
        let Some(at) = self.place(&items, step, account) else { return Ok(()) };
        let mut parts = parts(&items);
        for item in &items {
            let is_part = !parts.is_empty() && add_part(&mut parts, item);
            if !is_part {
                self.value(at, item, sink, account)?;
            }
        }
        for (name, object) in parts {
            self.object(at, &name, &object, sink, account)?;
        }
        Ok(())
    }

    /// Finds the items of a row, and its step if that stands beside them.
    fn items<'r>(&mut self, row: &'r [u8], items: &mut Vec<ItemRef<'r>>) -> Option<i64> {
        let mut step = None;
        let mut fields = Fields::of(row);
        for (number, field) in &mut fields {
            match (number, field) {
                (1, Field::Bytes(bytes)) => match ItemRef::of(bytes) {
                    Some(item) => items.push(item),
                    None => self.damaged += 1,
                },
                (2, Field::Bytes(bytes)) => step = Some(step_of(bytes)),
                _ => {}
            }
        }
        self.damaged += u64::from(!fields.is_whole());
        step
    }

    /// The step and time of a row, which may stand anywhere in it.
    fn place(
        &mut self,
        items: &[ItemRef<'_>],
        mut step: Option<i64>,
        account: &mut Account,
    ) -> Option<At> {
        let mut time = None;
        for item in items {
            match item.plain_key() {
                Some("_step") => step = step.or(number::of(item.json).map(|step| step as i64)),
                Some("_timestamp") => time = number::of(item.json).and_then(number::micros),
                _ => {}
            }
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
        let key = if let Some(key) = item.plain_key() {
            key
        } else {
            joined = item.name();
            &joined
        };
        if names::is_taken(key) {
            return Ok(());
        }
        if let Some(value) = number::of(item.json) {
            self.points += 1;
            return sink.point(names::back(key), at.step, at.time, value);
        }
        let Ok(value) = serde_json::from_str::<Value>(item.json) else {
            account.leave_out("values", "they are no JSON", 1);
            return Ok(());
        };
        self.other(at, names::back(key), &value, DEPTH, sink, account)
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

/// The objects with a type that are spread over several items, still empty.
fn parts(items: &[ItemRef<'_>]) -> BTreeMap<String, Map<String, Value>> {
    let types =
        items.iter().filter(|item| item.plain_key().is_none() && item.last_label() == "_type");
    types.map(|item| (parent(item), Map::new())).collect()
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
