//! Events on their way from a log call to the disk.

use parking_lot::Mutex;

use crate::{
    Timestamp,
    format::event_line::{StoredEvent, StoredEventKind},
};

/// How many bytes of events may wait for the disk.
const LIMIT: usize = 8 << 20;

/// Lines that wait to be appended to `events-<writer>.jsonl`.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    lines: Mutex<Vec<u8>>,
}

impl EventQueue {
    /// Takes an event. `false` if it found no place.
    pub(crate) fn push(&self, time: Timestamp, kind: StoredEventKind) -> bool {
        let Ok(line) = serde_json::to_vec(&StoredEvent { time, kind }) else { return false };
        let mut lines = self.lines.lock();
        if lines.len() + line.len() >= LIMIT {
            return false;
        }
        lines.extend_from_slice(&line);
        lines.push(b'\n');
        true
    }

    /// All lines that wait.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.lines.lock())
    }

    /// Gives lines back that could not be written, before those that came meanwhile.
    pub(crate) fn give_back(&self, mut unwritten: Vec<u8>) {
        let mut lines = self.lines.lock();
        unwritten.append(&mut lines);
        *lines = unwritten;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.lock().is_empty()
    }
}
