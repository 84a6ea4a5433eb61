//! The points of one writer that are in no part yet: those in its ring and in its logs.

use std::{collections::VecDeque, fs::File, io};

use crate::{
    Error, Result, Writer,
    error::IoContext,
    format::{
        folder::{StorePath, read_range},
        layout::{LivePaths, file_names, log_first},
        liveness::{Life, life},
        log_file::{LogStart, MOST_HEADER, MOST_HOLES, MOST_SLOTS, Place, why_unreadable},
        ring_file::{FoundRing, RingNote},
        slot::{SLOT_BYTES, Slot},
        slot_stream::SlotStream,
    },
    mounts::named,
    read::{Loss, Warning},
    value::words::plural,
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
    /// Points before this seq were given before, to a reader whose place was written down. Their slots are
    /// taken all the same, because names are told among them.
    given: u64,
}

impl Position {
    /// The seq of the first slot that has not been taken.
    pub(crate) fn next(&self) -> u64 {
        self.stream.next
    }

    /// The seq of the first point that the reader has not been given.
    pub(crate) fn given(&self) -> u64 {
        self.given.max(self.stream.next)
    }

    /// The same with the points before a seq given.
    pub(crate) fn behind(self, given: u64) -> Self {
        Self { given: self.given.max(given), ..self }
    }

    /// The points that have been taken and not given.
    pub(crate) fn take_points(&mut self) -> Vec<(u64, Slot)> {
        let mut points = std::mem::take(&mut self.stream.points);
        points.retain(|(seq, _)| *seq >= self.given);
        points
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
        let ring =
            match RingNote::find(&live.ring_note()) {
                FoundRing::Gone => VecDeque::new(),
                FoundRing::Elsewhere => {
                    if !is_alive {
                        warnings.push(Warning::new(Loss::Points, format!(
                        "the last points of writer {writer} may still be in the memory of the \
                         machine or container that wrote {}; `tracker doctor --seal` there saves \
                         them",
                        named(&live.folder)
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
                            warnings.push(Warning::new(Loss::Points, format!(
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
            let is_growing = self.is_alive && index + 1 == logs.len();
            if let Some(log) =
                OpenLog::begin(self.writer, path, file, position, is_growing, warnings)?
            {
                log.read(position, is_growing, warnings)?;
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
        is_growing: bool,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<Self>> {
        let Some(first) = log_first(path) else { return Ok(None) };
        // A log without slots may be replaced by one whose header tells more names.
        let is_begun = position.next() > first;
        if let Some(known) = position.log.filter(|log| is_begun && log.first == first) {
            return Ok(Some(Self { path, file, known }));
        }
        let Some(start) = find_start(writer, path, &file, first, is_growing, warnings)? else {
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
        let from = position.next().max(first);
        let mut start = offset + (from - first) * SLOT_BYTES as u64;
        let most = offset + MOST_SLOTS * SLOT_BYTES as u64;
        let mut places = Places { next: from, is_growing, ..Places::default() };
        let mut bytes = Vec::new();
        while start < most {
            let end = (start + CHUNK).min(most);
            read_range(&self.file, start..end, &mut bytes).io_context("read", self.path, HINT)?;
            places.take(&bytes, &mut position.stream);
            if (bytes.len() as u64) < CHUNK {
                break;
            }
            start = end;
        }
        if places.next - first >= MOST_SLOTS {
            warnings.push(Warning::new(
                Loss::Points,
                format!("{} is longer than any log; what is beyond is not read", named(self.path)),
            ));
        }
        let damaged = places.end(&mut position.stream);
        if damaged > 0 {
            warnings.push(Warning::new(
                Loss::Points,
                format!(
                    "{} has {}; all others are read",
                    named(self.path),
                    plural(damaged, "damaged record")
                ),
            ));
        }
        Ok(())
    }
}

/// How many bytes of a log are in memory at a time.
const CHUNK: u64 = 1 << 20;

/// The places of a log while they are taken.
#[derive(Default)]
struct Places {
    /// The seq of the next one.
    next: u64,
    is_growing: bool,
    found: NotWhole,
    /// Behind the last one that is whole.
    pending: NotWhole,
}

/// How many places are not whole.
#[derive(Default)]
struct NotWhole {
    damaged: u64,
    holes: u64,
}

impl Places {
    fn take(&mut self, bytes: &[u8], stream: &mut SlotStream) {
        for bytes in bytes.chunks_exact(SLOT_BYTES) {
            match Place::of(bytes, self.next) {
                Place::Whole(slot) => {
                    self.take_pending();
                    stream.push(self.next, Some(slot));
                }
                Place::Hole => self.pending.holes += 1,
                Place::Damaged => self.pending.damaged += 1,
            }
            self.next += 1;
        }
    }

    fn take_pending(&mut self) {
        let NotWhole { damaged, holes } = std::mem::take(&mut self.pending);
        self.found.damaged += damaged;
        self.found.holes += holes;
    }

    /// How many places are damaged. On some file systems a log that grows looks longer for a
    /// moment than what has been written: then the places behind the last whole one do not count.
    fn end(mut self, stream: &mut SlotStream) -> u64 {
        if !self.is_growing && self.pending.damaged + self.pending.holes > 0 {
            self.take_pending();
            stream.push(self.next - 1, None);
        }
        let NotWhole { damaged, holes } = self.found;
        if holes > MOST_HOLES { damaged + holes } else { damaged }
    }
}

/// Bytes in which the header of most logs ends.
const HEADER_BYTES: u64 = 1 << 16;

fn find_start(
    writer: Writer,
    path: &StorePath,
    file: &File,
    first: u64,
    is_growing: bool,
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
    match &found {
        Ok(Some(LogStart { is_whole: false, .. })) => warnings.push(Warning::new(
            Loss::Points,
            format!(
                "{} has a damaged header; its points are read, names of metrics may be missing",
                named(path)
            ),
        )),
        Ok(None) => {
            let why = why_unreadable(&bytes, is_growing);
            warnings.extend(why.map(|why| {
                let path = named(path);
                Warning::new(
                    Loss::Points,
                    format!("failed to read {path}: {why}; its points are missing here"),
                )
            }));
        }
        _ => {}
    }
    found.or_else(|version| {
        warnings.push(Warning::new(
            Loss::Points,
            format!(
                "{} has format version {version}; install a newer tracker to read it",
                named(path)
            ),
        ));
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
