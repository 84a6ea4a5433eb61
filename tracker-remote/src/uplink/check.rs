//! Compares a run's folder with what is there.

use object_store::path::Path;
use tracker_core::replica::{FileEntry, FileKind, RunFolder};

use super::{artifacts::Artifacts, journal::Journal, sending::Uplink};
use crate::{
    Error, Head, MOST_HEAD, Manifest, Result, Tail, head::is_kept_by_hash, names::PIECE,
    objects::Objects, packed,
};

/// The most bytes of one object that a check reads at once.
const MOST: u64 = 256 << 20;

/// How much of an object is compared at a time.
const SOME: u64 = 8 << 20;

/// How exactly a check looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Check {
    /// Names and lengths, tails and the head: a few requests a run.
    #[default]
    Names,
    /// Every byte: reads all of the run back.
    Deep,
}

/// What is not there as it is in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The file in the run's folder.
    pub path: String,
    /// What is the matter, as in `is not there`.
    pub what: String,
}

impl Uplink {
    /// Compares the folder with the place, and sends nothing. A run that trains is ahead of it by what is being sent.
    ///
    /// # Errors
    /// If the folder cannot be read, or the place does not answer.
    pub fn check(&self, check: Check) -> Result<Vec<Found>> {
        self.block_on(async {
            let journal = Journal::read(&self.way.objects, &self.way.names).await?;
            let mut checked = Checked { uplink: self, journal, check, found: Vec::new() };
            checked.fixed().await?;
            checked.growing().await?;
            checked.head().await?;
            checked.kept_by_hash().await?;
            Ok(checked.found)
        })
    }
}

struct Checked<'a> {
    uplink: &'a Uplink,
    journal: Journal,
    check: Check,
    found: Vec<Found>,
}

impl Checked<'_> {
    fn folder(&self) -> &RunFolder {
        &self.uplink.way.folder
    }

    fn objects(&self) -> &Objects {
        &self.uplink.way.objects
    }

    fn tell(&mut self, path: &str, what: &str) {
        self.found.push(Found { path: path.to_owned(), what: what.to_owned() });
    }

    async fn fixed(&mut self) -> Result<()> {
        for file in self.folder().files()? {
            let is_media = file.path.starts_with("media/");
            if file.kind != FileKind::Fixed
                || is_media && self.uplink.artifacts_sent() == Artifacts::None
            {
                continue;
            }
            let name = self.uplink.way.names.file(&file.path);
            match self.journal.size(&name) {
                None => self.tell(&file.path, "is not there"),
                Some(size) if size != file.stamp.length() => {
                    self.tell(&file.path, "is there with another length");
                }
                Some(_) if self.check == Check::Deep && self.differs(&file, &name).await? => {
                    self.tell(&file.path, &others(&name));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    async fn growing(&mut self) -> Result<()> {
        for file in self.folder().files()? {
            let (FileKind::Growing, Some(writer)) = (file.kind, file.writer()) else { continue };
            let Some(opened) = self.folder().open_file(&file.path)? else { continue };
            let settled = opened.settled()?;
            let name = self.uplink.way.names.tail(writer);
            let Some((bytes, _)) = self.objects().get(&name, MOST).await? else {
                self.tell(&file.path, "is not there to its end");
                continue;
            };
            let tail = match Tail::unpack(name.as_ref(), &bytes) {
                Ok(tail) => tail,
                Err(error) => {
                    self.tell(&file.path, &damaged(&error));
                    continue;
                }
            };
            let end = tail.ends.get(&file.path);
            let from = end.map_or(settled / PIECE * PIECE, |end| end.from);
            for at in (0..from.min(settled)).step_by(PIECE as usize) {
                self.piece(&file.path, at, &opened.read(at..at + PIECE)?).await?;
            }
            match end {
                Some(end) if end.to() < settled => self.tell(&file.path, "is not there to its end"),
                Some(end) => {
                    let here = opened.read(end.from..settled)?;
                    if end.bytes.get(..here.len()) != Some(&here[..]) {
                        self.tell(&file.path, "is there with another end");
                    }
                }
                None if settled > from => self.tell(&file.path, "is not there to its end"),
                None => {}
            }
        }
        Ok(())
    }

    async fn piece(&mut self, path: &str, from: u64, here: &[u8]) -> Result<()> {
        let what = |what: &str| format!("{what}, bytes {from} to {}", from + PIECE);
        if !self.journal.has_piece(path, from) {
            self.tell(path, &what("is not there as a whole"));
        } else if self.check == Check::Deep {
            let name: Path = self.uplink.way.names.piece(path, from, from + PIECE);
            let there = self.objects().get(&name, 2 * PIECE).await?;
            let there =
                there.and_then(|(bytes, _)| packed::unpack(name.as_ref(), &bytes, PIECE).ok());
            if there.as_deref() != Some(here) {
                self.tell(path, &what("is there with other contents"));
            }
        }
        Ok(())
    }

    async fn head(&mut self) -> Result<()> {
        let Some(here) = self.folder().read("run.json", MOST)? else { return Ok(()) };
        let name = self.uplink.way.names.head();
        match self.objects().get(&name, MOST_HEAD as u64).await? {
            None => self.tell("run.json", "is not there: lists do not show the run"),
            Some((bytes, _)) => match Head::read(name.as_ref(), &bytes) {
                Err(error) => self.tell("run.json", &damaged(&error)),
                Ok(head) => {
                    if head.documents.get("run.json").map(String::as_bytes) != Some(&here[..]) {
                        self.tell("run.json", "is there as it was before");
                    }
                }
            },
        }
        Ok(())
    }

    /// What the manifest names.
    async fn kept_by_hash(&mut self) -> Result<()> {
        let name = self.uplink.way.names.manifest();
        let manifest = match self.objects().get(&name, MOST).await? {
            Some((bytes, _)) => match Manifest::unpack(name.as_ref(), &bytes) {
                Ok(manifest) => manifest,
                Err(error) => {
                    self.tell("files", &damaged(&error));
                    return Ok(());
                }
            },
            None => Manifest::default(),
        };
        let mut files: Vec<FileEntry> =
            self.folder().files()?.into_iter().filter(|file| is_kept_by_hash(&file.path)).collect();
        if self.uplink.artifacts_sent() == Artifacts::All {
            files.extend(self.folder().user_files()?.files);
        }
        for file in files {
            match manifest.files.get(&file.path) {
                None => self.tell(&file.path, "is not there"),
                Some(blob) if blob.length != file.stamp.length() => {
                    self.tell(&file.path, "is there as it was before");
                }
                Some(blob) => {
                    let name = self.uplink.way.names.blob(&blob.sha256);
                    let size = self.objects().size(&name).await?;
                    if size != Some(blob.length) {
                        self.tell(&file.path, "is named there, and its contents are not");
                    } else if self.check == Check::Deep && self.differs(&file, &name).await? {
                        self.tell(&file.path, &others(&name));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether an object of the same length has other bytes than a file. Reads some of it at a time.
    async fn differs(&self, file: &FileEntry, name: &Path) -> Result<bool> {
        let Some(opened) = self.folder().open_file(&file.path)? else { return Ok(false) };
        let length = file.stamp.length();
        for from in (0..length).step_by(SOME as usize) {
            let range = from..(from + SOME).min(length);
            let there = self.objects().get_range(name, range.clone()).await?;
            if there.as_deref() != Some(&opened.read(range)?[..]) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// That what lies there cannot be read.
fn damaged(error: &Error) -> String {
    let text = error.to_string();
    let what = text.split_once('\n').map_or(&*text, |(what, _)| what);
    format!("is not there: {what}; remove it there first")
}

fn others(object: &Path) -> String {
    format!(
        "is there with other contents; nothing that is there is replaced: remove {object} first"
    )
}
