//! The files that belong to a run. They are asked for by number, never by path.

use std::{fs::File, io::Read, path::Path};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use tracker_core::read::{ArtifactVersion, RunReader, Snapshot};

use crate::{
    answers::{
        page::recorded::{Artifact, Artifacts},
        step::Step,
        value::Value,
    },
    ui::{
        failure::{Answer, Failure},
        responses::chunks::chunks,
    },
};

/// What `/runs/ID/artifacts` answers.
pub(crate) fn list(now: &Snapshot) -> Answer<Artifacts> {
    let run = now.run();
    let id = &run.info().id;
    let versions = now.artifacts()?;
    let shown = versions.iter().enumerate().map(|(number, known)| {
        let content =
            open(run, known).map(|_| format!("/api/v1/runs/{id}/artifacts/{number}/content"));
        version(known, content)
    });
    Ok(Artifacts { artifacts: shown.collect() })
}

fn version(known: &ArtifactVersion, content: Option<String>) -> Artifact {
    let artifact = &known.artifact;
    let metrics = artifact.metrics.iter();
    Artifact {
        name: artifact.name.clone(),
        version: artifact.version.clone(),
        kind: artifact.kind.clone(),
        bytes: artifact.bytes,
        sha256: artifact.sha256.clone(),
        step: artifact.step.map(Step),
        epoch: artifact.epoch,
        metrics: metrics.map(|(name, value)| (name.clone(), Value(*value))).collect(),
        aliases: artifact.aliases.clone(),
        time: known.time,
        deleted: known.deleted,
        content,
    }
}

/// The file of a version, if it lies in the run's own folder, also after all links: a record in a
/// store that came from elsewhere gives nobody the files of this machine.
fn open(run: &RunReader, known: &ArtifactVersion) -> Option<File> {
    let path = known.artifact.path.as_deref().filter(|_| !known.deleted)?;
    run.open_file(path).ok()
}

/// A file on its way to a browser.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    bytes: u64,
    name: String,
    media_type: Option<&'static str>,
}

impl Opened {
    pub(crate) fn find(now: &Snapshot, number: usize) -> Answer<Self> {
        let missing = || Failure::not_found("there is no file here that can be read");
        let versions = now.artifacts()?;
        let known = versions.get(number).ok_or_else(missing)?;
        let file = open(now.run(), known).ok_or_else(missing)?;
        let bytes = file.metadata().map_err(|_| missing())?.len();
        let path = known.artifact.path.as_deref().unwrap_or(Path::new("artifact"));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { file, bytes, media_type: picture(&name), name })
    }
}

/// The type of pictures that hold no script. SVG may.
fn picture(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "webp" => Some("image/webp"),
        "gif" => Some("image/gif"),
        _ => None,
    }
}

/// A picture that a page can hold in itself.
#[derive(Debug)]
pub(crate) struct Picture {
    file: File,
    bytes: u64,
    media_type: &'static str,
}

impl Picture {
    /// `None` for what is no picture, or cannot be read.
    pub(crate) fn find(run: &RunReader, known: &ArtifactVersion) -> Option<Self> {
        let name = known.artifact.path.as_deref()?.file_name()?.to_string_lossy().into_owned();
        let media_type = picture(&name)?;
        let file = open(run, known)?;
        Some(Self { bytes: file.metadata().ok()?.len(), file, media_type })
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The picture as a `data:` address. `None` if the file cannot be read to its end.
    pub(crate) fn address(self) -> Option<String> {
        let mut bytes = Vec::new();
        self.file.take(self.bytes).read_to_end(&mut bytes).ok()?;
        Some(format!("data:{};base64,{}", self.media_type, BASE64_STANDARD.encode(bytes)))
    }
}

/// A name that no header and no file system takes for more than a name.
fn harmless(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' }
    };
    name.chars().take(100).map(plain).collect()
}

impl IntoResponse for Opened {
    fn into_response(self) -> Response {
        let disposition = if self.media_type.is_some() { "inline" } else { "attachment" };
        let disposition = format!("{disposition}; filename=\"{}\"", harmless(&self.name));
        let media_type = self.media_type.unwrap_or("application/octet-stream");
        let bytes = self.bytes;
        let mut response = Body::from_stream(chunks(self.file, bytes)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        response
    }
}
