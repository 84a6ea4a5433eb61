//! Sends parts, in their order with the logs that they replace, and takes over what was sent beside.

use tracker_core::replica::{FileEntry, FileKind, PartRange};

use super::{
    lane::{Job, Sent},
    round::Round,
};
use crate::{Error, Result};

impl Round<'_> {
    /// Sends all parts that are not there yet.
    pub(super) async fn send_parts(&mut self) -> Result<()> {
        let fixed: Vec<FileEntry> =
            self.files.iter().filter(|file| file.kind == FileKind::Fixed).cloned().collect();
        for file in fixed {
            if self.journal.has(&self.names.file(&file.path)) {
                self.check_size(&file)?;
            } else if let Some(part) = PartRange::of_path(&file.path) {
                self.check_overlap(&file, part)?;
                self.send_part(&file).await?;
            }
        }
        Ok(())
    }

    async fn send_part(&mut self, file: &FileEntry) -> Result<()> {
        let Some(opened) = self.folder.open_file(&file.path)? else {
            self.is_whole = false;
            return Ok(());
        };
        let sent = self.way.send_fixed(file, &opened).await?;
        self.take_sent(file, sent)
    }

    /// The files that never change and are sent beside the points.
    pub(super) fn fixed_jobs(&self) -> Vec<Job> {
        let fixed = self.files.iter().filter(|file| {
            file.kind == FileKind::Fixed
                && PartRange::of_path(&file.path).is_none()
                && !self.lane.has(&file.path)
                && !self.journal.has(&self.names.file(&file.path))
        });
        fixed.map(|file| Job { file: file.clone(), known: None }).collect()
    }

    /// Takes over what was sent beside the points.
    pub(super) fn take_beside(&mut self) -> Result<()> {
        let mut first = Ok(());
        for (file, sent) in self.lane.take() {
            let taken = sent.and_then(|sent| self.take_sent(&file, sent));
            first = first.and(taken);
        }
        self.is_whole &= first.is_ok();
        first
    }

    fn take_sent(&mut self, file: &FileEntry, sent: Sent) -> Result<()> {
        let length = file.stamp.length();
        match sent {
            Sent::Fixed => self.journal.add(self.names.file(&file.path), length),
            Sent::Blob(blob) => self.take_blob(file, blob),
            Sent::Changed => {
                self.is_whole = false;
                if file.kind != FileKind::Fixed {
                    let path = &file.path;
                    self.tell(format!(
                        "{path} changes while it is sent; it is sent once it does not"
                    ));
                }
                return Ok(());
            }
            Sent::Unread(why) => {
                self.is_whole = false;
                let why = why.lines().next().unwrap_or_default();
                self.tell(format!("{} stays here: {why}", file.path));
                return Ok(());
            }
            Sent::Other if file.kind == FileKind::Fixed => {
                return Err(self.other(file, "other contents"));
            }
            Sent::Other => {
                self.refused.insert(file.path.clone(), file.stamp);
                return Ok(());
            }
        }
        self.sent(length);
        Ok(())
    }

    /// A name says what a file is, and its length that it is whole.
    fn check_size(&self, file: &FileEntry) -> Result<()> {
        let size = self.journal.size(&self.names.file(&file.path));
        if size == Some(file.stamp.length()) {
            return Ok(());
        }
        Err(self.other(file, "another length"))
    }

    /// Nobody here can tell whether it was damaged there, or comes from a copy of this folder.
    fn other(&self, file: &FileEntry, what: &str) -> Error {
        let object = self.names.file(&file.path);
        let hint = format!(
            "nothing was replaced. If it was damaged there, remove {object} there, and `tracker sync` sends it again; if a \
             copy of this folder trained on and sends this run, go on with one of the two"
        );
        self.elsewhere(&format!("{} is there with {what}", file.path), hint)
    }

    /// Two parts with the same points are of two folders: readers would see them twice.
    fn check_overlap(&self, file: &FileEntry, part: PartRange) -> Result<()> {
        match self.journal.overlapping(part) {
            None => Ok(()),
            Some((first, last)) => {
                let reason = format!(
                    "points {first} to {last} of writer {} are there as one part, and {} has some of them",
                    part.writer, file.path
                );
                Err(self.of_another_folder(&reason))
            }
        }
    }
}
