//! The wanted messages of one file, one after the other, in either direction.

use std::{io, sync::Arc};

use crate::{
    Timestamp,
    format::{
        event_line::{StoredEvent, StoredEventKind},
        folder::{Lines, LinesBack, Ranged},
        message_line::StoredMessage,
    },
    read::{MessageFilter, message_cursor::MessageFile},
};

/// A way through a file, in one direction. One message is in memory.
#[derive(Debug)]
pub(super) struct Walk {
    file: MessageFile,
    way: Way,
    /// Where it began: behind a line that has an end.
    begin: u64,
    /// The next message, and the place at which it was not yet taken.
    next: Option<(Found, u64)>,
    is_damaged: bool,
}

#[derive(Debug)]
enum Way {
    /// To the beginning.
    Back(LinesBack),
    /// To the end, as far as lines have one; and where the last of these ended.
    On(Lines, u64),
}

/// A message, and how much room it takes.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) message: StoredMessage,
    pub(super) bytes: u64,
}

/// What stands on a line.
enum Said {
    Message(Box<StoredMessage>),
    /// Nothing that is wanted.
    Nothing,
    Damage,
}

fn said(file: MessageFile, line: &[u8], filter: &MessageFilter) -> Said {
    let read = if file.is_of_events { of_event(line) } else { of_message(line) };
    match read {
        Said::Message(message) if !filter.wants(&message) => Said::Nothing,
        read => read,
    }
}

fn of_message(line: &[u8]) -> Said {
    if line.is_empty() {
        return Said::Nothing;
    }
    serde_json::from_slice(line).map_or(Said::Damage, |read| Said::Message(Box::new(read)))
}

fn of_event(line: &[u8]) -> Said {
    if line.is_empty() || is_another_kind(line) {
        return Said::Nothing;
    }
    let Some(event) = StoredEvent::of_line(line) else { return Said::Damage };
    let StoredEventKind::Message { level, text } = event.kind else { return Said::Nothing };
    Said::Message(Box::new(StoredMessage::of_event(event.time, level, text)))
}

/// Whether a line that tracker wrote is surely no message: the kind stands behind the time. Histograms
/// are most of what a run records, and long.
fn is_another_kind(line: &[u8]) -> bool {
    const KIND: &[u8] = b"\"kind\":\"";
    let beginning = &line[..line.len().min(64)];
    let kind = beginning.windows(KIND.len()).position(|part| part == KIND);
    line.starts_with(b"{\"time\"")
        && kind.is_some_and(|kind| !line[kind + KIND.len()..].starts_with(b"message\""))
}

impl Walk {
    /// From a place to the beginning of the file.
    pub(super) fn back(
        file: MessageFile,
        opened: Arc<dyn Ranged>,
        place: u64,
        filter: &MessageFilter,
    ) -> io::Result<Self> {
        let lines = LinesBack::before(opened, place)?;
        let begin = lines.end();
        Self { file, way: Way::Back(lines), begin, next: None, is_damaged: false }.begun(filter)
    }

    /// From a place, where a line begins, to the end of the file.
    pub(super) fn on(
        file: MessageFile,
        opened: Arc<dyn Ranged>,
        begin: u64,
        filter: &MessageFilter,
    ) -> io::Result<Self> {
        let way = Way::On(Lines::behind(opened, begin), begin);
        Self { file, way, begin, next: None, is_damaged: false }.begun(filter)
    }

    fn begun(mut self, filter: &MessageFilter) -> io::Result<Self> {
        self.find(filter)?;
        Ok(self)
    }

    pub(super) fn file(&self) -> MessageFile {
        self.file
    }

    /// Where it began.
    pub(super) fn begin(&self) -> u64 {
        self.begin
    }

    /// When the next message was said; `None` if there is none.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|(next, _)| next.message.time)
    }

    /// Takes the next message, and looks for the one behind it.
    pub(super) fn take(&mut self, filter: &MessageFilter) -> io::Result<Option<Found>> {
        let taken = self.next.take();
        self.find(filter)?;
        Ok(taken.map(|(found, _)| found))
    }

    /// The place up to which all was taken.
    pub(super) fn place(&self) -> u64 {
        self.next.as_ref().map_or(self.way.end(), |(_, place)| *place)
    }

    /// Whether there were lines that cannot be read.
    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    fn find(&mut self, filter: &MessageFilter) -> io::Result<()> {
        let file = self.file;
        self.next = None;
        while let Some((said, bytes, place)) =
            self.way.next_line(|line| said(file, line, filter))?
        {
            match said {
                Said::Message(message) => {
                    self.next = Some((Found { message: *message, bytes }, place));
                    return Ok(());
                }
                Said::Nothing => {}
                Said::Damage => self.is_damaged = true,
            }
        }
        Ok(())
    }
}

impl Way {
    /// What the next line says, how long it is, and the place at which it was not yet taken.
    fn next_line(
        &mut self,
        said: impl FnOnce(&[u8]) -> Said,
    ) -> io::Result<Option<(Said, u64, u64)>> {
        match self {
            Self::Back(lines) => lines.next(|line| {
                let bytes = line.bytes.map_or(0, |bytes| bytes.len() as u64);
                (line.bytes.map_or(Said::Damage, said), bytes, line.end)
            }),
            Self::On(lines, whole) => {
                let line = lines.next_line()?.filter(|line| line.is_whole);
                Ok(line.map(|line| {
                    *whole = line.end;
                    (said(line.bytes), line.end - line.start, line.start)
                }))
            }
        }
    }

    /// The place at which nothing is left.
    fn end(&self) -> u64 {
        match self {
            Self::Back(_) => 0,
            Self::On(_, whole) => *whole,
        }
    }
}
