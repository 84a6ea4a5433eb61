//! Saves what a dead writer left: its ring and its logs become parts, as if it had ended.
//!
//! Everything is done in an order in which whoever is killed can begin again, with nothing doubled
//! and nothing lost: the ring goes to a log in its own place, logs become parts, the summary is
//! written, and only then the live folder and last the ring are removed.
//!
//! Invariant: what a step makes is whole, and has its name, before the next one removes what it was made
//! of; and each step finds out by itself whether it was done before.
//! `a_recovery_that_was_cut_off_is_done_to_its_end` cuts it off at each of them; the planted fault
//! `log-deleted-before-rename` swaps two.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io,
    path::Path,
    thread,
    time::Duration,
};

use crate::{
    Error, Problem, Result, RunId, Writer,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{LivePaths, PartName, RunPaths, log_first},
        liveness::{Life, life, owner},
        log_file::{LogScan, LogStart, MOST_BYTES},
        log_header::{self, LogHeader},
        ring_file::{FoundRing, RingFile, RingNote},
        run_file::{FORMAT_VERSION, WriterSummary, write_json},
        slot::SLOT_BYTES,
        slot_stream::unnamed,
    },
    platform::{entry::Look, files},
    read,
    store::seal::{Sealed, put_log_aside, seal},
};

const HINT: &str = "check the disk's free space and the folder's permissions";

/// How a live folder that is done with is named while it is removed, so that nobody sees half of
/// it.
pub(crate) const DONE: &str = ".done-";

/// How often, and how long apart, to ask for a lock that a reader may hold for a moment.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Whether a writer may be sealed of which this process cannot know that it is dead, or that its
/// ring is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Force {
    No,
    /// A person says so.
    Yes,
}

/// What was saved of a dead writer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// Points that were only in the ring.
    pub(crate) from_ring: u64,
    /// Places in the ring that were reserved for log calls that never returned.
    pub(crate) unfinished: u64,
    /// Points that are in new parts now.
    pub(crate) points: u64,
    /// Records of logs that could not be read.
    pub(crate) damaged: u64,
}

/// Seals what a dead writer left, and removes its live folder and its ring. Does nothing if
/// somebody else has done it.
///
/// # Errors
/// If the writer lives, if only a person can know whether it does, or if a file cannot be read or
/// written. What has been done until then stays, and is not done again the next time.
pub(crate) fn seal_dead(paths: &RunPaths, writer: Writer, force: Force) -> Result<Recovered> {
    let paths = &paths.hold().io_context("open", paths.folder(), HINT)?;
    let live = paths.live(writer);
    if !live.folder.exists() {
        return Ok(Recovered::default());
    }
    check_is_dead(&live, writer, force)?;
    let Some(_lock) = take_lock(&live, writer)? else { return Ok(Recovered::default()) };
    let ring = find_ring(&live, writer, force)?;
    let run = run_id(paths)?;
    let mut recovered = Recovered::default();
    let names = known_names(&live, writer)?;
    put_noise_aside(paths, writer, &mut recovered)?;
    seal_known(&run, paths, writer, &mut recovered)?;
    if let Some(ring) = &ring {
        append_ring(paths, writer, ring, names, &mut recovered)?;
    }
    for log in live.logs()? {
        recovered.add(&seal(&run, paths, writer, &log)?);
    }
    write_summary(paths, writer, &recovered)?;
    remove_live(paths, writer)?;
    // That of another folder, of which this one is a copy, stays.
    if let Some(ring) = ring.filter(|ring| ring.header.folder == **paths.folder()) {
        ring.remove();
    }
    Ok(recovered)
}

impl Recovered {
    fn add(&mut self, sealed: &Sealed) {
        self.points += sealed.points;
        self.damaged += sealed.damaged;
    }
}

fn check_is_dead(live: &LivePaths, writer: Writer, force: Force) -> Result<()> {
    match life(live) {
        Life::Dead => Ok(()),
        Life::Silent if force == Force::Yes => Ok(()),
        Life::Alive => Err(refused(
            live,
            format!("the process of writer {writer} lives"),
            "wait until it ends, or stop it",
        )),
        Life::Silent => Err(refused(
            live,
            format!(
                "writer {writer} ran on {}, from which nothing has been heard for a minute",
                host(live)
            ),
            "seal it there, or here with `tracker doctor RUN --seal --force` if that machine is gone",
        )),
    }
}

fn host(live: &LivePaths) -> String {
    owner(live).map_or_else(|| "another machine".to_owned(), |owner| owner.host)
}

fn refused(live: &LivePaths, reason: String, hint: &str) -> Error {
    Error::Refused {
        action: "seal",
        path: live.folder.to_path_buf(),
        reason,
        hint: hint.to_owned(),
    }
}

/// Takes the right to seal, so that nobody else does at the same time. It is a file of its own:
/// the writer's lock, held by a sealer, would make the dead writer look alive. `None` if somebody
/// else has been first and is done.
fn take_lock(live: &LivePaths, writer: Writer) -> Result<Option<File>> {
    let path = live.sealing();
    let lock = match path.open_to_lock() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result.io_context("open", &path, HINT)?,
    };
    for _ in 0..LOCK_TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(is_still(&lock, &path).then_some(lock)),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            // A file system without locks: the process number has said that the writer is dead.
            Err(TryLockError::Error(_)) => return Ok(Some(lock)),
        }
    }
    Err(refused(
        live,
        format!("another process is sealing writer {writer}"),
        "wait until it is done",
    ))
}

fn is_still(file: &File, path: &StorePath) -> bool {
    matches!((path.look(), Look::at(file)), (Ok(here), Ok(open)) if here.file == open.file)
}

/// The writer's ring, if it is here.
fn find_ring(live: &LivePaths, writer: Writer, force: Force) -> Result<Option<RingFile>> {
    match RingNote::find(&live.ring_note()) {
        // Its process holds the ring's lock for life, wherever the folder's own lock may be: this
        // one may be a copy of a folder whose process lives.
        FoundRing::Open(ring) if ring.is_held() => Err(refused(
            live,
            format!("the ring of writer {writer} is in use"),
            "wait until its process ends; of a copied run, seal the original",
        )),
        FoundRing::Open(ring) if ring.header.writer == writer => Ok(Some(ring)),
        FoundRing::Open(_) | FoundRing::Gone => Ok(None),
        // The machine was started again: its memory went, and nothing can be saved of it.
        FoundRing::Elsewhere if is_of_earlier_boot(live) => Ok(None),
        FoundRing::Elsewhere if force == Force::Yes => Ok(None),
        FoundRing::Elsewhere => Err(refused(
            live,
            format!(
                "the last points of writer {writer} may be in the memory of another machine or \
                 container ({})",
                host(live)
            ),
            "seal it there, or here with `tracker doctor RUN --seal --force` if it is gone",
        )),
    }
}

fn is_of_earlier_boot(live: &LivePaths) -> bool {
    owner(live).is_some_and(|owner| owner.is_of_this_host() && !owner.is_of_this_boot())
}

fn run_id(paths: &RunPaths) -> Result<RunId> {
    paths.folder().file_name().unwrap_or_default().to_string_lossy().parse()
}

/// All names that the writer's logs tell, by key.
fn known_names(live: &LivePaths, writer: Writer) -> Result<Vec<String>> {
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    for path in live.logs()? {
        let bytes = path.read(MOST_BYTES).io_context("read", &path, HINT)?;
        let scan = LogScan::read(&bytes, writer, log_first(&path).unwrap_or(0), |_, _| ());
        names.extend(scan.map_err(|version| newer(&path, version))?.names);
    }
    let end = names.last_key_value().map_or(0, |(key, _)| key + 1);
    Ok((0..end).map(|key| names.remove(&key).unwrap_or_else(|| unnamed(key))).collect())
}

/// Keeps logs of which nothing can be read. Their names may be wanted for what the ring has.
fn put_noise_aside(paths: &RunPaths, writer: Writer, recovered: &mut Recovered) -> Result<()> {
    for log in paths.live(writer).logs()? {
        let bytes = log.read(MOST_BYTES).io_context("read", &log, HINT)?;
        let found = LogStart::find(&bytes, writer, log_first(&log).unwrap_or(0));
        if matches!(found, Ok(None)) && !bytes.is_empty() {
            recovered.damaged += bytes.len().div_ceil(SLOT_BYTES) as u64;
            put_log_aside(paths, writer, &log)?;
        }
    }
    Ok(())
}

fn newer(path: &Path, version: u32) -> Error {
    Error::NewerFormat { path: path.to_owned(), version, known: log_header::VERSION }
}

/// Deletes logs that have become parts, whose sealing was cut off: nothing may be added to them.
fn seal_known(
    run: &RunId,
    paths: &RunPaths,
    writer: Writer,
    recovered: &mut Recovered,
) -> Result<()> {
    let parts = parts_of(paths, writer)?;
    for log in paths.live(writer).logs()? {
        if log_first(&log).is_some_and(|first| parts.iter().any(|part| part.first == first)) {
            recovered.add(&seal(run, paths, writer, &log)?);
        }
    }
    Ok(())
}

fn parts_of(paths: &RunPaths, writer: Writer) -> Result<Vec<PartName>> {
    let mut parts = paths.parts()?;
    parts.retain(|part| part.writer == writer);
    Ok(parts)
}

/// Appends to the last log what only the ring has. A place whose slot is not whole stays empty in
/// the log, so that every other slot keeps its place.
fn append_ring(
    paths: &RunPaths,
    writer: Writer,
    ring: &RingFile,
    names: Vec<String>,
    recovered: &mut Recovered,
) -> Result<()> {
    let folder = paths.live(writer).folder;
    let read = |error| refused_ring(&folder, error);
    let open = ring.state().map_err(read)?.open;
    let sealed = parts_of(paths, writer)?.iter().map(|part| part.last + 1).max().unwrap_or(0);
    let last = last_log(&paths.live(writer), writer)?;
    let end = last.as_ref().map_or(0, LastLog::end);
    let from = end.max(sealed).max(open.start);
    let slots = if from < open.end { ring.read(from..open.end).map_err(read)? } else { Vec::new() };
    let mut bytes = Vec::with_capacity(slots.len() * SLOT_BYTES);
    for (seq, slot) in &slots {
        match slot {
            Some(slot) => {
                bytes.extend(slot.encode(*seq).iter().flat_map(|word| word.to_le_bytes()));
            }
            None => bytes.resize(bytes.len() + SLOT_BYTES, 0),
        }
    }
    recovered.unfinished = slots.iter().filter(|(_, slot)| slot.is_none()).count() as u64;
    recovered.from_ring = slots.len() as u64 - recovered.unfinished;
    if recovered.from_ring == 0 {
        return Ok(());
    }
    match last.filter(|log| log.is_whole && end == from) {
        Some(log) => log.append(&bytes),
        // With a gap before it, or a damaged header, the ring gets a log of its own.
        None => LastLog::create(&paths.live(writer), writer, from, names)?.append(&bytes),
    }
}

fn refused_ring(folder: &Path, source: io::Error) -> Error {
    Error::Io {
        action: "read the ring of",
        path: folder.to_owned(),
        hint: "nothing was changed; try again".into(),
        source,
    }
}

/// The newest log, to which the ring's slots can be appended if its header is whole.
#[derive(Debug)]
struct LastLog {
    path: StorePath,
    first: u64,
    slots: u64,
    /// The byte at which its slots begin.
    offset: u64,
    is_whole: bool,
}

/// The newest log, if it has anything to read.
fn last_log(live: &LivePaths, writer: Writer) -> Result<Option<LastLog>> {
    let Some(path) = live.logs()?.pop() else { return Ok(None) };
    let first = log_first(&path).unwrap_or(0);
    let bytes = path.read(MOST_BYTES).io_context("read", &path, HINT)?;
    match LogStart::find(&bytes, writer, first) {
        Ok(Some(LogStart { offset, is_whole, .. })) => {
            let slots = ((bytes.len() - offset) / SLOT_BYTES) as u64;
            Ok(Some(LastLog { path, first, slots, offset: offset as u64, is_whole }))
        }
        Ok(None) => Ok(None),
        Err(version) => Err(newer(&path, version)),
    }
}

impl LastLog {
    /// An empty log that begins at `first`.
    fn create(live: &LivePaths, writer: Writer, first: u64, names: Vec<String>) -> Result<Self> {
        let path = live.log(first);
        let header = LogHeader { writer: writer.number(), first, names }.encode();
        path.replace_with(&header, false).io_context("create", &path, HINT)?;
        Ok(Self { path, first, slots: 0, offset: header.len() as u64, is_whole: true })
    }

    /// The seq of the slot that comes next.
    fn end(&self) -> u64 {
        self.first + self.slots
    }

    /// Writes slots behind the last whole one. What was cut off in the middle is written over.
    fn append(&self, slots: &[u8]) -> Result<()> {
        let end = self.offset + self.slots * SLOT_BYTES as u64;
        let write = || -> io::Result<()> {
            let file = self.path.open_to_write()?;
            file.set_len(end)?;
            files::write_all_at(&file, slots, end)?;
            file.sync_data()
        };
        write().io_context("write", &self.path, HINT)
    }
}

/// Says what the writer left in its parts, from which nothing is missing now. What it had said of
/// its metrics, its facts and problems stays. A part that cannot be read keeps its readers looking.
fn write_summary(paths: &RunPaths, writer: Writer, recovered: &Recovered) -> Result<()> {
    let Some(metrics) = read::sealed_sums(paths, writer)? else { return Ok(()) };
    let path = paths.summary(writer);
    let known = WriterSummary::read(&path);
    let (definitions, about, mut problems, alerts) = known
        .map(|known| (known.definitions, known.about, known.problems, known.alerts))
        .unwrap_or_default();
    if recovered.damaged > 0 {
        problems.push(Problem {
            count: recovered.damaged,
            ..Problem::new(
                "damaged-log",
                "records of a log could not be read",
                "check the disk; all other records are in the run",
            )
        });
    }
    let (version, complete) = (FORMAT_VERSION, true);
    let summary =
        WriterSummary { version, complete, metrics, definitions, about, problems, alerts };
    write_json(&path, &summary, true).io_context("write", &path, HINT)
}

/// Removes a live folder in one step, as others see it.
pub(crate) fn remove_live(paths: &RunPaths, writer: Writer) -> Result<()> {
    let live = paths.live(writer).folder;
    let done = paths.live_all().child(format!("{DONE}{writer}"));
    let _ = done.remove_all();
    live.rename_to(&done).io_context("rename", &live, HINT)?;
    // What stays of it is garbage.
    let _ = done.remove_all();
    // Fails while another writer of the run lives, as it should.
    let _ = paths.live_all().remove_empty();
    Ok(())
}
