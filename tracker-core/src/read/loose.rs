//! The points of one writer that are in no part yet: those in its ring and in its logs.

use std::{collections::VecDeque, fs::File, io};

use crate::{
    Error, Result, Writer,
    error::IoContext,
    format::{
        folder::{StorePath, read_range},
        layout::{LivePaths, file_names, log_first},
        liveness::{Life, life},
        log_file::{LogStart, MOST_HEADER, MOST_SLOTS, Place},
        ring_file::{FoundRing, RingNote},
        slot::{SLOT_BYTES, Slot},
        slot_stream::SlotStream,
    },
    read::Warning,
    words::plural,
};

const HINT: &str = "check the file's permissions";

/// How often to list the logs again when one disappears.
const TRIES: usize = 3;

/// How far a reader has come with one writer, and what it has to remember to go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Position {
    /// Names, and the points that the reader has yet to be given.
    pub(crate) stream: SlotStream,
    log: Option<KnownLog>,
}

impl Position {
    /// The seq of the first point that the reader has not been given.
    pub(crate) fn next(&self) -> u64 {
        self.stream.next
    }
}

/// A log whose header has been read.
#[derive(Debug, Clone, Copy)]
struct KnownLog {
    first: u64,
    offset: u64,
}

/// A writer with a live folder while it is read.
#[derive(Debug)]
pub(crate) struct Loose {
    pub(crate) writer: Writer,
    live: LivePaths,
    is_alive: bool,
    ring: VecDeque<(u64, Option<Slot>)>,
}

impl Loose {
    /// The first step: whether the writer lives, and what its ring holds from `from` on. Reading
    /// the ring before the logs is what makes the steps miss nothing.
    pub(crate) fn read_ring(
        writer: Writer,
        live: LivePaths,
        from: u64,
        warnings: &mut Vec<Warning>,
    ) -> Self {
        let is_alive = life(&live) == Life::Alive;
        let ring = match RingNote::find(&live.ring_note()) {
            FoundRing::Gone => VecDeque::new(),
            FoundRing::Elsewhere => {
                if !is_alive {
                    warnings.push(Warning(format!(
                        "the last points of writer {writer} may still be in the memory of the \
                         machine or container that wrote {}; `tracker doctor --seal` there saves \
                         them",
                        live.folder.display()
                    )));
                }
                VecDeque::new()
            }
            FoundRing::Open(ring) => {
                let slots = ring.state().and_then(|state| {
                    let seqs = state.open.start.max(from)..state.open.end;
                    if seqs.is_empty() { Ok(Vec::new()) } else { ring.read(seqs) }
                });
                slots.map_or_else(
                    |error| {
                        warnings.push(Warning(format!(
                        "failed to read the ring of writer {writer}: {error}; points that are not \
                         in its log yet are missing"
                    )));
                        VecDeque::new()
                    },
                    VecDeque::from,
                )
            }
        };
        Self { writer, live, is_alive, ring }
    }

    /// The second step: what the logs hold beyond the position.
    ///
    /// A log that disappears meanwhile has become a part. Then the logs are listed again: the
    /// header of the newest one has the names that the missing one told.
    ///
    /// # Errors
    /// If a log cannot be read, or they disappear faster than they are read.
    pub(crate) fn read_logs(
        &self,
        position: &mut Position,
        warnings: &mut Vec<Warning>,
    ) -> Result<()> {
        for _ in 0..TRIES {
            if self.read_listed_logs(position, warnings)? {
                return Ok(());
            }
        }
        Err(Error::Damaged {
            path: self.live.folder.to_path_buf(),
            reason: "logs disappear while they are read".into(),
            hint: "try again once nobody removes files from the run's folder".into(),
        })
    }

    /// Whether all logs were still there.
    fn read_listed_logs(
        &self,
        position: &mut Position,
        warnings: &mut Vec<Warning>,
    ) -> Result<bool> {
        let logs = self.live.logs()?;
        for (index, path) in logs.iter().enumerate() {
            let after = logs.get(index + 1).and_then(|path| log_first(path));
            if after.is_some_and(|after| after <= position.next()) {
                continue;
            }
            let file = match path.open() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                result => result.io_context("read", path, HINT)?,
            };
            let is_newest = index + 1 == logs.len();
            if let Some(log) = OpenLog::begin(self.writer, path, file, position, warnings)? {
                log.read(position, self.is_alive && is_newest, warnings)?;
            }
        }
        Ok(true)
    }

    /// The last step: what the ring has beyond logs and parts, which reach up to `covered`.
    ///
    /// A slot that is not whole will be soon if the writer lives. If it is dead, the slot was
    /// reserved by a log call that never returned. Returns how many such slots there are.
    pub(crate) fn take_ring(self, covered: u64, position: &mut Position) -> u64 {
        let mut unfinished = 0;
        for (seq, slot) in self.ring {
            if seq < covered {
                continue;
            }
            if slot.is_none() {
                if self.is_alive {
                    break;
                }
                unfinished += 1;
            }
            position.stream.push(seq, slot);
        }
        unfinished
    }
}

/// A log, open at the place from which it is to be read.
struct OpenLog<'a> {
    path: &'a StorePath,
    file: File,
    known: KnownLog,
}

impl<'a> OpenLog<'a> {
    /// Finds where a log's slots begin. `None` if there is nothing to read.
    fn begin(
        writer: Writer,
        path: &'a StorePath,
        file: File,
        position: &mut Position,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<Self>> {
        let Some(first) = log_first(path) else { return Ok(None) };
        // A log without slots may be replaced by one whose header tells more names.
        let is_begun = position.next() > first;
        if let Some(known) = position.log.filter(|log| is_begun && log.first == first) {
            return Ok(Some(Self { path, file, known }));
        }
        let Some(start) = find_start(writer, path, &file, first, warnings)? else {
            return Ok(None);
        };
        position.stream.know(start.names);
        let known = KnownLog { first, offset: start.offset as u64 };
        position.log = start.is_whole.then_some(known);
        Ok(Some(Self { path, file, known }))
    }

    /// Takes the slots beyond the position, a chunk at a time: a file may claim any length.
    fn read(
        self,
        position: &mut Position,
        is_growing: bool,
        warnings: &mut Vec<Warning>,
    ) -> Result<()> {
        let KnownLog { first, offset } = self.known;
        let mut from = position.next().max(first);
        let (mut bytes, mut damaged) = (Vec::new(), 0);
        loop {
            let start = offset + (from - first) * SLOT_BYTES as u64;
            let end = (start + CHUNK).min(offset + MOST_SLOTS * SLOT_BYTES as u64);
            read_range(&self.file, start..end, &mut bytes).io_context("read", self.path, HINT)?;
            let (slots, _) = bytes.as_chunks::<SLOT_BYTES>();
            let mut places: Vec<(u64, Place)> =
                (from..).zip(slots).map(|(seq, slot)| (seq, Place::of(slot, seq))).collect();
            if places.is_empty() {
                break;
            }
            from += places.len() as u64;
            if is_growing && (places.len() as u64) < CHUNK / SLOT_BYTES as u64 {
                // On some file systems a log looks longer for a moment than what has been written.
                let whole = places.iter().rposition(|(_, place)| place.slot().is_some());
                places.truncate(whole.map_or(0, |last| last + 1));
            }
            damaged += places.iter().filter(|(_, place)| *place == Place::Damaged).count();
            for (seq, place) in places {
                position.stream.push(seq, place.slot());
            }
        }
        if from - first >= MOST_SLOTS {
            warnings.push(Warning(format!(
                "{} is longer than any log; what is beyond is not read",
                self.path.display()
            )));
        }
        if damaged > 0 {
            warnings.push(Warning(format!(
                "{} has {}; all others are read",
                self.path.display(),
                plural(damaged as u64, "damaged record")
            )));
        }
        Ok(())
    }
}

/// How many bytes of a log are in memory at a time.
const CHUNK: u64 = 1 << 20;

/// Bytes in which the header of most logs ends.
const HEADER_BYTES: u64 = 1 << 16;

fn find_start(
    writer: Writer,
    path: &StorePath,
    file: &File,
    first: u64,
    warnings: &mut Vec<Warning>,
) -> Result<Option<LogStart>> {
    let mut bytes = Vec::new();
    read_range(file, 0..HEADER_BYTES, &mut bytes).io_context("read", path, HINT)?;
    let mut found = LogStart::find(&bytes, writer, first);
    let is_whole = matches!(&found, Ok(Some(start)) if start.is_whole);
    if !is_whole && bytes.len() as u64 == HEADER_BYTES {
        // The header is longer, or damaged.
        read_range(file, 0..MOST_HEADER, &mut bytes).io_context("read", path, HINT)?;
        found = LogStart::find(&bytes, writer, first);
    }
    if let Ok(Some(LogStart { is_whole: false, .. })) = &found {
        warnings.push(Warning(format!(
            "{} has a damaged header; its points are read, names of metrics may be missing",
            path.display()
        )));
    }
    found.or_else(|version| {
        warnings.push(Warning(format!(
            "{} has format version {version}; install a newer tracker to read it",
            path.display()
        )));
        Ok(None)
    })
}

/// The writers that have a live folder, in their order.
pub(crate) fn live_writers(live_all: &StorePath) -> Result<Vec<Writer>> {
    let names = file_names(live_all)?;
    let mut writers: Vec<Writer> = names.iter().filter_map(|name| name.parse().ok()).collect();
    writers.sort_unstable();
    Ok(writers)
}
