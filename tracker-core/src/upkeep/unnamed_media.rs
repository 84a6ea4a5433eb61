//! Files of media that no line of a run names.

use std::{collections::HashSet, str::FromStr};

use crate::{
    ColumnType, MediaExtension, Result,
    format::{
        folder::StorePath,
        media_item::{MediaHash, StoredMedia},
    },
    read::{MediaTable, RunReader, TableCell, WriterState},
    upkeep::garbage::is_old_file,
};

const UNNAMED: &str = "a file of media that nothing names";
const UNFINISHED: &str = "a file that was never finished";

/// The files of a run's media that nobody needs: named by no line of any writer and in no table, or
/// never finished. None while somebody may still write to the run, or where not all lines can be
/// read.
pub(super) fn find(run: &RunReader) -> Vec<(StorePath, &'static str)> {
    let media = run.paths().media();
    if !media.exists() || may_be_written_to(run) {
        return Vec::new();
    }
    let Ok(Some(named)) = named(run) else { return Vec::new() };
    let mut found = Vec::new();
    for folder in media.names().unwrap_or_default() {
        let folder = media.child(folder);
        for name in folder.names().unwrap_or_default() {
            let reason = match Found::of(&name) {
                Found::Unfinished => UNFINISHED,
                Found::File(hash) if !named.contains(&hash) => UNNAMED,
                Found::File(_) | Found::SomebodyElses => continue,
            };
            let place = folder.child(&name);
            if is_old_file(&place) {
                found.push((place, reason));
            }
        }
    }
    found
}

fn may_be_written_to(run: &RunReader) -> bool {
    let is_over = |state| matches!(state, WriterState::Crashed | WriterState::Sealed);
    run.writers().map_or(true, |writers| writers.iter().any(|writer| !is_over(writer.state)))
}

/// What a file's name says it is.
enum Found {
    File(MediaHash),
    Unfinished,
    SomebodyElses,
}

impl Found {
    fn of(name: &str) -> Self {
        let Some((hash, rest)) = name.split_once('.') else { return Self::SomebodyElses };
        let Ok(hash) = MediaHash::from_str(hash) else { return Self::SomebodyElses };
        if MediaExtension::of(rest).is_some() {
            return Self::File(hash);
        }
        let is_ours = rest.split('.').next().and_then(MediaExtension::of).is_some();
        let is_ours = is_ours && name.rsplit_once('.').is_some_and(|(_, last)| last == "tmp");
        if is_ours { Self::Unfinished } else { Self::SomebodyElses }
    }
}

/// The hashes that lines name, and tables. `None` if some of them cannot be read.
fn named(run: &RunReader) -> Result<Option<HashSet<MediaHash>>> {
    let Some(files) = run.named_media()? else { return Ok(None) };
    let mut named = HashSet::new();
    for StoredMedia { sha256, ext, .. } in files {
        if ext == MediaExtension::PARQUET && !named.contains(&sha256) {
            let Some(pictures) = pictures(run, &sha256) else { return Ok(None) };
            named.extend(pictures);
        }
        named.insert(sha256);
    }
    Ok(Some(named))
}

/// The pictures in a table; `None` if it cannot be read.
fn pictures(run: &RunReader, sha256: &MediaHash) -> Option<Vec<MediaHash>> {
    let table = MediaTable::open(run.media_file(sha256.as_str()).ok()?).ok()?;
    let mut pictures = Vec::new();
    let columns = table.columns().iter().enumerate();
    for (column, _) in columns.filter(|(_, (_, kind))| *kind == ColumnType::Image) {
        for cell in table.column(column, 0..table.rows()).ok()? {
            if let TableCell::Image(hash) = cell {
                pictures.push(hash);
            }
        }
    }
    Some(pictures)
}
