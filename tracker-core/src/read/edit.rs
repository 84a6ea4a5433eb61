//! Name, group, notes and tags as people change them after the start.

use std::{collections::HashSet, io};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    error::{IoContext, excerpt},
    format::layout::{EDITS, RunPaths},
    platform::machine::this_user,
    read::{RunInfo, edit_line::EditLine},
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
    pub(super) by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) notes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tags: Option<Vec<String>>,
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

    pub(crate) fn append_to(&self, files: &RunPaths) -> Result<()> {
        self.check()?;
        if self.is_empty() {
            return Ok(());
        }
        let by = Some(self.by.clone().unwrap_or_else(this_user));
        let edit = Self { by, ..self.clone() };
        let hint = "edit as a user who may write to the run's folder";
        let written = EditLine::behind_all(files, edit).and_then(|line| {
            let line = serde_json::to_value(&line).map_err(io::Error::from)?;
            files.append(EDITS, &line)
        });
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
