//! Sends the user's own files by their hashes, then says in the manifest which there are.

use std::collections::BTreeMap;

use bytes::Bytes;
use object_store::{ObjectStoreExt, WriteMultipart, path::Path};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracker_core::replica::{FileEntry, FileKind};

use super::{
    fixed::{WHOLE, part_length},
    objects::Compared,
    sending::{Artifacts, Round},
    swap::Swapped,
};
use crate::{
    Manifest, Result,
    hash::{hexadecimal, sha256},
    head::is_document,
    manifest::Blob,
    tidy::are_condemned,
};

/// How much of a file is hashed at a time.
const CHUNK: u64 = 1 << 20;

/// The most bytes of a manifest's object.
const MOST_PACKED: u64 = 64 << 20;

/// A hash that is known, and of which state of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hashed {
    stamp: String,
    blob: Blob,
}

/// The hashes that are known. Kept on the disk: they spare reading.
#[derive(Debug, Default)]
pub(super) struct Hashes {
    pub(super) by_path: BTreeMap<String, Hashed>,
    /// Whether some are not on the disk yet.
    pub(super) are_news: bool,
}

impl Round<'_> {
    /// Sends what is new of the user's own files and of documents that are too long for a tail.
    pub(super) async fn send_user_files(&mut self) -> Result<()> {
        let mut manifest = Manifest::default();
        for file in self.files_to_hash()? {
            if let Some(blob) = self.send_blob(&file).await? {
                manifest.files.insert(file.path, blob);
            }
        }
        if manifest.files.is_empty() {
            return Ok(());
        }
        self.send_manifest(manifest).await?;
        self.send_again_what_goes().await
    }

    /// Contents that were there already may be about to be removed: they are sent again once they are gone.
    async fn send_again_what_goes(&mut self) -> Result<()> {
        let project = self.names.project();
        for name in are_condemned(self.objects, project, self.blobs).await? {
            self.blobs.remove(&name);
            // So that the next round looks again.
            *self.manifest = None;
            self.is_whole = false;
            self.tell(format!("{name} is being removed there; it is sent again"));
        }
        Ok(())
    }

    fn files_to_hash(&mut self) -> Result<Vec<FileEntry>> {
        let is_long = |file: &&FileEntry| {
            file.kind == FileKind::Replaced && !is_document(&file.path) && !file.path.contains('/')
        };
        let mut files: Vec<FileEntry> = self.files.iter().filter(is_long).cloned().collect();
        if self.artifacts == Artifacts::All {
            let found = self.folder.user_files()?;
            for path in found.left_out {
                self.tell(format!(
                    "{path} is a link, or no file that every system can have; it stays here"
                ));
            }
            files.extend(found.files);
        }
        Ok(files)
    }

    /// Sends a file's contents, if they are not there. `None` if it changed meanwhile.
    async fn send_blob(&mut self, file: &FileEntry) -> Result<Option<Blob>> {
        let stamp = file.stamp.to_string();
        let known = self.hashes.by_path.get(&file.path).filter(|known| known.stamp == stamp);
        let blob = match known {
            Some(known) => known.blob.clone(),
            None => match self.hash(file)? {
                Some(blob) => blob,
                None => return Ok(self.changed(file)),
            },
        };
        let name = self.names.blob(&blob.sha256);
        if !self.blobs.contains(&name) {
            let is_there = self.objects.size(&name).await? == Some(blob.length);
            if !is_there && !self.send_contents(file, &blob, &name).await? {
                return Ok(self.changed(file));
            }
            self.blobs.insert(name);
        }
        let hashed = Hashed { stamp, blob: blob.clone() };
        if self.hashes.by_path.get(&file.path) != Some(&hashed) {
            self.hashes.by_path.insert(file.path.clone(), hashed);
            self.hashes.are_news = true;
        }
        Ok(Some(blob))
    }

    fn changed(&mut self, file: &FileEntry) -> Option<Blob> {
        self.is_whole = false;
        self.tell(format!("{} changes while it is sent; it is sent once it does not", file.path));
        None
    }

    /// The hash of a file; `None` if it changed while it was read.
    fn hash(&self, file: &FileEntry) -> Result<Option<Blob>> {
        let Some(opened) = self.folder.open_file(&file.path)? else { return Ok(None) };
        let (mut hash, length) = (Sha256::new(), file.stamp.length());
        for from in (0..length).step_by(CHUNK as usize) {
            hash.update(opened.read(from..(from + CHUNK).min(length))?);
        }
        let is_same = opened.stamp()? == file.stamp;
        Ok(is_same.then_some(Blob { sha256: hexadecimal(&hash.finalize()), length }))
    }

    /// `Ok(false)` if the file is not the one any more that was hashed.
    async fn send_contents(&mut self, file: &FileEntry, blob: &Blob, name: &Path) -> Result<bool> {
        let Some(opened) = self.folder.open_file(&file.path)? else { return Ok(false) };
        if blob.length <= WHOLE {
            let bytes = opened.read(0..blob.length)?;
            if sha256(&bytes) != blob.sha256 {
                return Ok(false);
            }
            let is_same = self.objects.create(name, bytes.into(), Compared::Ends).await?;
            self.sent(blob.length);
            return if is_same {
                Ok(true)
            } else {
                Err(self.elsewhere("a blob has other contents"))
            };
        }
        let away = |error| self.objects.away("write", error);
        let upload = self.objects.store().put_multipart(name).await.map_err(away)?;
        let part = part_length(blob.length);
        let mut writer = WriteMultipart::new_with_chunk_size(upload, part as usize);
        let mut hash = Sha256::new();
        for from in (0..blob.length).step_by(part as usize) {
            let bytes = opened.read(from..(from + part).min(blob.length))?;
            hash.update(&bytes);
            self.objects.pass(bytes.len() as u64).await;
            writer.put(Bytes::from(bytes));
            self.objects.wait(part, writer.wait_for_capacity(0)).await.map_err(away)?;
        }
        // Hashed again while it was sent: an object with this name has these contents, or is not made.
        if hexadecimal(&hash.finalize()) != blob.sha256 {
            let _ = writer.abort().await;
            return Ok(false);
        }
        self.objects.wait(part, writer.finish()).await.map_err(away)?;
        self.objects.count(blob.length);
        self.sent(blob.length);
        Ok(true)
    }

    /// Adds what this folder has to the manifest that is there: of ranks on several machines, each sends its own.
    async fn send_manifest(&mut self, ours: Manifest) -> Result<()> {
        let name = self.names.manifest();
        if self.manifest.as_ref() == Some(&ours) {
            return Ok(());
        }
        for _ in 0..5 {
            let seen = self.objects.get(&name, MOST_PACKED).await?;
            let there = match &seen {
                Some((bytes, _)) => Manifest::unpack(name.as_ref(), bytes)?,
                None => Manifest::default(),
            };
            let mut merged = there.clone();
            merged.files.extend(ours.files.clone());
            let is_there = seen.is_some() && merged == there;
            let version = seen.as_ref().map(|(_, version)| version);
            if is_there
                || matches!(
                    self.objects.swap(&name, merged.pack().into(), version).await?,
                    Swapped::Done(_)
                )
            {
                *self.manifest = Some(ours);
                return Ok(());
            }
        }
        self.is_whole = false;
        Ok(())
    }
}
