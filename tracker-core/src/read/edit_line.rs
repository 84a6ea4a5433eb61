//! A line of `edits.jsonl`, and how all of them become one edit.
//!
//! Lines are written on several machines, and each has those of the others in an order of its own. So not the place in
//! the file decides but the greatest time, and of two at one time the greater id. Whoever writes an edit has seen those
//! before it, and gives it a time behind all of theirs: a clock that is late makes no edit void.

use std::{io, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    format::{
        folder::{Lines, Ranged},
        layout::{EDITS, RunPaths},
        line_id::LineId,
    },
    read::Edit,
};

/// The latest time of an edit: the end of the year 9998. A later one would leave no time for those that follow it.
const LATEST: Timestamp = Timestamp(253_370_764_799_000_000);

/// In microseconds.
const A_DAY: i64 = 86_400_000_000;

/// An edit as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EditLine {
    /// None in what earlier trackers wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<LineId>,
    /// By the clock of who edits, or behind the latest edit that was there.
    pub(crate) time: Timestamp,
    #[serde(flatten)]
    pub(crate) edit: Edit,
}

/// What decides between two lines that name the same thing: the greater one does. Lines without an id of their own
/// come before those with one, and of several at the same microsecond the later one in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    time: Timestamp,
    id: Option<LineId>,
}

impl EditLine {
    /// An edit that is made now, to be written behind all that a run has.
    pub(crate) fn behind_all(files: &RunPaths, edit: Edit) -> io::Result<Self> {
        let mut latest = Timestamp(i64::MIN);
        each(files, |line| latest = latest.max(line.time))?;
        let time = Timestamp::now().0.max(latest.0.saturating_add(1));
        let time = Timestamp(time).min(LATEST);
        Ok(Self { id: Some(LineId::generate()), time, edit })
    }

    /// The line in these bytes. `None` of what is cut or damaged, says what no edit may, or nothing.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(bytes).ok()?;
        let is_one = line.edit.check().is_ok() && !line.edit.is_empty() && line.time <= LATEST;
        is_one.then_some(line)
    }

    /// Whether edits that follow it have times left.
    pub(crate) fn leaves_time(&self) -> bool {
        self.time < Timestamp(LATEST.0 - A_DAY)
    }

    fn rank(&self) -> Rank {
        let id = self.id.clone().filter(|id| !id.is_made());
        Rank { time: self.time, id }
    }
}

/// All edits of a run as one.
pub(crate) fn read(files: &RunPaths) -> io::Result<Edit> {
    let mut all = Merged::default();
    each(files, |line| all.take(line))?;
    Ok(all.into_edit())
}

/// Tells of all lines of a run that are edits, in the order of the file.
fn each(files: &RunPaths, tell: impl FnMut(EditLine)) -> io::Result<()> {
    match files.open(EDITS) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        file => each_of(file?.0, tell),
    }
}

fn each_of(file: Arc<dyn Ranged>, mut tell: impl FnMut(EditLine)) -> io::Result<()> {
    let mut lines = Lines::behind(file, 0);
    while let Some(bytes) = lines.next()? {
        if let Some(line) = EditLine::read(bytes) {
            tell(line);
        }
    }
    Ok(())
}

/// The greatest of all lines that name each thing.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    by: Register,
    name: Register,
    group: Register,
    notes: Register,
    tags: Register,
}

/// The line that decides.
#[derive(Debug, Default)]
struct Register(Option<Arc<EditLine>>);

impl Merged {
    /// One more line, in the order of the file.
    pub(crate) fn take(&mut self, line: EditLine) {
        let line = Arc::new(line);
        let edit = &line.edit;
        self.by.take(&line, edit.by.is_some());
        self.name.take(&line, edit.name.is_some());
        self.group.take(&line, edit.group.is_some());
        self.notes.take(&line, edit.notes.is_some());
        self.tags.take(&line, edit.tags.is_some());
    }

    /// What all of them come to.
    fn into_edit(self) -> Edit {
        Edit {
            by: self.by.value(|edit| edit.by),
            name: self.name.value(|edit| edit.name),
            group: self.group.value(|edit| edit.group),
            notes: self.notes.value(|edit| edit.notes),
            tags: self.tags.value(|edit| edit.tags),
        }
    }

    /// The lines that decide something, each once, the greatest last.
    pub(crate) fn deciding(self) -> Vec<EditLine> {
        let all = [self.by, self.name, self.group, self.notes, self.tags];
        let mut lines: Vec<EditLine> =
            all.into_iter().filter_map(|Register(line)| line.map(Arc::unwrap_or_clone)).collect();
        lines.sort_by_key(EditLine::rank);
        lines.dedup();
        lines
    }
}

impl Register {
    fn take(&mut self, line: &Arc<EditLine>, names_it: bool) {
        if names_it && self.0.as_ref().is_none_or(|known| line.rank() >= known.rank()) {
            self.0 = Some(Arc::clone(line));
        }
    }

    fn value<T>(self, of: impl FnOnce(Edit) -> Option<T>) -> Option<T> {
        self.0.and_then(|line| of(Arc::unwrap_or_clone(line).edit))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use proptest::prelude::*;

    use super::*;
    use crate::{Error, format::layout::RunPaths};

    /// A run's folder with this file of edits.
    struct EditsFile {
        _folder: tempfile::TempDir,
        run: RunPaths,
    }

    impl EditsFile {
        fn run(&self) -> &RunPaths {
            &self.run
        }

        fn path(&self) -> PathBuf {
            self.run.place(EDITS)
        }
    }

    fn file(contents: &[u8]) -> EditsFile {
        let folder = tempfile::tempdir().unwrap();
        let run = RunPaths::new(folder.path().to_path_buf());
        fs::write(run.place(EDITS), contents).unwrap();
        EditsFile { _folder: folder, run }
    }

    fn nowhere() -> RunPaths {
        RunPaths::new("/nowhere".into())
    }

    #[test]
    fn the_last_edit_that_names_a_thing_decides() {
        let file = file(b"");
        for edit in [
            Edit::new().name("a").tags(["x", "y", "x"]),
            Edit::new().notes("first\nsecond").group("g"),
            Edit::new().name("b"),
        ] {
            edit.by("alice@host").append_to(file.run()).unwrap();
        }
        let read = read(file.run()).unwrap();
        let wanted = Edit::new()
            .by("alice@host")
            .group("g")
            .name("b")
            .notes("first\nsecond")
            .tags(["x", "y"]);
        assert_eq!(read, wanted);
    }

    #[test]
    fn what_no_edit_may_say_is_refused_and_left_out_where_somebody_wrote_it() {
        for edit in [
            Edit::new().name(""),
            Edit::new().name("two\nlines"),
            Edit::new().name("x".repeat(513)),
            Edit::new().tags(["good", ""]),
            Edit::new().group("two\nlines"),
            Edit::new().tags(["\u{1b}[31m"]),
            Edit::new().notes("x".repeat((1 << 16) + 1)),
        ] {
            let error = edit.append_to(&nowhere()).unwrap_err();
            assert!(matches!(error, Error::InvalidName { .. }), "{error}");
            let line = EditLine { id: None, time: Timestamp(0), edit };
            let file = file(&serde_json::to_vec(&line).unwrap());
            assert_eq!(read(file.run()).unwrap(), Edit::new());
        }
    }

    #[test]
    fn an_edit_of_nothing_writes_nothing() {
        Edit::new().append_to(&nowhere()).unwrap();
    }

    fn line(time: i64, id: Option<&str>, name: &str) -> Vec<u8> {
        let id = id.map(|id| LineId::try_from(id.to_owned()).unwrap());
        let line = EditLine { id, time: Timestamp(time), edit: Edit::new().name(name) };
        [serde_json::to_vec(&line).unwrap(), b"\n".to_vec()].concat()
    }

    fn name_of(lines: &[Vec<u8>]) -> Option<String> {
        read(file(&lines.concat()).run()).unwrap().name
    }

    #[test]
    fn the_greatest_time_and_id_decide_wherever_they_stand() {
        let lines = [line(3, Some("B"), "b"), line(3, Some("A"), "a"), line(2, Some("C"), "c")];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(name_of(&order.map(|at| lines[at].clone())).as_deref(), Some("b"));
        }
    }

    #[test]
    fn of_lines_without_an_id_at_one_time_the_last_in_the_file_decides_as_it_did() {
        let (a, b) = (line(3, None, "a"), line(3, None, "b"));
        assert_eq!(name_of(&[a.clone(), b.clone()]).as_deref(), Some("b"));
        assert_eq!(name_of(&[b.clone(), a.clone()]).as_deref(), Some("a"));
        // One that went over another machine has the id that was made of its bytes: that changes nothing.
        let sent = line(3, Some(&LineId::of_line(&a).to_string()), "a");
        assert_eq!(name_of(&[sent, b]).as_deref(), Some("b"));
    }

    #[test]
    fn an_edit_counts_behind_one_of_a_clock_that_is_years_ahead_and_a_time_without_end_is_none() {
        let file =
            file(&[line(LATEST.0, Some("Z"), "ahead"), line(LATEST.0 + 1, None, "x")].concat());
        for name in ["one", "two"] {
            Edit::new().name(name).append_to(file.run()).unwrap();
        }
        assert_eq!(read(file.run()).unwrap().name.as_deref(), Some("ahead"), "the last moment");
        let file = self::file(&line(LATEST.0 - 2, Some("Z"), "ahead"));
        for name in ["one", "two"] {
            Edit::new().name(name).append_to(file.run()).unwrap();
            assert_eq!(read(file.run()).unwrap().name.as_deref(), Some(name));
        }
    }

    #[test]
    fn a_line_as_trackers_wrote_it_before_reads_as_it_did() {
        let old =
            br#"{"time":"2026-01-31T18:30:00.000000Z","by":"alice@host","name":"a","tags":["x"]}"#;
        let wanted = Edit::new().by("alice@host").name("a").tags(["x"]);
        assert_eq!(read(file(old).run()).unwrap(), wanted);
    }

    proptest! {
        #[test]
        fn an_edit_after_any_bytes_counts(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let file = file(&noise);
            Edit::new().name("after").append_to(file.run()).unwrap();
            prop_assert_eq!(read(file.run()).unwrap().name, Some("after".to_owned()));
        }

        #[test]
        fn a_torn_last_line_is_left_out(cut in 1_usize..100) {
            let file = file(b"");
            Edit::new().name("whole").append_to(file.run()).unwrap();
            let whole = fs::read(file.path()).unwrap();
            Edit::new().name("torn").by("a".repeat(100)).append_to(file.run()).unwrap();
            let both = fs::read(file.path()).unwrap();
            fs::write(file.path(), &both[..whole.len() + cut]).unwrap();
            prop_assert_eq!(read(file.run()).unwrap().name, Some("whole".to_owned()));
        }
    }
}
