//! Pictures, tables, plots and files of a run. A file is asked for by its hash, never by a path.

use std::{collections::BTreeMap, fs::File, io::Read};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use tracker_core::{
    Error, MediaExtension, Step as Known,
    read::{EventKind, MediaItem, MediaRow, RunReader, Snapshot},
};

use crate::{
    answers::{
        page::media::{LoggedMedia, MediaAt, MediaName, MediaNames},
        step::Step,
    },
    ui::{
        failure::{Answer, Failure},
        responses::chunks::chunks,
    },
};

/// The most names that are told, each of which costs a line to read.
const MOST_NAMES: usize = 1_000;

/// What a page that a run holds may do: nothing, wherever it is opened.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// What `/runs/ID/media` answers.
pub(crate) fn names(now: &Snapshot) -> Answer<MediaNames> {
    let mut steps: BTreeMap<String, Vec<Known>> = BTreeMap::new();
    now.events_of(|head| {
        if let (EventKind::Media, Some(name), Some(step)) = (head.kind, head.name, head.step) {
            let is_room = steps.len() < MOST_NAMES;
            match steps.get_mut(name) {
                Some(known) => known.push(step),
                None if is_room => {
                    steps.insert(name.to_owned(), vec![step]);
                }
                None => {}
            }
        }
        false
    })?;
    let mut names = Vec::with_capacity(steps.len());
    for (name, mut steps) in steps {
        steps.sort_unstable();
        steps.dedup();
        let last = steps.last().map_or(Ok(Vec::new()), |last| now.media(&name, last.0..=last.0))?;
        let kind = last.iter().flat_map(|row| &row.items).next_back().map_or("", MediaItem::kind);
        names.push(MediaName { name, kind, steps: steps.into_iter().map(Step).collect() });
    }
    Ok(MediaNames { names })
}

/// What `/runs/ID/media?name=` answers.
pub(crate) fn at(now: &Snapshot, name: &str, step: Option<u64>) -> Answer<MediaAt> {
    let steps = now.media_steps(name)?;
    let step = step.map(Known).or_else(|| steps.last().copied());
    let rows = step.map_or(Ok(Vec::new()), |step| now.media(name, step.0..=step.0))?;
    Ok(MediaAt {
        name: name.to_owned(),
        steps: steps.into_iter().map(Step).collect(),
        step: step.map(Step),
        media: logged(now, &rows),
    })
}

/// All items of some rows, with where their files are fetched.
pub(crate) fn logged(now: &Snapshot, rows: &[MediaRow]) -> Vec<LoggedMedia> {
    let id = &now.run().info().id;
    let one = |(row, item): (&MediaRow, &MediaItem)| LoggedMedia {
        time: row.time,
        content: item.file().map(|file| format!("/api/v1/runs/{id}/media/{}", file.sha256)),
        item: item.clone(),
    };
    let items = rows.iter().flat_map(|row| row.items.iter().map(move |item| (row, item)));
    items.map(one).collect()
}

/// A file of media on its way to a browser.
#[derive(Debug)]
pub(crate) struct MediaContent {
    file: File,
    bytes: u64,
    extension: MediaExtension,
    hash: String,
}

impl MediaContent {
    /// The file with this hash.
    pub(crate) fn find(run: &RunReader, hash: &str) -> Answer<Self> {
        let contents = run.media_file(hash).map_err(|error| match error {
            Error::InvalidName { .. } => Failure::bad_request("a file is asked for by its SHA-256"),
            _ => Failure::not_found("there is no such file that can be read"),
        })?;
        let (file, bytes, extension) = (contents.file, contents.bytes, contents.extension);
        Ok(Self { file, bytes, extension, hash: hash.to_owned() })
    }

    /// Whether a browser may show it in place: it can hold no script.
    fn is_harmless(&self) -> bool {
        !matches!(self.extension.as_str(), "html" | "svg" | "parquet")
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The picture as a `data:` address. `None` for what is no picture that can hold no script, or
    /// cannot be read to its end.
    pub(crate) fn address(self) -> Option<String> {
        let media_type = self.extension.content_type();
        if !self.is_harmless() || !media_type.starts_with("image/") {
            return None;
        }
        let mut bytes = Vec::new();
        self.file.take(self.bytes).read_to_end(&mut bytes).ok()?;
        Some(format!("data:{media_type};base64,{}", BASE64_STANDARD.encode(bytes)))
    }
}

impl IntoResponse for MediaContent {
    fn into_response(self) -> Response {
        let disposition = if self.is_harmless() { "inline" } else { "attachment" };
        let name = format!("{}.{}", self.hash, self.extension.as_str());
        let disposition = format!("{disposition}; filename=\"{name}\"");
        let (bytes, extension) = (self.bytes, self.extension);
        let mut response = Body::from_stream(chunks(self.file, bytes)).into_response();
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static(extension.content_type());
        headers.insert(header::CONTENT_TYPE, media_type);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
        // What has this hash never changes, and only who may see the page may keep it.
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=31536000, immutable"),
        );
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        response
    }
}
