//! The wanted messages of one file, one after the other, in either direction.

use std::{fmt, io, sync::Arc};

use crate::{
    Timestamp,
    format::{
        event_line::{StoredEvent, StoredEventKind},
        folder::{LineBack, Lines, LinesBack, Ranged},
        message_line::StoredMessage,
    },
    read::{MessageFilter, message_cursor::MessageFile},
};

/// A way through a file. One message is in memory.
pub(super) trait Walk: fmt::Debug {
    fn file(&self) -> MessageFile;

    /// When the next message was said; `None` if there is none.
    fn time(&self) -> Option<Timestamp>;

    /// Takes the next message, and looks for the one behind it.
    fn take(&mut self, filter: &MessageFilter) -> io::Result<Option<Found>>;

    /// The place up to which all was taken.
    fn place(&self) -> u64;

    /// Whether there were lines that cannot be read.
    fn is_damaged(&self) -> bool;
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

/// From a place to the beginning.
#[derive(Debug)]
pub(super) struct Backwards {
    file: MessageFile,
    lines: LinesBack,
    /// Where it began: behind a line that has an end.
    begin: u64,
    next: Option<(Found, u64)>,
    is_damaged: bool,
}

impl Backwards {
    pub(super) fn begin(
        file: MessageFile,
        opened: Arc<dyn Ranged>,
        place: u64,
        filter: &MessageFilter,
    ) -> io::Result<Self> {
        let lines = LinesBack::before(opened, place)?;
        let begin = lines.end();
        let mut walk = Self { file, lines, begin, next: None, is_damaged: false };
        walk.find(filter)?;
        Ok(walk)
    }

    pub(super) fn begin_place(&self) -> u64 {
        self.begin
    }

    fn find(&mut self, filter: &MessageFilter) -> io::Result<()> {
        let file = self.file;
        let read = |line: LineBack<'_>| {
            let said = line.bytes.map_or(Said::Damage, |bytes| said(file, bytes, filter));
            (said, line.bytes.map_or(0, |bytes| bytes.len() as u64), line.end)
        };
        self.next = None;
        while let Some((said, bytes, end)) = self.lines.next(read)? {
            match said {
                Said::Message(message) => {
                    self.next = Some((Found { message: *message, bytes }, end));
                    return Ok(());
                }
                Said::Nothing => {}
                Said::Damage => self.is_damaged = true,
            }
        }
        Ok(())
    }
}

impl Walk for Backwards {
    fn file(&self) -> MessageFile {
        self.file
    }

    fn time(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|(next, _)| next.message.time)
    }

    fn take(&mut self, filter: &MessageFilter) -> io::Result<Option<Found>> {
        let taken = self.next.take();
        self.find(filter)?;
        Ok(taken.map(|(found, _)| found))
    }

    fn place(&self) -> u64 {
        self.next.as_ref().map_or(0, |(_, end)| *end)
    }

    fn is_damaged(&self) -> bool {
        self.is_damaged
    }
}

/// From a place to the end, as far as lines have one.
#[derive(Debug)]
pub(super) struct Forwards {
    file: MessageFile,
    lines: Lines,
    next: Option<(Found, u64)>,
    /// Where the last line ends that is whole.
    whole: u64,
    is_damaged: bool,
}

impl Forwards {
    pub(super) fn begin(
        file: MessageFile,
        opened: Arc<dyn Ranged>,
        place: u64,
        filter: &MessageFilter,
    ) -> io::Result<Self> {
        let lines = Lines::behind(opened, place);
        let mut walk = Self { file, lines, next: None, whole: place, is_damaged: false };
        walk.find(filter)?;
        Ok(walk)
    }

    fn find(&mut self, filter: &MessageFilter) -> io::Result<()> {
        self.next = None;
        while let Some(line) = self.lines.next_line()?.filter(|line| line.is_whole) {
            self.whole = line.end;
            match said(self.file, line.bytes, filter) {
                Said::Message(message) => {
                    let found = Found { message: *message, bytes: line.end - line.start };
                    self.next = Some((found, line.start));
                    return Ok(());
                }
                Said::Nothing => {}
                Said::Damage => self.is_damaged = true,
            }
        }
        Ok(())
    }
}

impl Walk for Forwards {
    fn file(&self) -> MessageFile {
        self.file
    }

    fn time(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|(next, _)| next.message.time)
    }

    fn take(&mut self, filter: &MessageFilter) -> io::Result<Option<Found>> {
        let taken = self.next.take();
        self.find(filter)?;
        Ok(taken.map(|(found, _)| found))
    }

    fn place(&self) -> u64 {
        self.next.as_ref().map_or(self.whole, |(_, start)| *start)
    }

    fn is_damaged(&self) -> bool {
        self.is_damaged
    }
}
