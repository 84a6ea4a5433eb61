//! All that a run has recorded and that is no scalar.

use std::io;

use parking_lot::Mutex;

use crate::{
    Result, Step, Timestamp, Writer,
    error::IoContext,
    format::{
        event_line::{EventHead, EventLine, StoredEvent},
        folder::Lines,
        layout::{self, RunPaths},
    },
    mounts::named,
    read::{
        Loss, Warning,
        event_index::{Damage, EventIndex, Place, counts},
        superseded::Superseded,
    },
};

const HINT: &str = "check the file's permissions";

/// Of lines that are wanted and stand no further apart, what is between them is read too.
const NEAR: u64 = 1 << 14;

/// The most bytes of lines that are read at a time, unless one alone is longer.
const CHUNK: u64 = 1 << 20;

/// The files with the events of some writers, for one question.
///
/// Lines that cannot be read cost themselves and a warning; the last one may still be written, or was
/// when its process died. One line at a time is in memory beside what is wanted: the histograms of a
/// long training are many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventFiles<'a> {
    pub(crate) files: &'a RunPaths,
    pub(crate) writers: &'a [Writer],
    /// What resumed trainings took back, which is left out.
    pub(crate) superseded: &'a Superseded,
    /// For those who ask again. Without one, all lines are looked at, once.
    pub(crate) index: Option<&'a Mutex<EventIndex>>,
}

/// An event that is wanted.
#[derive(Debug)]
pub(crate) enum Found {
    Read(StoredEvent),
    Placed(Place),
}

impl Found {
    fn time(&self) -> Timestamp {
        match self {
            Self::Read(event) => event.time,
            Self::Placed(place) => place.head().time,
        }
    }

    pub(crate) fn step(&self) -> Option<Step> {
        match self {
            Self::Read(event) => event.head().step,
            Self::Placed(place) => place.head().step,
        }
    }
}

impl EventFiles<'_> {
    /// The events that are `wanted`, in the order of time; those of one moment in the order in which
    /// each writer recorded them. `choose` may leave some of them out or give them another order
    /// before they are read.
    pub(crate) fn read(
        self,
        warnings: &mut Vec<Warning>,
        wanted: &mut dyn FnMut(&EventHead<'_>) -> bool,
        choose: &mut dyn FnMut(&mut Vec<Found>),
    ) -> Result<Vec<StoredEvent>> {
        let told = warnings.len();
        let mut found = self.find(warnings, wanted)?;
        choose(&mut found);
        if let Some(events) = self.read_found(found)? {
            return Ok(events);
        }
        // What the index says is no longer so. The files themselves are right.
        warnings.truncate(told);
        let files = Self { index: None, ..self };
        let mut found = files.find(warnings, wanted)?;
        choose(&mut found);
        Ok(files.read_found(found)?.unwrap_or_default())
    }

    fn find(
        self,
        warnings: &mut Vec<Warning>,
        wanted: &mut dyn FnMut(&EventHead<'_>) -> bool,
    ) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for writer in self.writers {
            let path = self.files.place(&layout::events(*writer));
            let damaged = self.find_of(*writer, &mut found, wanted);
            let damaged = damaged.io_context("read", &path, HINT)?.lines();
            if damaged > 0 {
                warnings.push(Warning::new(
                    Loss::Events,
                    format!(
                        "{damaged} lines of {} cannot be read; they are left out",
                        named(&path)
                    ),
                ));
            }
        }
        found.sort_by_key(Found::time);
        Ok(found)
    }

    fn find_of(
        self,
        writer: Writer,
        found: &mut Vec<Found>,
        wanted: &mut dyn FnMut(&EventHead<'_>) -> bool,
    ) -> io::Result<Damage> {
        let (file, stamp) = match self.files.open(&layout::events(writer)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.forget(writer);
                return Ok(Damage::default());
            }
            opened => opened?,
        };
        let (mut damage, mut end) = (Damage::default(), 0);
        if let Some(index) = self.index {
            let known = index.lock().read_on(writer, (&file, stamp))?;
            let places = known.find(writer, self.superseded, wanted);
            found.extend(places.into_iter().map(Found::Placed));
            (damage, end) = (known.damage(), known.end());
        }
        let mut lines = Lines::behind(file, end);
        while let Some(line) = lines.next()? {
            let read = EventLine::of(line);
            damage.take(read.is_none() && !line.is_empty());
            let Some(read) = read else { continue };
            let head = read.head();
            if counts(writer, &head, self.superseded) && wanted(&head) {
                found.extend(read.event(line).map(Found::Read));
            }
        }
        Ok(damage)
    }

    /// The events that were found, in their order. `None` if one is not where the index says.
    fn read_found(self, found: Vec<Found>) -> Result<Option<Vec<StoredEvent>>> {
        let mut events: Vec<Option<StoredEvent>> = Vec::with_capacity(found.len());
        let mut places = Vec::new();
        for found in found {
            match found {
                Found::Read(event) => events.push(Some(event)),
                Found::Placed(place) => {
                    places.push((events.len(), place));
                    events.push(None);
                }
            }
        }
        places.sort_by_key(|(_, place)| (place.writer, place.bytes.start));
        for of_writer in places.chunk_by(|(_, one), (_, next)| one.writer == next.writer) {
            let Some((_, Place { writer, .. })) = of_writer.first() else { continue };
            let name = layout::events(*writer);
            let read = read_places(self.files, &name, of_writer, &mut events);
            if !read.io_context("read", &self.files.place(&name), HINT)? {
                self.forget(*writer);
                return Ok(None);
            }
        }
        Ok(Some(events.into_iter().flatten().collect()))
    }

    fn forget(self, writer: Writer) {
        if let Some(index) = self.index {
            index.lock().forget(writer);
        }
    }
}

/// Reads events of one file at their places, which are in the order of the file. `false` if one is
/// not there.
fn read_places(
    files: &RunPaths,
    name: &str,
    mut places: &[(usize, Place)],
    events: &mut [Option<StoredEvent>],
) -> io::Result<bool> {
    let (file, _) = match files.open(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    let mut bytes = Vec::new();
    while let Some((_, first)) = places.first() {
        let start = first.bytes.start;
        let near = places.iter().scan(first.bytes.end, |end, (_, place)| {
            let is_near = place.bytes.start <= *end + NEAR && place.bytes.end <= start + CHUNK;
            *end = place.bytes.end;
            is_near.then_some(*end)
        });
        let (count, end) = near.fold((0, 0), |(count, _), end| (count + 1, end));
        let (together, others) = places.split_at(count.max(1));
        file.read_range(start..end.max(first.bytes.end), &mut bytes)?;
        for (index, place) in together {
            let line = (place.bytes.start - start) as usize..(place.bytes.end - start) as usize;
            let event = bytes.get(line).and_then(StoredEvent::of_line);
            let Some(event) = event.filter(|event| event.head() == place.head()) else {
                return Ok(false);
            };
            if let Some(wanted) = events.get_mut(*index) {
                *wanted = Some(event);
            }
        }
        places = others;
    }
    Ok(true)
}
