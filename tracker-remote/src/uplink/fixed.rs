//! Sends files that never change: parts, media, what panics said.

use bytes::Bytes;
use object_store::{ObjectStoreExt, WriteMultipart};
use tracker_core::replica::{FileEntry, FileKind, OpenedFile, PartRange};

use super::{objects::Compared, sending::Round};
use crate::{Error, Result};

/// From this length on, a file is sent in parts of this length, so that no more of it is in memory.
pub(super) const WHOLE: u64 = 16 << 20;

/// S3 takes 10,000 parts of one object.
const MOST_PARTS: u64 = 9_000;

/// How long the parts are of a file of this length.
pub(super) fn part_length(length: u64) -> u64 {
    WHOLE.max(length.div_ceil(MOST_PARTS))
}

impl Round<'_> {
    /// Sends all files that never change and are not there yet.
    pub(super) async fn send_fixed(&mut self) -> Result<()> {
        let fixed: Vec<FileEntry> =
            self.files.iter().filter(|file| file.kind == FileKind::Fixed).cloned().collect();
        for file in fixed {
            self.send_file(&file).await?;
        }
        Ok(())
    }

    async fn send_file(&mut self, file: &FileEntry) -> Result<()> {
        let name = self.names.file(&file.path);
        if self.journal.has(&name) {
            return self.check_size(file);
        }
        self.check_overlap(file)?;
        let Some(opened) = self.folder.open_file(&file.path)? else {
            self.is_whole = false;
            return Ok(());
        };
        let length = opened.stamp()?.length();
        let is_same = if length <= WHOLE {
            let bytes = Bytes::from(opened.read(0..length)?);
            self.objects.create(&name, bytes, Compared::Ends).await?
        } else {
            self.send_long(&name, &opened, length).await?
        };
        if !is_same {
            return Err(self.elsewhere(&format!("{} is there with other contents", file.path)));
        }
        self.journal.add(name, length);
        self.sent(length);
        Ok(())
    }

    /// A name says what a file is, and its length that it is whole.
    fn check_size(&self, file: &FileEntry) -> Result<()> {
        let size = self.journal.size(&self.names.file(&file.path));
        if size == Some(file.stamp.length()) {
            return Ok(());
        }
        Err(self.elsewhere(&format!("{} is there with another length", file.path)))
    }

    /// Two parts with the same points are of two folders: readers would see them twice.
    fn check_overlap(&self, file: &FileEntry) -> Result<()> {
        let Some(part) = PartRange::of_path(&file.path) else { return Ok(()) };
        match self.journal.overlapping(part) {
            None => Ok(()),
            Some((first, last)) => Err(self.elsewhere(&format!(
                "points {first} to {last} of writer {} are there as one part, and {} has some of them",
                part.writer, file.path
            ))),
        }
    }

    /// `Ok(false)` if another one is there.
    async fn send_long(
        &self,
        name: &object_store::path::Path,
        opened: &OpenedFile,
        length: u64,
    ) -> Result<bool> {
        let end = |range| opened.read(range).map(Bytes::from).unwrap_or_default();
        if let Some(is_same) = self.objects.ends_as(name, length, end).await? {
            return Ok(is_same);
        }
        let away = |error| self.objects.away("write", error);
        let upload = self.objects.store().put_multipart(name).await.map_err(away)?;
        let part = part_length(length);
        let mut writer = WriteMultipart::new_with_chunk_size(upload, part as usize);
        let mut at = 0;
        while at < length {
            let bytes = opened.read(at..(at + part).min(length))?;
            if bytes.is_empty() {
                let _ = writer.abort().await;
                return Err(Error::damaged(
                    name.as_ref(),
                    "its file became shorter while it was sent",
                ));
            }
            at += bytes.len() as u64;
            self.objects.pass(bytes.len() as u64).await;
            writer.put(bytes.into());
            let sent = self.objects.wait(part, writer.wait_for_capacity(0)).await;
            sent.map_err(away)?;
        }
        self.objects.wait(part, writer.finish()).await.map_err(away)?;
        self.objects.count(length);
        Ok(true)
    }
}
