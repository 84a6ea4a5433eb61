//! Name, group, notes and tags as people change them after the start: the lines of `edits.jsonl`.

use std::{collections::HashSet, io};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result, Timestamp,
    error::{IoContext, excerpt},
    format::{folder::Lines, layout::EDITS},
    platform::machine::this_user,
    read::{RunInfo, files::RunFiles},
    value::run_name,
};

/// The longest notes, in bytes. Every listing of the store reads them.
const MAX_NOTES: usize = 1 << 16;

/// The longest tag or group, in bytes.
const MAX_TAG: usize = 256;

/// A change of a run's name, group, notes and tags. What is not named stays as it is.
///
/// [`RunReader::edit`](crate::read::RunReader::edit) makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "an edit is made with `RunReader::edit`"]
pub struct Edit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
}

/// An edit as it is stored. The last line that names a thing decides.
#[derive(Debug, Serialize, Deserialize)]
struct EditLine {
    /// By the clock of who edits, for people: the place in the file decides.
    time: Timestamp,
    #[serde(flatten)]
    edit: Edit,
}

impl Edit {
    /// An edit that changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Renames the run. Names may repeat.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Puts the run into a group. An empty text takes it out of its group.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Replaces what is said of the run. An empty text takes the notes away.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Replaces all tags. One that is named twice is kept once.
    pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        let mut known: HashSet<String> = HashSet::new();
        let tags = tags.into_iter().map(Into::into);
        self.tags = Some(tags.filter(|tag| known.insert(tag.clone())).collect());
        self
    }

    /// Says who edits, in place of this process's user and machine.
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.by = Some(who.into());
        self
    }

    pub(crate) fn append_to(&self, files: &dyn RunFiles) -> Result<()> {
        self.check()?;
        if self.is_empty() {
            return Ok(());
        }
        let by = Some(self.by.clone().unwrap_or_else(this_user));
        let line = EditLine { time: Timestamp::now(), edit: Self { by, ..self.clone() } };
        let hint = "edit as a user who may write to the run's folder";
        let written = serde_json::to_value(&line).map_err(io::Error::from);
        let written = written.and_then(|line| files.append(EDITS, &line));
        written.io_context("write", &files.place(EDITS), hint)
    }

    /// The names of what it changes.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static str> {
        let named = [
            ("name", self.name.is_some()),
            ("group", self.group.is_some()),
            ("notes", self.notes.is_some()),
            ("tags", self.tags.is_some()),
        ];
        named.into_iter().filter_map(|(field, is_named)| is_named.then_some(field))
    }

    /// Whether it changes nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields().next().is_none()
    }

    /// What of it is not so already.
    pub(crate) fn that_differs(self, info: &RunInfo) -> Self {
        let now = self.as_it_is(info);
        Self {
            by: self.by,
            name: self.name.filter(|name| Some(name) != now.name.as_ref()),
            group: self.group.filter(|group| Some(group) != now.group.as_ref()),
            notes: self.notes.filter(|notes| Some(notes) != now.notes.as_ref()),
            tags: self.tags.filter(|tags| Some(tags) != now.tags.as_ref()),
        }
    }

    /// What it names, as a run has it now: the edit that would take this one back.
    pub(crate) fn as_it_is(&self, info: &RunInfo) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            by: None,
            name: self.name.as_ref().map(|_| info.name.clone()),
            group: self.group.as_ref().map(|_| text(&info.group)),
            notes: self.notes.as_ref().map(|_| text(&info.notes)),
            tags: self.tags.as_ref().map(|_| info.tags.clone()),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.name.as_deref().map_or(Ok(()), run_name::check)?;
        self.group.as_deref().map_or(Ok(()), check_group)?;
        self.notes.as_deref().map_or(Ok(()), check_notes)?;
        self.tags.iter().flatten().try_for_each(|tag| check_tag(tag))
    }

    /// Makes the change that `later` asks for part of this one.
    fn then(self, later: Self) -> Self {
        Self {
            by: later.by.or(self.by),
            name: later.name.or(self.name),
            group: later.group.or(self.group),
            notes: later.notes.or(self.notes),
            tags: later.tags.or(self.tags),
        }
    }

    pub(crate) fn apply(self, info: &mut RunInfo) {
        if let Some(name) = self.name {
            info.name = name;
        }
        if let Some(group) = self.group {
            info.group = Some(group).filter(|group| !group.is_empty());
        }
        if let Some(notes) = self.notes {
            info.notes = Some(notes).filter(|notes| !notes.is_empty());
        }
        if let Some(tags) = self.tags {
            info.tags = tags;
        }
    }
}

/// All edits of a run as one. A line that is cut, damaged or names what no edit may is left out.
pub(crate) fn read(files: &dyn RunFiles) -> io::Result<Edit> {
    let mut all = Edit::default();
    let mut lines = match files.open(EDITS) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(all),
        file => Lines::behind(file?.0, 0),
    };
    while let Some(line) = lines.next()? {
        let Ok(EditLine { edit, .. }) = serde_json::from_slice(line) else { continue };
        if edit.check().is_ok() {
            all = all.then(edit);
        }
    }
    Ok(all)
}

fn check_notes(notes: &str) -> Result<()> {
    if notes.len() <= MAX_NOTES {
        return Ok(());
    }
    Err(Error::InvalidName {
        what: "notes",
        name: excerpt(notes),
        reason: format!("they have {} bytes, {MAX_NOTES} are allowed", notes.len()),
        hint: "put long texts into a file in the run's folder `files` and name it here".into(),
    })
}

fn check_group(group: &str) -> Result<()> {
    if group.is_empty() { Ok(()) } else { check_word("group", group) }
}

fn check_tag(tag: &str) -> Result<()> {
    check_word("tag", tag)
}

fn check_word(what: &'static str, tag: &str) -> Result<()> {
    let reason = if tag.trim().is_empty() {
        "it is empty".to_owned()
    } else if tag.len() > MAX_TAG {
        format!("it has {} bytes, {MAX_TAG} are allowed", tag.len())
    } else if tag.chars().any(char::is_control) {
        "it has a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::InvalidName {
        what,
        name: excerpt(tag),
        reason,
        hint: format!("a {what} is a word or a few to find the run by; longer texts are notes"),
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use proptest::prelude::*;

    use super::*;
    use crate::format::layout::RunPaths;

    /// A file of edits, gone with the value.
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
    fn the_last_line_that_names_a_thing_decides() {
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
            Edit::new().notes("x".repeat(MAX_NOTES + 1)),
        ] {
            let error = edit.append_to(&nowhere()).unwrap_err();
            assert!(matches!(error, Error::InvalidName { .. }), "{error}");
            let line = EditLine { time: Timestamp(0), edit };
            let file = file(&serde_json::to_vec(&line).unwrap());
            assert_eq!(read(file.run()).unwrap(), Edit::new());
        }
    }

    #[test]
    fn an_edit_of_nothing_writes_nothing() {
        Edit::new().append_to(&nowhere()).unwrap();
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
