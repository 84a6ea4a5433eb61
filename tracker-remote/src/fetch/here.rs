//! What is to be brought of a run, given what is here.

use std::collections::BTreeMap;

use object_store::path::Path as Name;
use tracker_core::{
    Writer,
    replica::{ArrivingRun, FileEntry, FileKind, RunFolder},
};

use super::there::{There, is_wanted};
use crate::{
    Blob, Result,
    hash::{self, sha256},
    mirror::objects::Grown,
    names::log_of,
    record::{Brought, Record},
    uplink::Artifacts,
};

/// The most bytes of a small file that lists read.
const MOST_DOCUMENT: u64 = 64 << 20;

/// Something that is to be brought.
#[derive(Debug)]
pub(super) enum Step {
    /// A file that never changes, and the object that it is.
    Fixed { path: String, name: Name, length: u64 },
    /// A file that grows, and how long it is here.
    Grow { path: String, grown: Grown, known: u64 },
    /// A file that is kept by its hash.
    Blob { path: String, blob: Blob },
    /// A small file, and what it is to be.
    Document { path: String, text: String },
}

/// All that is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// Logs that became parts.
    pub(super) sealed: Vec<String>,
    /// Writers that have ended.
    pub(super) ended: Vec<Writer>,
    /// Those of whom there are logs.
    pub(super) logging: Vec<Writer>,
    /// What is from the place once all is done.
    pub(super) files: BTreeMap<String, Brought>,
}

/// Compares a folder with a place. Stops at the first thing that is here and not from there.
pub(super) struct Compared<'a> {
    pub(super) run: &'a ArrivingRun,
    pub(super) there: &'a There,
    pub(super) record: Option<&'a Record>,
    pub(super) artifacts: Artifacts,
    plan: Plan,
}

impl<'a> Compared<'a> {
    pub(super) fn new(
        run: &'a ArrivingRun,
        there: &'a There,
        record: Option<&'a Record>,
        artifacts: Artifacts,
    ) -> Self {
        let files = record.map(|record| record.files.clone()).unwrap_or_default();
        Self { run, there, record, artifacts, plan: Plan { files, ..Plan::default() } }
    }

    /// What is to be done; else what of the run went on here, in words.
    pub(super) fn plan(mut self) -> Result<Result<Plan, String>> {
        let here: BTreeMap<String, FileEntry> =
            self.folder().files()?.into_iter().map(|file| (file.path.clone(), file)).collect();
        let found = self
            .fixed(&here)
            .and_then(|()| self.growing(&here))
            .and_then(|()| self.blobs(&here))
            .and_then(|()| self.documents(&here))
            .and_then(|()| self.others(&here));
        self.plan.steps.sort_by_key(Step::place);
        match found {
            Ok(()) => Ok(Ok(self.plan)),
            Err(Stop::Differs(reason)) => Ok(Err(reason)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn folder(&self) -> &RunFolder {
        self.run.folder()
    }

    /// What was brought before of this path.
    fn brought(&self, path: &str) -> Option<&Brought> {
        self.record?.files.get(path)
    }

    fn fixed(&mut self, here: &BTreeMap<String, FileEntry>) -> Result<(), Stop> {
        for (path, file) in self.there.fixed() {
            match here.get(path).map(|here| here.stamp.length()) {
                Some(length) if length == file.length => {}
                Some(_) => return differs(path, "has another length here"),
                None if is_wanted(path, self.artifacts) => {
                    let name = self.there.names.file(path);
                    let path = path.to_owned();
                    self.plan.steps.push(Step::Fixed { path, name, length: file.length });
                }
                None => continue,
            }
            let brought = Brought { length: file.length, ..Brought::default() };
            self.plan.files.insert(path.to_owned(), brought);
        }
        Ok(())
    }

    fn growing(&mut self, here: &BTreeMap<String, FileEntry>) -> Result<(), Stop> {
        for (path, grown) in self.there.growing() {
            let end = grown.end.and(self.there.end(path));
            let last = grown.pieces.last().map_or(0, |(_, to)| *to);
            let to = end.map_or(last, |end| end.to().max(last));
            let known = here.get(path).map_or(0, |here| here.stamp.length());
            if known > to && self.brought(path).is_none_or(|brought| brought.length < known) {
                return differs(path, "goes on here");
            }
            if let (Some(end), true) = (end, known > 0) {
                let opened = self.folder().open_file(path)?;
                let both = end.from..known.min(end.to()).max(end.from);
                let bytes = opened.map_or(Ok(Vec::new()), |opened| opened.read(both))?;
                if !end.bytes.starts_with(&bytes) {
                    return differs(path, "goes on otherwise here");
                }
            }
            if let Some((writer, _)) = log_of(path) {
                self.plan.logging.push(writer);
            }
            let length = to.max(self.brought(path).map_or(0, |brought| brought.length));
            self.plan.files.insert(path.to_owned(), Brought { length, ..Brought::default() });
            if known < to || !here.contains_key(path) {
                let path = path.to_owned();
                self.plan.steps.push(Step::Grow { path, grown, known });
            }
        }
        Ok(())
    }

    fn blobs(&mut self, here: &BTreeMap<String, FileEntry>) -> Result<(), Stop> {
        let own: BTreeMap<String, FileEntry> = self
            .folder()
            .user_files()?
            .files
            .into_iter()
            .map(|file| (file.path.clone(), file))
            .collect();
        for (path, blob) in self.there.blobs().filter(|(path, _)| is_wanted(path, self.artifacts)) {
            let mut brought = Brought { length: blob.length, ..Brought::default() };
            let before = self.brought(path).cloned().unwrap_or_default();
            if let Some(file) = own.get(path).or_else(|| here.get(path)) {
                let stamp = file.stamp.to_string();
                let known = before.hashes.last().filter(|_| before.stamp.as_ref() == Some(&stamp));
                let hash = match known {
                    Some(hash) => hash.clone(),
                    None => self.hash(path)?,
                };
                if hash == blob.sha256 {
                    brought.hashes = vec![hash];
                    brought.stamp = Some(stamp);
                    self.plan.files.insert(path.to_owned(), brought);
                    continue;
                }
                if !before.hashes.contains(&hash) {
                    return differs(path, "was changed here");
                }
                brought.hashes.push(hash);
            }
            brought.hashes.push(blob.sha256.clone());
            self.plan.files.insert(path.to_owned(), brought);
            self.plan.steps.push(Step::Blob { path: path.to_owned(), blob: blob.clone() });
        }
        Ok(())
    }

    fn documents(&mut self, here: &BTreeMap<String, FileEntry>) -> Result<(), Stop> {
        for (path, text) in self.there.documents() {
            let new = sha256(text.as_bytes());
            let mut brought = Brought { length: text.len() as u64, ..Brought::default() };
            if here.contains_key(path) {
                let bytes = self.folder().read(path, MOST_DOCUMENT)?.unwrap_or_default();
                let old = sha256(&bytes);
                if old != new
                    && !self.brought(path).is_some_and(|known| known.hashes.contains(&old))
                {
                    return differs(path, "is another one here");
                }
                brought.hashes.extend((old != new).then_some(old));
            }
            if !here.contains_key(path) || !brought.hashes.is_empty() {
                let (path, text) = (path.to_owned(), text.to_owned());
                self.plan.steps.push(Step::Document { path, text });
            }
            brought.hashes.push(new);
            self.plan.files.insert(path.to_owned(), brought);
        }
        Ok(())
    }

    /// What is here and was not looked at yet: logs that became parts there; and what must be from there too.
    fn others(&mut self, here: &BTreeMap<String, FileEntry>) -> Result<(), Stop> {
        for file in here.values() {
            let path = &file.path;
            let is_settled = match file.kind {
                FileKind::Growing
                    if log_of(path).is_some_and(|log| self.there.objects.is_sealed(log)) =>
                {
                    self.plan.sealed.push(path.clone());
                    true
                }
                FileKind::Growing if file.stamp.length() == 0 => true,
                FileKind::Replaced if path.starts_with("live/") => true,
                FileKind::Lines => true,
                // Or somebody wanted it before, and does not now.
                _ => self.plan.files.contains_key(path) || !is_wanted(path, self.artifacts),
            };
            if !is_settled {
                return differs(path, "is not there");
            }
        }
        let lives = self.folder().lives()?;
        let has_ended = |writer: &Writer| !self.plan.logging.contains(writer);
        self.plan.ended = lives.into_keys().filter(has_ended).collect();
        Ok(())
    }

    fn hash(&self, path: &str) -> Result<String, Stop> {
        let Some(opened) = self.folder().open_file(path)? else { return Ok(String::new()) };
        Ok(hash::of_opened(&opened)?)
    }
}

impl Step {
    /// Parts come before the logs go that they replace, and what begins a run comes last.
    fn place(&self) -> u8 {
        match self {
            Self::Fixed { path, .. } if !path.starts_with("scalars/") => 0,
            Self::Fixed { .. } => 1,
            Self::Grow { .. } => 2,
            Self::Blob { .. } => 3,
            Self::Document { path, .. } if path != "run.json" => 4,
            Self::Document { .. } => 5,
        }
    }

    /// The file in the run's folder.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Fixed { path, .. }
            | Self::Grow { path, .. }
            | Self::Blob { path, .. }
            | Self::Document { path, .. } => path,
        }
    }
}

/// Why a comparison ends.
enum Stop {
    /// Something is here that is not from there.
    Differs(String),
    Failed(crate::Error),
}

impl From<crate::Error> for Stop {
    fn from(error: crate::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<tracker_core::Error> for Stop {
    fn from(error: tracker_core::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn differs<T>(path: &str, how: &str) -> Result<T, Stop> {
    Err(Stop::Differs(format!("{path} {how}")))
}
