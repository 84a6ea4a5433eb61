//! What may become of a file of a run's folder: whether it is copied once, by pieces, or again and again.

use std::path::Path;

use super::layout::{
    CODE, CODE_PATCH, CONTROL, EDITS, MEDIA, PACKAGES, PUT_ASIDE, PartName, RUN_FILE, SCALARS,
    log_first,
};
use crate::Writer;

/// How a file of a run's folder changes, which decides how it is carried elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// Once it has its name, it never changes: parts, media, what was put aside.
    Fixed,
    /// Bytes are added behind those that it has: logs of points, events, messages.
    Growing,
    /// Small, and replaced as a whole: `run.json`, summaries, packages, code, what a panic said, locks of writers.
    Replaced,
    /// Lines that several write and that are a set: edits, and what is asked of the run.
    Lines,
    /// The user's own, below `files/`: anything may become of it.
    User,
    /// It says something of this machine alone, or is not finished. It is not carried elsewhere.
    Here,
}

impl FileKind {
    /// What a file is by its path in a run's folder, with `/` between names. [`Here`](Self::Here) of whatever tracker does
    /// not know, and of what would lead out of the folder or cannot be had on every system.
    pub fn of_path(path: &str) -> Self {
        let mut names = path.split('/');
        let is_plain = names.clone().count() <= DEEPEST
            && names.all(|name| !name.is_empty() && name.len() <= LONGEST && is_portable(name));
        if is_plain { file_kind(path) } else { Self::Here }
    }
}

/// How many names a path in a run's folder has at most, and how many bytes a name.
const DEEPEST: usize = 8;
const LONGEST: usize = 255;

/// Whether every system and every bucket can have this name.
pub(crate) fn is_portable(name: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '%' | ':');
    name != "." && name != ".." && !name.chars().any(is_odd)
}

/// What a file is by its path in the run's folder; [`FileKind::Here`] of whatever tracker does not know.
pub(crate) fn file_kind(path: &str) -> FileKind {
    match path.split('/').collect::<Vec<_>>()[..] {
        [name] => of_run(name),
        ["files", ..] => FileKind::User,
        [SCALARS, part] if PartName::parse(part).is_some() => FileKind::Fixed,
        [MEDIA, folder, name] if is_of_media(folder, name) => FileKind::Fixed,
        ["live", writer, name] if is_writer(writer) => of_live(name),
        _ => FileKind::Here,
    }
}

/// The writer whose a file is, by its path; `None` of the run's own.
pub(crate) fn writer_of(path: &str) -> Option<Writer> {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["live", writer, _] => writer.parse().ok(),
        [SCALARS, part] => PartName::parse(part).map(|part| part.writer),
        [name] => writer_in(name),
        _ => None,
    }
}

/// The first and last seq of a part's points, by its path.
pub(crate) fn part_range(path: &str) -> Option<(Writer, u64, u64)> {
    let part = PartName::parse(path.strip_prefix(SCALARS)?.strip_prefix('/')?)?;
    Some((part.writer, part.first, part.last))
}

fn of_run(name: &str) -> FileKind {
    let is = |before: &str, after: &str| {
        let writer = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        writer.is_some_and(is_writer)
    };
    match name {
        RUN_FILE | PACKAGES | CODE | CODE_PATCH => FileKind::Replaced,
        EDITS | CONTROL => FileKind::Lines,
        _ if is("summary-", ".json") => FileKind::Replaced,
        _ if is("events-", ".jsonl") || is("messages-", ".jsonl") => FileKind::Growing,
        // A later panic writes it anew.
        _ if is("panic-", ".txt") => FileKind::Replaced,
        _ if is("code-before-", ".json") || is("code-before-", ".patch") => FileKind::Fixed,
        _ if name.starts_with(PUT_ASIDE) && !is_unfinished(name) => FileKind::Fixed,
        _ => FileKind::Here,
    }
}

fn of_live(name: &str) -> FileKind {
    match name {
        "lock" => FileKind::Replaced,
        _ if log_first(Path::new(name)).is_some() => FileKind::Growing,
        _ => FileKind::Here,
    }
}

fn writer_in(name: &str) -> Option<Writer> {
    let (stem, _) = name.rsplit_once('.')?;
    let before = ["summary-", "events-", "messages-", "panic-"];
    before.iter().find_map(|before| stem.strip_prefix(before)?.parse().ok())
}

fn is_writer(text: &str) -> bool {
    // Numbers can be written in several ways, names of files only in one.
    text.parse::<Writer>().is_ok_and(|writer| writer.to_string() == text)
}

fn is_of_media(folder: &str, name: &str) -> bool {
    let hash = name.split('.').next().unwrap_or_default();
    let is_hex = hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    hash.len() == 64
        && is_hex
        && hash.starts_with(folder)
        && folder.len() == 2
        && !is_unfinished(name)
}

fn is_unfinished(name: &str) -> bool {
    [".tmp", ".new"].iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
#[path = "file_kind_tests.rs"]
mod tests;
