//! An event file that grows.

use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    failed::failed,
    framing::tf_record,
    tensorboard::{
        event::FILE_VERSION,
        wire::{put_bytes, put_double},
    },
};

/// So many bytes are written at a time.
const CHUNK: usize = 1 << 20;

const HINT: &str = "name a folder that you may write to, on a disk with space left";

/// An event file, and how far it is written.
#[derive(Debug)]
pub(crate) struct EventFile {
    path: PathBuf,
    file: File,
    waiting: Vec<u8>,
    written: u64,
}

impl EventFile {
    /// A new file in the place of one that may be there, with the event that each file begins with.
    pub(crate) fn create(path: PathBuf, wall_time: f64) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("create", folder, HINT))?;
        }
        let file = File::create(&path).map_err(failed("create", &path, HINT))?;
        let mut new = Self { path, file, waiting: Vec::new(), written: 0 };
        new.record(|out| {
            put_double(out, 1, wall_time);
            put_bytes(out, 3, FILE_VERSION.as_bytes());
        })?;
        Ok(new)
    }

    /// Goes on with a file behind so many bytes. What is behind them is forgotten.
    pub(crate) fn reopen(path: PathBuf, length: u64) -> Result<Self> {
        let opened = OpenOptions::new().write(true).open(&path);
        let mut file = opened.map_err(failed("open", &path, HINT))?;
        let there = file.metadata().map_err(failed("look at", &path, HINT))?.len();
        if there < length {
            return Err(Error::Unusable {
                what: format!("{} has {there} bytes, and had {length}", path.display()),
                hint: "something else has changed it: export the run from its beginning".to_owned(),
            });
        }
        let ready = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
        ready.map_err(failed("write", &path, HINT))?;
        Ok(Self { path, file, waiting: Vec::new(), written: length })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a record whose data `write` adds.
    #[inline]
    pub(crate) fn record(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        tf_record::put(&mut self.waiting, write);
        if self.waiting.len() < CHUNK { Ok(()) } else { self.write() }
    }

    /// Writes what waits, so that other processes see it. Gives the length of the file.
    pub(crate) fn flush(&mut self) -> Result<u64> {
        self.write()?;
        Ok(self.written)
    }

    fn write(&mut self) -> Result<()> {
        if let Err(error) = self.file.write_all(&self.waiting) {
            // A part of it may be there. Who tries again, on a disk that has space again, writes it whole.
            let _ = self.file.set_len(self.written);
            let _ = self.file.seek(SeekFrom::Start(self.written));
            return Err(failed("write", &self.path, HINT)(error));
        }
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        // A film is no reason to keep its memory for as long as the training lasts.
        self.waiting.shrink_to(2 * CHUNK);
        Ok(())
    }
}

/// What is written is to be there also where nobody asked for the end.
impl Drop for EventFile {
    fn drop(&mut self) {
        let _ = self.write();
    }
}
