//! Events on their way from a log call to the disk.

use parking_lot::Mutex;
use serde::Serialize;

use crate::{
    Timestamp,
    format::event_line::{StoredEvent, StoredEventKind},
    store::ring::Refused,
};

/// How many bytes of events may wait for the disk.
const LIMIT: usize = 8 << 20;

/// Lines that wait to be appended to `events-<writer>.jsonl` or `messages-<writer>.jsonl`, and how many
/// have been.
///
/// Only what the training recorded is counted. What tracker says of itself stands in the report too.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    lines: Lines,
    taken: u64,
    written: u64,
    closed: bool,
}

/// Lines to write, from the first one that waits.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) bytes: Vec<u8>,
    /// For each line, how many events it counts for: none if it is tracker's own.
    counts: Vec<u64>,
}

impl EventQueue {
    /// Takes an event.
    pub(crate) fn push(&self, time: Timestamp, kind: StoredEventKind) -> Result<(), Refused> {
        self.add(&StoredEvent { time, kind }, 1, false).map(drop)
    }

    /// Takes an event that was logged before, also after the end: who logged it was told that it is
    /// taken.
    pub(crate) fn push_earlier(
        &self,
        time: Timestamp,
        kind: StoredEventKind,
    ) -> Result<(), Refused> {
        self.add(&StoredEvent { time, kind }, 1, true).map(drop)
    }

    /// Takes a line of another kind. Says how long it is.
    pub(crate) fn push_line(&self, line: &impl Serialize) -> Result<usize, Refused> {
        self.add(line, 1, false)
    }

    /// Takes a message of tracker's own, if there is a place for it.
    pub(crate) fn note(&self, time: Timestamp, kind: StoredEventKind) {
        let _ = self.add(&StoredEvent { time, kind }, 0, true);
    }

    fn add(&self, line: &impl Serialize, count: u64, is_late: bool) -> Result<usize, Refused> {
        let line = serde_json::to_vec(line);
        let line = line.map_err(|_| Refused::Full)?;
        let mut queue = self.queue.lock();
        if queue.closed && !is_late {
            return Err(Refused::Closed);
        }
        if queue.lines.bytes.len() + line.len() >= LIMIT {
            return Err(Refused::Full);
        }
        queue.lines.bytes.extend_from_slice(&line);
        queue.lines.bytes.push(b'\n');
        queue.lines.counts.push(count);
        queue.taken += count;
        Ok(line.len() + 1)
    }

    /// Takes no event any more from now on.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
    }

    /// All lines that wait; `None` without any.
    pub(crate) fn take(&self) -> Option<Lines> {
        let lines = std::mem::take(&mut self.queue.lock().lines);
        (!lines.bytes.is_empty()).then_some(lines)
    }

    /// Says that the first bytes of lines are in the file, all of them or some whole lines. The
    /// others wait again, before those that came meanwhile.
    pub(crate) fn wrote(&self, mut lines: Lines, bytes: usize) {
        let mut queue = self.queue.lock();
        if bytes == lines.bytes.len() {
            queue.written += lines.counts.iter().sum::<u64>();
            return;
        }
        let written = lines.bytes.drain(..bytes).filter(|byte| *byte == b'\n').count();
        queue.written += lines.counts.drain(..written).sum::<u64>();
        lines.bytes.append(&mut queue.lines.bytes);
        lines.counts.append(&mut queue.lines.counts);
        queue.lines = lines;
    }

    /// How many events were taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.queue.lock().taken
    }

    /// How many of them are in the file.
    pub(crate) fn written(&self) -> u64 {
        self.queue.lock().written
    }

    /// How many of them wait.
    pub(crate) fn unwritten(&self) -> u64 {
        let queue = self.queue.lock();
        queue.taken - queue.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    fn message(text: &str) -> StoredEventKind {
        StoredEventKind::Message { level: Level::Info, text: text.into() }
    }

    #[test]
    fn lines_that_the_disk_refused_are_counted_once_and_come_first() {
        let events = EventQueue::default();
        events.push(Timestamp(0), message("first")).unwrap();
        let lines = events.take().unwrap();
        events.push(Timestamp(0), message("second")).unwrap();
        events.wrote(lines, 0);
        assert_eq!(events.unwritten(), 2);
        let lines = events.take().unwrap();
        let text = String::from_utf8(lines.bytes.clone()).unwrap();
        assert!(text.find("first") < text.find("second"), "{text}");
        let bytes = lines.bytes.len();
        events.wrote(lines, bytes);
        assert_eq!((events.written(), events.unwritten()), (2, 0));
    }

    #[test]
    fn of_lines_that_the_disk_took_in_part_those_it_took_are_written() {
        let events = EventQueue::default();
        events.note(Timestamp(0), message("a warning"));
        events.push(Timestamp(0), message("first")).unwrap();
        let taken = events.queue.lock().lines.bytes.len();
        events.push(Timestamp(0), message("second")).unwrap();
        let lines = events.take().unwrap();
        events.wrote(lines, taken);
        assert_eq!((events.written(), events.unwritten()), (1, 1));
        let rest = events.take().unwrap();
        assert!(String::from_utf8(rest.bytes).unwrap().contains("second"));
    }

    #[test]
    fn an_event_that_comes_after_the_end_is_refused_and_not_counted() {
        let events = EventQueue::default();
        events.close();
        assert_eq!(events.push(Timestamp(0), message("late")), Err(Refused::Closed));
        assert_eq!(events.taken(), 0);
    }

    #[test]
    fn what_tracker_says_of_itself_waits_and_is_not_counted() {
        let events = EventQueue::default();
        events.note(Timestamp(0), message("a warning"));
        assert_eq!((events.taken(), events.unwritten()), (0, 0));
        assert!(events.take().is_some());
    }
}
