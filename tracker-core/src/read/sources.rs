//! All that holds a run's points, read so that no point is missed or doubled.
//!
//! Points move only from a writer's ring to its log and from the log to a part. So the rings are
//! read first, then the logs, then the parts are listed: a point that moves on in between is found
//! where it went. What is found twice is told by writer and seq: parts count before logs, and logs
//! before the ring.
//!
//! Invariant: a point is always in one of the three, and only ever goes from one to the next.
//! `protocol_tests.rs` lets points move at each pause between two looks; the planted fault
//! `reader-order-reversed` looks in the other order, and misses some.

use std::{collections::BTreeMap, io, sync::Arc};

use parquet::errors::ParquetError;

use crate::{
    Error, Result, Writer,
    error::IoContext,
    fault::Fault,
    format::layout::{PartName, RunPaths, SCALARS},
    mounts::named,
    read::{
        Loss, Warning,
        hook::{Pause, pause},
        part::Part,
        part_cache::PartCache,
        unsealed::{Loose, Position, live_writers},
    },
};

/// How often to start again when a part disappears while it is read.
const TRIES: usize = 3;

/// How far a reader has come with each writer. Nowhere, for one that reads everything.
pub(crate) type Positions = BTreeMap<Writer, Position>;

/// Where a run's points are.
#[derive(Debug)]
pub(crate) struct Sources {
    /// The parts that hold points beyond the reader's positions, each with the seq from which on
    /// its points have not been given to the reader.
    pub(crate) parts: Vec<(PartName, Arc<Part>, u64)>,
    /// The points that are in no part, by writer, and how far the reader has come with these.
    pub(crate) positions: Positions,
    /// Slots that dead writers had reserved for log calls that never returned.
    pub(crate) unfinished: u64,
    /// What could not be read.
    pub(crate) warnings: Vec<Warning>,
}

impl Sources {
    /// Finds everything beyond the positions in `from`.
    ///
    /// # Errors
    /// If a folder cannot be listed, or the run's files are being removed.
    pub(crate) fn find(run: &RunPaths, parts: &PartCache, from: &Positions) -> Result<Self> {
        let run = &run.hold().io_context("open", run.folder(), "is this a run's folder?")?;
        // Of a run that lies elsewhere, all writers are known once its points are.
        run.scalars().bring().io_context("fetch", &run.scalars(), "try again later")?;
        for _ in 0..TRIES {
            if let Some(found) = Self::try_find(run, parts, from)? {
                return Ok(found);
            }
        }
        Err(Error::Damaged {
            path: run.scalars().to_path_buf(),
            reason: "parts disappear while they are read".into(),
            hint: "try again once nobody removes files from the run's folder".into(),
        })
    }

    /// Leaves out all but the first parts, which hold `most` places or little more, and what their writers have
    /// behind those. Whether anything was left out: then it is found behind the positions.
    pub(crate) fn leave_out_behind(&mut self, most: u64, from: &Positions) -> bool {
        let mut held = 0;
        let is_wanted = |(name, _, from): &&(PartName, Arc<Part>, u64)| {
            let before = held;
            held += name.last + 1 - name.first.max(*from);
            before < most
        };
        let kept = self.parts.iter().take_while(is_wanted).count();
        let left_out = self.parts.split_off(kept);
        for (name, ..) in &left_out {
            let of_writer = self.parts.iter().filter(|(kept, ..)| kept.writer == name.writer);
            let given = of_writer.map(|(kept, ..)| kept.last + 1).max().unwrap_or(0);
            let before = from.get(&name.writer).cloned().unwrap_or_default();
            self.positions.insert(name.writer, before.behind(given));
        }
        !left_out.is_empty()
    }

    /// `None` if a part disappears.
    fn try_find(run: &RunPaths, cache: &PartCache, from: &Positions) -> Result<Option<Self>> {
        let mut warnings = Vec::new();
        let reversed = Fault::ReaderOrderReversed.is_planted();
        let too_early = if reversed { list_parts(run)? } else { Vec::new() };
        let next = |writer: Writer| from.get(&writer).map_or(0, Position::next);
        let mut loose = Vec::new();
        for writer in live_writers(&run.live_all())? {
            let live = run.live(writer);
            loose.push(Loose::read_ring(writer, live, next(writer), &mut warnings));
        }
        pause(Pause::RingsRead);
        let mut positions = from.clone();
        let follows = !from.is_empty();
        for writer in &loose {
            let position = positions.entry(writer.writer).or_default();
            match writer.read_logs(position, &mut warnings) {
                // A cursor that went past them would never come back.
                Err(error) if follows => return Err(error),
                Err(error) => {
                    warnings.push(Warning::new(
                        Loss::Points,
                        format!("{error}; points may be missing here"),
                    ));
                }
                Ok(()) => {}
            }
        }
        pause(Pause::LogsRead);
        let names = if reversed { too_early } else { list_parts(run)? };
        let mut covered = Covered::default();
        pause(Pause::PartsListed);
        let mut parts = Vec::new();
        for name in names {
            let from = from.get(&name.writer).map_or(0, Position::given);
            if name.last < from || covered.has(name) {
                continue;
            }
            match cache.open(run, name) {
                Ok(part) => {
                    covered.add(name);
                    parts.push((name, part, from));
                }
                Err(error) if is_gone(&error) => return Ok(None),
                // A cursor that went past it would never come back.
                Err(error) if follows && is_io(&error) => {
                    return Err(Error::Io {
                        action: "read",
                        path: run.part(name).to_path_buf(),
                        hint: "try again; nothing was skipped".into(),
                        source: io::Error::other(error),
                    });
                }
                Err(error) => warnings.push(Warning::new(
                    Loss::Points,
                    format!(
                        "failed to read {}: {error}; its points are missing here",
                        named(&run.part(name))
                    ),
                )),
            }
        }
        let unfinished = take_rings(loose, &parts, &mut positions);
        let missing = run.folder().missing().into_iter();
        warnings.extend(missing.map(|missing| Warning::new(Loss::Points, missing)));
        Ok(Some(Self { parts, positions, unfinished, warnings }))
    }
}

/// Takes from the rings what neither logs nor parts have, and from the logs what no part has.
fn take_rings(
    loose: Vec<Loose>,
    parts: &[(PartName, Arc<Part>, u64)],
    positions: &mut Positions,
) -> u64 {
    let mut sealed: BTreeMap<Writer, Vec<PartName>> = BTreeMap::new();
    for (name, ..) in parts {
        sealed.entry(name.writer).or_default().push(*name);
    }
    let mut unfinished = 0;
    for writer in loose {
        let position = positions.entry(writer.writer).or_default();
        let sealed = sealed.get(&writer.writer).map_or(&[][..], Vec::as_slice);
        let end = sealed.iter().map(|part| part.last + 1).max().unwrap_or(0);
        unfinished += writer.take_ring(end.max(position.next()), position);
    }
    for (writer, sealed) in sealed {
        let position = positions.entry(writer).or_default();
        let is_sealed =
            |seq: u64| sealed.iter().any(|part| (part.first..=part.last).contains(&seq));
        position.stream.points.retain(|(seq, _)| !is_sealed(*seq));
        let end = sealed.iter().map(|part| part.last + 1).max().unwrap_or(0);
        position.stream.next = position.stream.next.max(end);
    }
    unfinished
}

/// The sealed parts of a run, in the order of writers and points. Of those that begin at the same
/// point, the one that has more comes first.
pub(crate) fn list_parts(files: &RunPaths) -> Result<Vec<PartName>> {
    let names = files.list(SCALARS);
    let names =
        names.io_context("list", &files.place(SCALARS), "check the folder's permissions")?;
    let mut parts: Vec<PartName> = names.iter().filter_map(|name| PartName::parse(name)).collect();
    parts.sort_unstable_by_key(|part| (part.writer, part.first, std::cmp::Reverse(part.last)));
    Ok(parts)
}

/// Which points the parts hold that have been opened, in the order of [`list_parts`]. Where a part
/// holds all that another does, as after a recovery that was cut off, it stands for both, if it
/// can be read.
#[derive(Default)]
pub(crate) struct Covered(Option<PartName>);

impl Covered {
    /// Whether an open part holds all that this one does.
    pub(crate) fn has(&self, part: PartName) -> bool {
        self.0.is_some_and(|open| open.writer == part.writer && part.last <= open.last)
    }

    pub(crate) fn add(&mut self, part: PartName) {
        self.0 = Some(part);
    }
}

fn is_gone(error: &ParquetError) -> bool {
    io_error(error).is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn is_io(error: &ParquetError) -> bool {
    io_error(error).is_some()
}

fn io_error(error: &ParquetError) -> Option<&io::Error> {
    let ParquetError::External(source) = error else { return None };
    // What is damaged stays damaged: that is no trouble of reading.
    let is_damage = |error: &&io::Error| {
        matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
    };
    source.downcast_ref().filter(|error| !is_damage(error))
}
