//! Where which event stands in the files of a run, so that a question reads its own lines only.
//!
//! The index of a file is made by reading it once, and goes on where it ended: behind the last line
//! that has an end. A file that is no longer the one that was read is indexed anew. What is behind the
//! index, such as a last line that is still written, is read by whoever asks, as is all that has no
//! room in it: a file may hold any number of lines and names.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    ops::Range,
    sync::Arc,
};

use crate::{
    Step, Timestamp, Writer,
    format::{
        event_line::{EventHead, EventKind, EventLine},
        folder::{Line, Lines, Ranged},
    },
    read::{file_stamp::Stamp, superseded::Superseded},
};

/// The most events of a run that are indexed. Each takes 32 bytes.
const MOST_EVENTS: usize = 1 << 20;

/// The most bytes of names in the index of a run, with what comes with each.
const MOST_NAMES: usize = 4 << 20;

/// What a name takes beside its bytes.
const NAME: usize = 128;

/// How many bytes before its end an index remembers, to know the file again.
const SEAM: u64 = 64;

/// The events of a run, by writer.
#[derive(Debug, Default)]
pub(crate) struct EventIndex(BTreeMap<Writer, Arc<FileIndex>>);

/// The events of one file.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileIndex {
    /// Of the file when it was last looked at.
    stamp: Stamp,
    /// Where what is not indexed begins.
    end: u64,
    /// The last bytes before that.
    seam: Vec<u8>,
    /// In the order of the file.
    events: Vec<Entry>,
    topics: Topics,
    damage: Damage,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy)]
struct Entry {
    time: Timestamp,
    /// Zero where the topic has none.
    step: Step,
    start: u64,
    length: u32,
    topic: u32,
}

/// What several events have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    kind: EventKind,
    name: Option<Arc<str>>,
    has_step: bool,
}

#[derive(Debug, Clone, Default)]
struct Topics {
    all: Vec<Topic>,
    /// Those of each name; of none, under the empty one.
    by_name: HashMap<Arc<str>, Vec<u32>>,
    name_bytes: usize,
}

/// An event that was found and has not been read.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) writer: Writer,
    pub(crate) bytes: Range<u64>,
    time: Timestamp,
    step: Step,
    topic: Topic,
}

/// How many lines cannot be read. The last one may still be written, or was when its process died: it
/// counts once another one comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Damage {
    lines: u64,
    is_last: bool,
}

impl Damage {
    pub(crate) fn take(&mut self, is_damaged: bool) {
        self.lines += u64::from(std::mem::replace(&mut self.is_last, is_damaged));
    }

    pub(crate) fn lines(self) -> u64 {
        self.lines
    }
}

impl EventIndex {
    /// The index of a writer's file, brought up to what is in the file now.
    ///
    /// # Errors
    /// If the file cannot be read. It is indexed anew next time.
    pub(crate) fn read_on(
        &mut self,
        writer: Writer,
        (file, stamp): (&Arc<dyn Ranged>, Stamp),
    ) -> io::Result<Arc<FileIndex>> {
        let mut known = self.0.remove(&writer).unwrap_or_default();
        if known.stamp != stamp {
            if !known.is_of(file, stamp)? {
                known = Arc::default();
            }
            let room = Room {
                events: MOST_EVENTS.saturating_sub(self.len() + known.events.len()),
                names: MOST_NAMES.saturating_sub(self.name_bytes() + known.topics.name_bytes),
            };
            // Who reads by the index meanwhile goes on with a copy.
            let index = Arc::make_mut(&mut known);
            index.read(file, room)?;
            index.stamp = stamp;
        }
        self.0.insert(writer, Arc::clone(&known));
        Ok(known)
    }

    /// Forgets the file of a writer that is gone, or is not what it was.
    pub(crate) fn forget(&mut self, writer: Writer) {
        self.0.remove(&writer);
    }

    /// How many events are indexed.
    pub(crate) fn len(&self) -> usize {
        self.0.values().map(|file| file.events.len()).sum()
    }

    fn name_bytes(&self) -> usize {
        self.0.values().map(|file| file.topics.name_bytes).sum()
    }
}

impl FileIndex {
    /// Where what is not indexed begins.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// What could not be read up to there.
    pub(crate) fn damage(&self) -> Damage {
        self.damage
    }

    /// The events that count and are `wanted`, in the order of the file.
    pub(crate) fn find(
        &self,
        writer: Writer,
        superseded: &Superseded,
        wanted: &mut dyn FnMut(&EventHead<'_>) -> bool,
    ) -> Vec<Place> {
        let mut places = Vec::new();
        for event in &self.events {
            let Some(topic) = self.topics.all.get(event.topic as usize) else { continue };
            let head = topic.head(event.time, event.step);
            if counts(writer, &head, superseded) && wanted(&head) {
                let bytes = event.start..event.start + u64::from(event.length);
                let Entry { time, step, .. } = *event;
                places.push(Place { writer, bytes, time, step, topic: topic.clone() });
            }
        }
        places
    }

    /// Whether the file is the one that was indexed, with more behind.
    fn is_of(&self, file: &Arc<dyn Ranged>, stamp: Stamp) -> io::Result<bool> {
        Ok(stamp.has_grown_since(&self.stamp) && self.seam == self.read_seam(file)?)
    }

    fn read_seam(&self, file: &Arc<dyn Ranged>) -> io::Result<Vec<u8>> {
        let mut seam = Vec::new();
        file.read_range(self.end.saturating_sub(SEAM)..self.end, &mut seam)?;
        Ok(seam)
    }

    /// Takes in the lines behind the end that are whole, as long as there is room.
    pub(crate) fn read(&mut self, file: &Arc<dyn Ranged>, mut room: Room) -> io::Result<()> {
        let mut lines = Lines::behind(Arc::clone(file), self.end);
        loop {
            let Some(line) = lines.next_line()? else {
                self.end = lines.whole();
                break;
            };
            if !line.is_whole {
                break;
            }
            let read = EventLine::of(line.bytes);
            let has_room = |read: &EventLine<'_>| self.add(&read.head(), &line, &mut room);
            if !read.as_ref().is_none_or(has_room) {
                break;
            }
            self.damage.take(read.is_none() && !line.bytes.is_empty());
            self.end = line.end;
        }
        self.seam = self.read_seam(file)?;
        Ok(())
    }

    /// Whether there was room for an event.
    fn add(&mut self, head: &EventHead<'_>, line: &Line<'_>, room: &mut Room) -> bool {
        let Some(topic) = self.topics.number(head, room).filter(|_| room.events > 0) else {
            return false;
        };
        room.events -= 1;
        self.events.push(Entry {
            time: head.time,
            step: head.step.unwrap_or_default(),
            start: line.start,
            length: line.bytes.len() as u32,
            topic,
        });
        true
    }
}

/// How much more an index may hold.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) events: usize,
    pub(crate) names: usize,
}

impl Topics {
    /// The number of an event's topic, which is made if there is none and there is room for its name.
    fn number(&mut self, head: &EventHead<'_>, room: &mut Room) -> Option<u32> {
        let name = head.name.unwrap_or_default();
        let known = self.by_name.get(name).into_iter().flatten().copied();
        let of_head = |number: &u32| {
            let topic = self.all.get(*number as usize);
            topic.is_some_and(|topic| topic.head(head.time, head.step.unwrap_or_default()) == *head)
        };
        if let Some(number) = { known }.find(of_head) {
            return Some(number);
        }
        let bytes = NAME + name.len();
        room.names = room.names.checked_sub(bytes)?;
        self.name_bytes += bytes;
        let number = self.all.len() as u32;
        let name: Arc<str> = name.into();
        self.by_name.entry(Arc::clone(&name)).or_default().push(number);
        let (kind, has_step) = (head.kind, head.step.is_some());
        self.all.push(Topic { kind, name: head.name.map(|_| name), has_step });
        Some(number)
    }
}

impl Topic {
    fn head(&self, time: Timestamp, step: Step) -> EventHead<'_> {
        let step = self.has_step.then_some(step);
        EventHead { time, kind: self.kind, name: self.name.as_deref(), step }
    }
}

impl Place {
    pub(crate) fn head(&self) -> EventHead<'_> {
        self.topic.head(self.time, self.step)
    }
}

/// Whether no resumed training has taken an event back. What was said to people was said, what was
/// deleted is gone, and what was used was used.
pub(crate) fn counts(writer: Writer, head: &EventHead<'_>, superseded: &Superseded) -> bool {
    let name = head.name.unwrap_or_default();
    match head.kind {
        EventKind::Text | EventKind::Histogram | EventKind::Media | EventKind::Artifact => {
            head.step.is_none_or(|step| superseded.keeps(writer, name, step))
        }
        EventKind::Knob => head.step.is_none_or(|step| superseded.keeps(writer, "knobs", step)),
        EventKind::Message | EventKind::Alert | EventKind::ArtifactDeleted | EventKind::Used => {
            true
        }
    }
}
