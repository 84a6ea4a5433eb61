//! What a run has recorded beside its points since the last look.

use std::{collections::BTreeMap, io};

use serde::{Deserialize, Serialize};

use crate::{
    Result, Writer,
    error::IoContext,
    format::{
        event_line::{EventLine, StoredEvent},
        folder::Lines,
        layout,
    },
    mounts::named,
    read::{Loss, RunReader, Warning, event_index::counts, superseded::Superseded},
};

/// How many bytes of one file are read at a time, or little more.
const MOST_BYTES: u64 = 8 << 20;

/// How far somebody has read the events of a run with [`RunReader::tail_events`]. A new one stands before the first
/// event. It can be written down, for a program that goes on later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventCursor(BTreeMap<Writer, u64>);

impl RunReader {
    /// The events that have come since the last call with this cursor, each exactly once, in the order of time. Only
    /// what is new is read, 8 MiB of each writer at a time: who has got some asks again.
    ///
    /// What a resumed training has taken back is left out. What was given before that is not taken back here.
    ///
    /// # Errors
    /// If a file cannot be read. The cursor then stays where it is. A line that is damaged is left out.
    pub fn tail_events(&self, cursor: &mut EventCursor) -> Result<Vec<StoredEvent>> {
        let superseded = self.superseded_now();
        let (mut events, mut ends, mut warnings) = (Vec::new(), cursor.clone(), Vec::new());
        for writer in self.paths().claims() {
            let place = self.paths().place(&layout::events(writer));
            let end = ends.0.entry(writer).or_default();
            let damaged = self.read_on(writer, end, &superseded, &mut events);
            let damaged = damaged.io_context("read", &place, "check the file's permissions")?;
            if damaged > 0 {
                let text = format!(
                    "{damaged} lines of {} cannot be read; they are left out",
                    named(&place)
                );
                warnings.push(Warning::new(Loss::Events, text));
            }
        }
        self.tell(&warnings);
        *cursor = ends;
        events.sort_by_key(|event| event.time);
        Ok(events)
    }

    /// Reads the lines of a writer that are whole and stand behind `end`, and moves it. How many are damaged.
    fn read_on(
        &self,
        writer: Writer,
        end: &mut u64,
        superseded: &Superseded,
        events: &mut Vec<StoredEvent>,
    ) -> io::Result<u64> {
        let (file, stamp) = match self.paths().open(&layout::events(writer)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            opened => opened?,
        };
        if stamp.length() <= *end {
            return Ok(0);
        }
        let start = *end;
        let mut damaged = 0;
        let mut lines = Lines::behind(file, start);
        loop {
            let Some(line) = lines.next_line()? else {
                *end = lines.whole().max(start);
                break;
            };
            if !line.is_whole {
                break;
            }
            let read = EventLine::of(line.bytes);
            damaged += u64::from(read.is_none() && !line.bytes.is_empty());
            if let Some(read) = read.filter(|read| counts(writer, &read.head(), superseded)) {
                events.extend(read.event(line.bytes));
            }
            *end = line.end;
            if *end - start >= MOST_BYTES {
                break;
            }
        }
        Ok(damaged)
    }
}
