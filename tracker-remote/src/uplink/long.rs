//! Sends a long file in parts, one after the other, so that no more of it is in memory.
//!
//! Where a place lets one, an upload goes on after a kill: its id and the hashes of its parts stand in the run's folder. What
//! was sent of it is read again, and sent again where the file is another one now. A place that is a folder knows no such
//! uploads; there, a kill costs what was sent of one file.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use object_store::{
    Error as StoreError, MultipartId, ObjectStoreExt, WriteMultipart,
    multipart::{MultipartStore, PartId},
    path::Path,
};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracker_core::replica::{OpenedFile, RunFolder};

use super::note;
use crate::{
    Error, Place, Result,
    hash::{hexadecimal, sha256},
    objects::Objects,
};

/// From this length on, a file is sent in parts of this length.
pub(super) const WHOLE: u64 = 16 << 20;

/// S3 takes 10,000 parts of one object.
const MOST_PARTS: u64 = 9_000;

/// How long the parts are of a file of this length.
fn part_length(length: u64) -> u64 {
    WHOLE.max(length.div_ceil(MOST_PARTS))
}

/// The uploads that have begun and not ended, by the names of their objects. Kept on the disk.
#[derive(Debug)]
pub(super) struct Uploads {
    folder: RunFolder,
    place: Place,
    begun: Mutex<BTreeMap<String, Begun>>,
}

/// An upload, and what of it the place has confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    id: MultipartId,
    part: u64,
    sent: Vec<SentPart>,
}

/// A part that is there: what the place calls it, and the hash of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SentPart {
    id: String,
    sha256: String,
}

/// A long file that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Long<'a> {
    pub(super) opened: &'a OpenedFile,
    pub(super) length: u64,
    /// What its contents must be, if anything may become of them meanwhile.
    pub(super) sha256: Option<&'a str>,
}

impl Uploads {
    pub(super) fn read(folder: &RunFolder, place: &Place) -> Self {
        let begun = Mutex::new(note::read(folder, place, "uploads"));
        Self { folder: folder.clone(), place: place.clone(), begun }
    }

    fn of(&self, name: &Path) -> Option<Begun> {
        self.begun.lock().get(name.as_ref()).cloned()
    }

    /// Writes down how far an upload is, or that it is over. Where that cannot be written, a kill costs what was sent.
    fn keep(&self, name: &Path, upload: Option<&Begun>) {
        let mut begun = self.begun.lock();
        match upload {
            Some(upload) => begun.insert(name.to_string(), upload.clone()),
            None => begun.remove(name.as_ref()),
        };
        let _ = note::write(&self.folder, &self.place, "uploads", &*begun);
    }
}

impl Uploads {
    /// Ends an upload that nobody goes on with, so that the next one begins anew.
    async fn forget(&self, objects: &Objects, name: &Path) {
        if let (Some(begun), Some(parts)) = (self.of(name), objects.place.parts()) {
            let _ = objects.wait(0, parts.abort_multipart(name, &begun.id)).await;
        }
        self.keep(name, None);
    }

    /// Ends uploads that nobody goes on with, once all of the run is there: of files that have changed since. What cannot be
    /// ended, the bucket's own rule ends.
    pub(super) async fn end_leftovers(&self, objects: &Objects) {
        let left: Vec<(String, Begun)> = self.begun.lock().clone().into_iter().collect();
        let Some(parts) = objects.place.parts() else { return };
        for (name, begun) in left {
            let name = Path::from(name);
            let _ = objects.wait(0, parts.abort_multipart(&name, &begun.id)).await;
            self.keep(&name, None);
        }
    }
}

/// Where parts go.
enum Target {
    /// To an upload that goes on after a kill.
    Kept { parts: Arc<dyn MultipartStore>, begun: Begun },
    /// To one that is this process's own.
    Own(WriteMultipart),
}

/// Sends a file under this name. `Ok(false)` if it is not what it was, and then no object is made.
pub(super) async fn send(
    objects: &Objects,
    uploads: &Uploads,
    name: &Path,
    long: Long<'_>,
) -> Result<bool> {
    let known = uploads.of(name).filter(|known| known.part == part_length(long.length));
    let goes_on = known.is_some();
    match send_parts(objects, uploads, name, long, known).await {
        // Somebody has ended it, or the bucket's own rule has; or parts are not there that were. It would not help to go on.
        Err(Error::Away { source, .. }) if goes_on && is_unknown(&source) => {
            uploads.forget(objects, name).await;
            send_parts(objects, uploads, name, long, None).await
        }
        Err(Error::Away { source, .. }) if !goes_on && is_unknown(&source) => {
            uploads.forget(objects, name).await;
            Err(objects.away("write", *source))
        }
        sent => sent,
    }
}

async fn send_parts(
    objects: &Objects,
    uploads: &Uploads,
    name: &Path,
    long: Long<'_>,
    known: Option<Begun>,
) -> Result<bool> {
    let part = part_length(long.length);
    let mut target = Target::begin(objects, name, known, part).await?;
    let mut hash = Sha256::new();
    for (number, from) in (0..long.length).step_by(part as usize).enumerate() {
        let bytes = long.opened.read(from..(from + part).min(long.length))?;
        if bytes.len() as u64 != part.min(long.length - from) {
            target.abort(objects, uploads, name).await;
            return Ok(false);
        }
        hash.update(&bytes);
        target.put(objects, name, number, bytes).await?;
        if let Target::Kept { begun, .. } = &target {
            uploads.keep(name, Some(begun));
        }
    }
    // Hashed again while it was sent: an object with this name has these contents, or is not made.
    if long.sha256.is_some_and(|sha256| hexadecimal(&hash.finalize()) != sha256) {
        target.abort(objects, uploads, name).await;
        return Ok(false);
    }
    target.finish(objects, name, part).await?;
    uploads.keep(name, None);
    objects.count(long.length);
    Ok(true)
}

impl Target {
    async fn begin(
        objects: &Objects,
        name: &Path,
        known: Option<Begun>,
        part: u64,
    ) -> Result<Self> {
        let away = |error| objects.away("write", error);
        let Some(parts) = objects.place.parts().cloned() else {
            let upload = objects.wait(0, objects.store().put_multipart(name)).await;
            let upload = upload.map_err(away)?;
            return Ok(Self::Own(WriteMultipart::new_with_chunk_size(upload, part as usize)));
        };
        let begun = if let Some(known) = known {
            known
        } else {
            let id = objects.wait(0, parts.create_multipart(name)).await.map_err(away)?;
            Begun { id, part, sent: Vec::new() }
        };
        Ok(Self::Kept { parts, begun })
    }

    async fn put(
        &mut self,
        objects: &Objects,
        name: &Path,
        number: usize,
        bytes: Vec<u8>,
    ) -> Result<()> {
        let (length, away) = (bytes.len() as u64, |error| objects.away("write", error));
        match self {
            Self::Own(writer) => {
                objects.pass(length).await;
                writer.put(bytes.into());
                objects.wait(length, writer.wait_for_capacity(0)).await.map_err(away)
            }
            Self::Kept { parts, begun } => {
                let sha256 = sha256(&bytes);
                if begun.sent.get(number).is_some_and(|sent| sent.sha256 == sha256) {
                    return Ok(());
                }
                objects.pass(length).await;
                let put = parts.put_part(name, &begun.id, number, Bytes::from(bytes).into());
                let id = objects.wait(length, put).await.map_err(away)?.content_id;
                begun.sent.truncate(number);
                begun.sent.push(SentPart { id, sha256 });
                Ok(())
            }
        }
    }

    async fn finish(self, objects: &Objects, name: &Path, part: u64) -> Result<()> {
        let away = |error| objects.away("write", error);
        match self {
            Self::Own(writer) => objects.wait(part, writer.finish()).await.map(drop).map_err(away),
            Self::Kept { parts, begun } => {
                let ids = begun.sent.into_iter().map(|sent| PartId { content_id: sent.id });
                let done = parts.complete_multipart(name, &begun.id, ids.collect());
                objects.wait(part, done).await.map(drop).map_err(away)
            }
        }
    }

    /// Where that fails, the bucket's own rule clears up.
    async fn abort(self, objects: &Objects, uploads: &Uploads, name: &Path) {
        match self {
            Self::Own(writer) => {
                let _ = objects.wait(0, writer.abort()).await;
            }
            Self::Kept { parts, begun } => {
                let _ = objects.wait(0, parts.abort_multipart(name, &begun.id)).await;
                uploads.keep(name, None);
            }
        }
    }
}

/// Whether a place does not know the upload any more, or parts of it.
fn is_unknown(error: &StoreError) -> bool {
    let text = error.to_string();
    matches!(error, StoreError::NotFound { .. })
        || text.contains("NoSuchUpload")
        || text.contains("InvalidPart")
        || text.contains("upload not found")
        || text.contains("MultipartUpload not found")
}
