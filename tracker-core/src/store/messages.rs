//! What the program says, on its way to the disk: how much of it is kept.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use parking_lot::Mutex;

use crate::{
    Level, Problem, Timestamp,
    format::message_line::StoredMessage,
    store::{events::EventQueue, ring::Refused},
};

/// How many bytes a process may say. After that, warnings and errors alone are kept.
const MOST_BYTES: u64 = 64 << 20;

/// How many messages of one place in the program are kept of a second.
const MOST_A_SECOND: u32 = 50;

/// How many places are counted at a time. A program has fewer; more can only come from generated names.
const MOST_PLACES: usize = 4_096;

/// The messages of one process of a run.
#[derive(Debug, Default)]
pub(crate) struct MessageLog {
    /// Lines that wait for the disk.
    pub(crate) queue: EventQueue,
    places: Mutex<Places>,
    bytes: AtomicU64,
    left_out: [AtomicU64; REASONS.len()],
    told: [AtomicBool; REASONS.len()],
}

/// Why a message was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// Its place says too much at a time.
    Repeated,
    /// The process has said too much.
    Beyond,
    /// The disk takes none.
    Waiting,
}

const REASONS: [LeftOut; 3] = [LeftOut::Repeated, LeftOut::Beyond, LeftOut::Waiting];

/// How many messages of this second each place has said.
#[derive(Debug, Default)]
struct Places {
    second: i64,
    counts: HashMap<u64, u32>,
}

impl MessageLog {
    /// Whether a message of a place, a number that stands for it, is to be kept.
    pub(crate) fn admit(&self, level: Level, place: u64, now: Timestamp) -> Result<(), LeftOut> {
        self.admit_more(level)?;
        let second = now.as_micros() / 1_000_000;
        let mut places = self.places.lock();
        if places.second != second || places.counts.len() >= MOST_PLACES {
            places.second = second;
            places.counts.clear();
        }
        let count = places.counts.entry(place).or_default();
        *count = count.saturating_add(1);
        if *count > MOST_A_SECOND { Err(LeftOut::Repeated) } else { Ok(()) }
    }

    /// Whether one more message is to be kept, wherever it comes from.
    pub(crate) fn admit_more(&self, level: Level) -> Result<(), LeftOut> {
        let is_full = self.bytes.load(Ordering::Relaxed) >= MOST_BYTES;
        if is_full && level < Level::Warning { Err(LeftOut::Beyond) } else { Ok(()) }
    }

    /// Takes a message. One that comes after the run's end is none of the run's.
    pub(crate) fn push(&self, message: &StoredMessage) -> Result<(), LeftOut> {
        match self.queue.push_line(message) {
            Ok(bytes) => {
                self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                Ok(())
            }
            Err(Refused::Closed) => Ok(()),
            Err(Refused::Full) => Err(LeftOut::Waiting),
        }
    }

    /// Counts a message that was left out.
    pub(crate) fn count(&self, reason: LeftOut) {
        self.left_out[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// What was left out for the first time since the last call. The log call that is left out tells
    /// it to nobody itself: who logs may hold what printing waits for, such as the terminal.
    pub(crate) fn untold(&self) -> impl Iterator<Item = Problem> {
        REASONS.into_iter().filter_map(|reason| {
            let count = self.left_out[reason as usize].load(Ordering::Relaxed);
            let is_new = count > 0 && !self.told[reason as usize].swap(true, Ordering::Relaxed);
            is_new.then(|| reason.problem(count))
        })
    }

    /// What was left out so far.
    pub(crate) fn problems(&self) -> impl Iterator<Item = Problem> {
        REASONS.into_iter().filter_map(|reason| {
            let count = self.left_out[reason as usize].load(Ordering::Relaxed);
            (count > 0).then(|| reason.problem(count))
        })
    }
}

impl LeftOut {
    fn problem(self, count: u64) -> Problem {
        let (kind, why, hint) = match self {
            Self::Repeated => (
                "messages-repeated",
                "the program says more than 50 a second in one place",
                "say less there, or keep higher levels only",
            ),
            Self::Beyond => (
                "messages-beyond-limit",
                "the process has said 64 MiB; warnings and errors are kept",
                "keep higher levels only",
            ),
            Self::Waiting => {
                ("messages-dropped", "too many wait for the disk", "say less, or check the disk")
            }
        };
        let messages = crate::value::words::plural_with(count, "message", ["was", "were"]);
        Problem { count, ..Problem::new(kind, format!("{messages} left out: {why}"), hint) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn message(text: String) -> StoredMessage {
        StoredMessage::of_event(NOW, Level::Info, text)
    }

    #[test]
    fn of_one_place_fifty_messages_a_second_are_kept_and_others_go_on() {
        let log = MessageLog::default();
        let kept = (0..1_000).filter(|_| log.admit(Level::Error, 7, NOW).is_ok()).count();
        assert_eq!(kept, 50);
        assert_eq!(log.admit(Level::Info, 8, NOW), Ok(()));
        let later = Timestamp(NOW.0 + 1_000_000);
        assert_eq!(log.admit(Level::Info, 7, later), Ok(()));
    }

    #[test]
    fn after_64_mib_warnings_and_errors_are_kept_and_the_rest_is_counted() {
        let log = MessageLog::default();
        let long = message("x".repeat(1 << 20));
        for _ in 0..64 {
            log.push(&long).unwrap();
            let lines = log.queue.take().unwrap();
            let bytes = lines.bytes.len();
            log.queue.wrote(lines, bytes);
        }
        assert_eq!(log.admit(Level::Info, 1, NOW), Err(LeftOut::Beyond));
        assert_eq!(log.admit(Level::Warning, 1, NOW), Ok(()));
        assert_eq!(log.untold().count(), 0);
        log.count(LeftOut::Beyond);
        log.count(LeftOut::Beyond);
        assert_eq!(log.untold().map(|problem| problem.count).collect::<Vec<_>>(), [2]);
        assert_eq!(log.untold().count(), 0);
        let counts: Vec<_> = log.problems().map(|problem| (problem.kind, problem.count)).collect();
        assert_eq!(counts, [("messages-beyond-limit".to_owned(), 2)]);
    }

    #[test]
    fn what_a_full_queue_refuses_is_left_out_and_what_comes_after_the_end_is_nobodys() {
        let log = MessageLog::default();
        let long = message("x".repeat(5 << 20));
        assert_eq!(log.push(&long), Ok(()));
        assert_eq!(log.push(&long), Err(LeftOut::Waiting));
        log.queue.close();
        assert_eq!(log.push(&message("late".into())), Ok(()));
        assert_eq!(log.queue.taken(), 1);
    }
}
