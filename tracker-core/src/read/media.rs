//! Pictures, tables, plots and files over the course of a training.

use std::{fs::File, io};

use crate::{
    Error, MediaExtension, Result, Step, Timestamp,
    error::IoContext,
    format::{
        event_line::{StoredEvent, StoredEventKind},
        layout::RunPaths,
        media_item::{MediaHash, MediaItem},
    },
};

/// What was logged as media in one call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MediaRow {
    /// Where in training.
    pub step: Step,
    /// When it was logged.
    pub time: Timestamp,
    /// What is known of each, in their order.
    pub items: Vec<MediaItem>,
}

/// An open file of a run's media.
#[derive(Debug)]
#[non_exhaustive]
pub struct MediaContents {
    /// The file, from its beginning.
    pub file: File,
    /// What kind of file it is.
    pub extension: MediaExtension,
    /// How many bytes it has.
    pub bytes: u64,
}

/// The media among these events in the order of steps; those of one step in the order of time.
pub(crate) fn rows(events: Vec<StoredEvent>) -> Vec<MediaRow> {
    let row = |event: StoredEvent| match event.kind {
        StoredEventKind::Media { step, items, .. } => {
            Some(MediaRow { step, time: event.time, items })
        }
        _ => None,
    };
    let mut rows: Vec<MediaRow> = events.into_iter().filter_map(row).collect();
    rows.sort_by_key(|row| row.step);
    rows
}

/// Opens the file with this hash. Nothing but a hash and a known ending becomes its path, and it is
/// reached as all files of a store are: no link is followed.
pub(crate) fn open(run: &RunPaths, sha256: &str) -> Result<MediaContents> {
    let hash: MediaHash = sha256.parse()?;
    let hint = "`tracker show RUN` tells what media a run has; an unfinished copy may lack some";
    for extension in MediaExtension::all() {
        let place = run.media_file(&hash, extension);
        match place.open_and_look() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => {
                let (file, look) = opened.io_context("open", &place, hint)?;
                return Ok(MediaContents { file, extension, bytes: look.length });
            }
        }
    }
    Err(Error::Io {
        action: "open",
        path: run.media().child(hash.folder()).child(hash.as_str()).to_path_buf(),
        hint: hint.to_owned(),
        source: io::ErrorKind::NotFound.into(),
    })
}
