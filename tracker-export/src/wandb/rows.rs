//! Rows of history that are still open: W&B keeps one row a step, and takes no step that is less than its last.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    number,
    record::{HistoryRecord, HistoryStep, Item},
};

/// So many steps may be open at a time: several processes are not at the same step at the same moment.
const MOST: usize = 16;

/// The row of one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    step: u64,
    /// Of its first value, in microseconds.
    pub(super) time: i64,
    /// Keys, and values as JSON.
    items: Vec<(String, String)>,
    /// Whether it was there at the last flush already.
    #[serde(default)]
    waited: bool,
    /// Where each key is, once there are many.
    #[serde(skip)]
    places: HashMap<String, usize>,
}

/// Rows of fewer items are looked through from their beginning.
const FEW: usize = 32;

impl Row {
    fn at(step: u64, time: i64) -> Self {
        Self { step, time, items: Vec::new(), waited: false, places: HashMap::new() }
    }

    fn find(&mut self, key: &str) -> Option<&mut String> {
        let at = if self.items.len() < FEW {
            self.items.iter().position(|(known, _)| known == key)
        } else {
            let new = self.items.iter().enumerate().skip(self.places.len());
            self.places.extend(new.map(|(at, (key, _))| (key.clone(), at)));
            self.places.get(key).copied()
        };
        self.items.get_mut(at?).map(|(_, value)| value)
    }
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It is in the row of its step, which has this time.
    There(i64),
    /// It is there in place of one that was logged before it at the same step.
    Instead(i64),
    /// A later step is written already.
    TooLate,
}

/// The rows that are open. They are few and small, and part of the place that a flush answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct OpenRows {
    rows: Vec<Row>,
    /// The last step that is written.
    written: Option<u64>,
}

impl OpenRows {
    /// Puts a value into the row of its step.
    pub(super) fn put(&mut self, step: u64, time: i64, key: &str, json: String) -> Put {
        if self.written.is_some_and(|written| step <= written) {
            return Put::TooLate;
        }
        let found = match self.rows.last() {
            Some(row) if row.step == step => Ok(self.rows.len() - 1),
            _ => self.rows.binary_search_by_key(&step, |row| row.step),
        };
        let at = found.unwrap_or_else(|at| {
            self.rows.insert(at, Row::at(step, time));
            at
        });
        let Some(row) = self.rows.get_mut(at) else { return Put::TooLate };
        row.waited = false;
        if let Some(value) = row.find(key) {
            *value = json;
            return Put::Instead(row.time);
        }
        row.items.push((key.to_owned(), json));
        Put::There(row.time)
    }

    /// The first row, if there are more of them than may be open.
    pub(super) fn overdue(&mut self) -> Option<Row> {
        (self.rows.len() > MOST).then(|| self.first())?
    }

    /// The first row, if nothing was put into it since the last flush and a later one has begun.
    pub(super) fn settled(&mut self) -> Option<Row> {
        let is_settled = self.rows.len() > 1 && self.rows.first().is_some_and(|row| row.waited);
        is_settled.then(|| self.first())?
    }

    /// What is there now has waited for one flush.
    pub(super) fn wait(&mut self) {
        self.rows.iter_mut().for_each(|row| row.waited = true);
    }

    /// The first row.
    pub(super) fn first(&mut self) -> Option<Row> {
        let row = (!self.rows.is_empty()).then(|| self.rows.remove(0))?;
        self.written = Some(row.step);
        Some(row)
    }
}

impl Row {
    /// The row as W&B has it, of a run that started at this time.
    pub(super) fn into_record(self, started: i64) -> HistoryRecord {
        let item = |(key, value)| Item::new(key, value);
        let mut items: Vec<Item> = self.items.into_iter().map(item).collect();
        let runtime = number::seconds(self.time.saturating_sub(started));
        items.push(item(("_step".to_owned(), self.step.to_string())));
        items.push(item(("_runtime".to_owned(), number::text(runtime))));
        items.push(item(("_timestamp".to_owned(), number::text(number::seconds(self.time)))));
        let step = HistoryStep { num: self.step as i64 };
        HistoryRecord { item: items, step: Some(step) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_values_at_one_step_the_last_is_kept() {
        let mut rows = OpenRows::default();
        assert_eq!(rows.put(3, 10, "loss", "1".into()), Put::There(10));
        assert_eq!(rows.put(3, 11, "loss", "2".into()), Put::Instead(10));
        assert_eq!(rows.first().unwrap().items, [("loss".to_owned(), "2".to_owned())]);
        assert_eq!(rows.put(3, 12, "loss", "3".into()), Put::TooLate);
        assert_eq!(rows.put(2, 12, "other", "3".into()), Put::TooLate);
    }

    #[test]
    fn a_row_of_many_keys_keeps_the_last_of_each() {
        let mut rows = OpenRows::default();
        for round in 0..2 {
            for key in 0..20_000 {
                let put = rows.put(0, 0, &key.to_string(), round.to_string());
                assert_eq!(put, if round == 0 { Put::There(0) } else { Put::Instead(0) });
            }
        }
        let row = rows.first().unwrap();
        assert!(row.items.len() == 20_000 && row.items.iter().all(|(_, value)| value == "1"));
    }

    #[test]
    fn steps_that_come_a_little_late_find_their_rows() {
        let mut rows = OpenRows::default();
        for step in [0, 2, 1, 4, 3, 1] {
            assert_eq!(
                rows.put(step, 0, &format!("of {step}"), "1".into()),
                match step {
                    1 if rows.rows.len() == 5 => Put::Instead(0),
                    _ => Put::There(0),
                }
            );
        }
        let steps: Vec<u64> = std::iter::from_fn(|| rows.first()).map(|row| row.step).collect();
        assert_eq!(steps, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_row_is_written_once_a_flush_has_passed_it_by_and_a_later_step_has_begun() {
        let mut rows = OpenRows::default();
        rows.put(0, 0, "a", "1".into());
        rows.wait();
        assert_eq!(rows.settled(), None, "it is the newest");
        rows.put(1, 0, "a", "1".into());
        assert_eq!(rows.settled().map(|row| row.step), Some(0));
        assert_eq!(rows.settled(), None, "nothing has waited");
    }
}
