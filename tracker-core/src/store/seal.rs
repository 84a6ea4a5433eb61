//! Turns a log into an immutable Parquet part.

use std::io;

use crate::{
    Error, Result, RunId, Writer,
    error::IoContext,
    fault::Fault,
    format::{
        folder::StorePath,
        layout::{PartName, RunPaths, log_first},
        log_file::MOST_BYTES,
        log_header,
    },
    platform::{entry::Look, files::TELLS_FILES_APART},
    read::is_readable_part,
    store::{log::Log, part_writer, sorted_log::SortedLog},
};

const HINT: &str = "check the disk's free space and the folder's permissions";

/// What became of a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The part that holds its points now; `None` if it had none, or is gone already.
    pub(crate) part: Option<PartName>,
    /// How many points the log had.
    pub(crate) points: u64,
    /// How many records of the log could not be read.
    pub(crate) damaged: u64,
    /// Where the log is if some of it could not be read; otherwise it is deleted.
    pub(crate) damaged_aside: Option<StorePath>,
    /// How many points have a step of 2^63 or more, which other programs see as negative.
    pub(crate) huge_steps: u64,
}

/// Writes the points of a log as a part, then deletes the log. Nothing happens to a log that is
/// gone already.
///
/// Nothing may be added to the log any more, and nobody else may seal it meanwhile: the caller is
/// its writer, or holds the dead writer's lock. Whoever is killed in between, the next one seals
/// again: the part has the same name and contents each time.
///
/// # Errors
/// If the log cannot be read or the part not be written. The log stays, and no half part does.
pub(crate) fn seal(
    run: &RunId,
    paths: &RunPaths,
    writer: Writer,
    log: &StorePath,
) -> Result<Sealed> {
    match log.read(MOST_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Sealed::default()),
        bytes => seal_bytes(run, paths, writer, log, &bytes.io_context("read", log, HINT)?),
    }
}

/// As [`seal`], for a log that its writer holds open: what was appended to it is sealed, also if its
/// file has lost its name since.
///
/// # Errors
/// As [`seal`].
pub(crate) fn seal_open(
    run: &RunId,
    paths: &RunPaths,
    writer: Writer,
    log: &Log,
) -> Result<Sealed> {
    let bytes = log.contents().io_context("read", log.path(), HINT)?;
    seal_bytes(run, paths, writer, log.path(), &bytes)
}

/// As [`seal`], for a log that never was a file.
///
/// # Errors
/// If the part cannot be written: then no half part stays.
pub(crate) fn seal_in_memory(
    run: &RunId,
    paths: &RunPaths,
    writer: Writer,
    first: u64,
    log: &[u8],
) -> Result<Sealed> {
    let sorted = sorted(log, writer, first, &paths.scalars())?;
    let mut sealed = Sealed::of(&sorted);
    if sorted.len() > 0 {
        let part = PartName { writer, first, last: first + sorted.slots() - 1 };
        sealed.part = Some(write_part(run, paths, part, &sorted)?);
    }
    Ok(sealed)
}

/// The points of a log in order; of a log at `place`, or that would be there.
fn sorted<'a>(
    bytes: &'a [u8],
    writer: Writer,
    first: u64,
    place: &StorePath,
) -> Result<SortedLog<'a>> {
    SortedLog::new(bytes, writer, first).map_err(|version| Error::NewerFormat {
        path: place.to_path_buf(),
        version,
        known: log_header::VERSION,
    })
}

impl Sealed {
    fn of(sorted: &SortedLog<'_>) -> Self {
        Self {
            points: sorted.len() as u64,
            damaged: sorted.damaged,
            huge_steps: sorted.huge_steps,
            ..Self::default()
        }
    }
}

fn seal_bytes(
    run: &RunId,
    paths: &RunPaths,
    writer: Writer,
    log: &StorePath,
    bytes: &[u8],
) -> Result<Sealed> {
    let first = log_first(log).unwrap_or(0);
    let sorted = sorted(bytes, writer, first, log)?;
    let mut sealed = Sealed::of(&sorted);
    let too_early = Fault::LogDeletedBeforeRename.is_planted() && log.remove().is_ok();
    if sorted.len() > 0 {
        let part = PartName { writer, first, last: first + sorted.slots() - 1 };
        sealed.part = Some(match known_part(paths, part)? {
            Some(known) => known,
            None => write_part(run, paths, part, &sorted)?,
        });
    }
    if sealed.damaged > 0 {
        sealed.damaged_aside = Some(put_log_aside(paths, writer, log)?);
    } else if !too_early {
        remove(log)?;
    }
    Ok(sealed)
}

/// Removes a log, which may be gone already.
fn remove(log: &StorePath) -> Result<()> {
    match log.remove() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.io_context("remove", log, HINT),
    }
}

/// The part that somebody made of the log before. A power failure after that may have cut the
/// log, which was never synced, but not the part, which was: then the part has more points. A part
/// that cannot be read is put aside, so that the log is not deleted for its sake.
fn known_part(paths: &RunPaths, wanted: PartName) -> Result<Option<PartName>> {
    let is_of_log = |part: &PartName| {
        (part.writer, part.first) == (wanted.writer, wanted.first) && part.last >= wanted.last
    };
    for part in paths.parts()?.into_iter().filter(is_of_log) {
        let path = paths.part(part);
        if is_readable_part(&path).io_context("read", &path, "nothing was changed; try again")? {
            return Ok(Some(part));
        }
        // One that is no file stays where it is: then the new one cannot take its name.
        if path.look().is_ok_and(|look| look.is_file()) {
            put_aside(paths, &path, &part.to_string())?;
        }
    }
    Ok(None)
}

/// Writes a part whole or not at all: a temporary file beside it, synced, then renamed.
///
/// Where there are no locks, two may seal a log at a time, and one take the other's temporary file
/// for what a dead process left. So whoever wrote the part looks whether it is its own, or where that
/// cannot be told, whether it is whole: if not, the log must stay.
fn write_part(
    run: &RunId,
    paths: &RunPaths,
    part: PartName,
    sorted: &SortedLog<'_>,
) -> Result<PartName> {
    let folder = paths.scalars();
    folder.create_folder().io_context("create", &folder, HINT)?;
    let path = paths.part(part);
    let mut own = None;
    let written = path.replace(true, |file| {
        own = Some(Look::at(file)?.file);
        Ok(part_writer::write(file, run, part.writer, sorted)?)
    });
    written.io_context("write", &path, HINT)?;
    let is_own = path.look().ok().map(|look| look.file) == own;
    if !is_own || !TELLS_FILES_APART && !is_readable_part(&path).unwrap_or(false) {
        let error = io::Error::other("another process is writing it, too");
        return Err(error).io_context("write", &path, "try again when that one is done");
    }
    folder.sync().io_context("sync", &folder, HINT)?;
    Ok(part)
}

/// Keeps a log of which not all could be read, out of the way of readers.
pub(crate) fn put_log_aside(
    paths: &RunPaths,
    writer: Writer,
    log: &StorePath,
) -> Result<StorePath> {
    put_aside(paths, log, &format!("{writer}-{}", log.name()))
}

/// Keeps a file that cannot be read. It replaces none that was put aside before.
fn put_aside(paths: &RunPaths, file: &StorePath, name: &str) -> Result<StorePath> {
    let mut aside = paths.put_aside(name);
    let mut number = 2;
    while aside.exists() {
        aside = paths.put_aside(&format!("{name}-{number}"));
        number += 1;
    }
    file.rename_to(&aside).io_context("rename", file, HINT)?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::format::layout::file_names;
    use crate::testing::parts::{TestPoint, TestRun};

    const WRITER: Writer = Writer { rank: 0, attempt: 1 };

    fn points(count: u64) -> Vec<TestPoint> {
        let point = |n: u64| TestPoint { key: (n % 3) as u32, step: n / 3, value: n as f64 };
        (0..count).map(point).collect()
    }

    fn parts(run: &TestRun) -> Vec<(String, Vec<u8>)> {
        let mut names = file_names(&run.paths.scalars()).unwrap();
        names.sort();
        let bytes = |name: &String| fs::read(run.paths.scalars().join(name)).unwrap();
        names.iter().map(|name| (name.clone(), bytes(name))).collect()
    }

    #[test]
    fn killed_before_the_rename_sealing_again_is_the_same() {
        let run = TestRun::new();
        let log = run.log(WRITER, 5, &points(100));
        let whole = fs::read(&log).unwrap();
        run.seal(WRITER, &log).unwrap();
        let undisturbed = parts(&run);
        fs::remove_file(run.paths.scalars().join("r0a1-5-104.parquet")).unwrap();
        fs::write(run.paths.scalars().join("r0a1-5-104.parquet.tmp"), "half a part").unwrap();
        fs::write(&log, whole).unwrap();
        let sealed = run.seal(WRITER, &log).unwrap();
        assert_eq!((sealed.points, sealed.damaged), (100, 0));
        assert_eq!(parts(&run), undisturbed);
        assert!(!log.exists());
    }

    #[test]
    fn killed_before_the_log_is_deleted_nothing_is_doubled() {
        let run = TestRun::new();
        let log = run.log(WRITER, 0, &points(100));
        let whole = fs::read(&log).unwrap();
        let first = run.seal(WRITER, &log).unwrap();
        let undisturbed = parts(&run);
        fs::write(&log, whole).unwrap();
        assert_eq!(run.seal(WRITER, &log).unwrap(), first);
        assert_eq!(parts(&run), undisturbed);
        assert!(!log.exists());
    }

    #[test]
    fn a_log_that_lost_its_end_does_not_replace_its_part() {
        let run = TestRun::new();
        let log = run.log(WRITER, 0, &points(100));
        let whole = fs::read(&log).unwrap();
        let first = run.seal(WRITER, &log).unwrap();
        let undisturbed = parts(&run);
        fs::write(&log, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(run.seal(WRITER, &log).unwrap().part, first.part);
        assert_eq!(parts(&run), undisturbed);
        assert!(!log.exists());
    }

    #[test]
    fn a_part_that_is_not_whole_is_written_again() {
        let run = TestRun::new();
        let log = run.log(WRITER, 0, &points(100));
        let whole = fs::read(&log).unwrap();
        let part = run.paths.part(run.seal(WRITER, &log).unwrap().part.unwrap());
        let undisturbed = parts(&run);
        fs::write(&part, "half").unwrap();
        fs::write(&log, whole).unwrap();
        run.seal(WRITER, &log).unwrap();
        assert_eq!(parts(&run), undisturbed);
    }

    #[test]
    fn a_damaged_log_is_put_aside_and_the_rest_of_it_sealed() {
        let run = TestRun::new();
        let log = run.log(WRITER, 0, &points(100));
        let mut bytes = fs::read(&log).unwrap();
        let at = bytes.len() - 40;
        bytes[at] ^= 1;
        fs::write(&log, bytes).unwrap();
        let sealed = run.seal(WRITER, &log).unwrap();
        assert_eq!((sealed.points, sealed.damaged), (99, 1));
        assert!(sealed.damaged_aside.unwrap().exists() && !log.exists());
    }

    #[test]
    fn a_log_of_which_nothing_can_be_read_is_put_aside_and_never_deleted() {
        let run = TestRun::new();
        let whole = fs::read(run.log(WRITER, 7_000, &points(100))).unwrap();
        fs::remove_file(run.paths.live(WRITER).log(7_000)).unwrap();
        for bytes in [b"noise".repeat(50), vec![0; 3_200], whole] {
            let log = run.log(WRITER, 0, &[]);
            fs::write(&log, &bytes).unwrap();
            let sealed = run.seal(WRITER, &log).unwrap();
            assert_eq!((sealed.points, sealed.part), (0, None));
            assert!(sealed.damaged > 0 && !log.exists());
            assert_eq!(fs::read(sealed.damaged_aside.unwrap()).unwrap(), bytes);
        }
        let contents = run.paths.contents().unwrap();
        assert_eq!(contents.put_aside.len(), 3);
    }

    #[test]
    fn a_log_whose_part_cannot_be_read_becomes_a_part_again() {
        let run = TestRun::new();
        let log = run.log(WRITER, 0, &points(100));
        let whole = fs::read(&log).unwrap();
        let part = run.paths.part(run.seal(WRITER, &log).unwrap().part.unwrap());
        let undisturbed = parts(&run);
        let mut damaged = fs::read(&part).unwrap();
        let footer = damaged.len() - 300;
        damaged[footer..footer + 200].fill(0xff);
        fs::write(&part, &damaged).unwrap();
        fs::write(&log, whole).unwrap();
        run.seal(WRITER, &log).unwrap();
        assert_eq!(parts(&run), undisturbed);
        let aside = run.paths.put_aside(part.file_name().unwrap().to_str().unwrap());
        assert_eq!(fs::read(aside).unwrap(), damaged);
    }

    #[test]
    fn where_two_seal_a_log_at_a_time_it_is_never_gone_before_its_part_is_whole() {
        for _ in 0..60 {
            let run = TestRun::new();
            let log = run.log(WRITER, 0, &points(20_000));
            let part = run.paths.part(PartName { writer: WRITER, first: 0, last: 19_999 });
            std::thread::scope(|scope| {
                let two = [(); 2].map(|()| scope.spawn(|| run.seal(WRITER, &log)));
                while log.exists() && two.iter().any(|sealing| !sealing.is_finished()) {
                    std::thread::yield_now();
                }
                assert!(log.exists() || is_readable_part(&part).unwrap());
            });
            run.seal(WRITER, &log).unwrap();
            assert!(!log.exists() && is_readable_part(&part).unwrap());
        }
    }

    #[test]
    fn huge_steps_are_counted() {
        let run = TestRun::new();
        let steps = [1, 1 << 63, u64::MAX];
        let log = run.log(WRITER, 0, &steps.map(|step| TestPoint { key: 0, step, value: 0.0 }));
        assert_eq!(run.seal(WRITER, &log).unwrap().huge_steps, 2);
    }

    #[test]
    fn a_log_without_points_leaves_no_part() {
        let run = TestRun::new();
        let log = run.log(WRITER, 0, &[]);
        assert_eq!(run.seal(WRITER, &log).unwrap(), Sealed::default());
        assert!(parts(&run).is_empty() && !log.exists());
        assert_eq!(run.seal(WRITER, &log).unwrap(), Sealed::default());
    }

    #[test]
    fn a_part_that_cannot_be_written_leaves_the_log() {
        let run = TestRun::new();
        let log = run.log(WRITER, 0, &points(10));
        fs::create_dir_all(run.paths.scalars().join("r0a1-0-9.parquet")).unwrap();
        run.seal(WRITER, &log).unwrap_err();
        assert!(log.exists());
        assert_eq!(file_names(&run.paths.scalars()).unwrap(), ["r0a1-0-9.parquet"]);
    }
}
