//! The files of an inbox: immutable, one line a record, visible once they are whole.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{Error, Result, failed::failed};

/// A file is closed once it has so many bytes. Trackio reads a hundred files at once into memory.
const MOST_BYTES: u64 = 4 << 20;

const HINT: &str = "name a folder that can be written";

/// Writes the files of one writer: `inbox/<writer>/00000000.jsonl` and so on. While it is written, a file has a name
/// that Trackio does not look at.
#[derive(Debug)]
pub(super) struct InboxWriter {
    folder: PathBuf,
    next: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: BufWriter<File>,
    bytes: u64,
}

impl InboxWriter {
    /// Goes on with the file of this number. What was written from there on before is removed.
    pub(super) fn new(folder: PathBuf, next: u64) -> Result<Self> {
        let writer = Self { folder, next, open: None };
        writer.forget_from_next()?;
        Ok(writer)
    }

    /// The number of the file after all that can be seen.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Adds a record. It can be seen after [`close`](Self::close).
    pub(super) fn write(&mut self, record: &Value) -> Result<()> {
        let line = format!("{record}\n");
        let path = self.unfinished();
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open { file: self.folder_and_file(&path)?, bytes: 0 },
        };
        open.file.write_all(line.as_bytes()).map_err(failed("write", &path, HINT))?;
        open.bytes += line.len() as u64;
        let is_full = open.bytes >= MOST_BYTES;
        self.open = Some(open);
        if is_full { self.close() } else { Ok(()) }
    }

    /// Lets Trackio see what was written.
    pub(super) fn close(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let (from, to) = (self.unfinished(), self.folder.join(name_of(self.next)));
        let written = open.file.into_inner().map_err(std::io::IntoInnerError::into_error);
        // What is renamed and then lost with the machine's power would be taken for told.
        written.and_then(|file| file.sync_data()).map_err(failed("write", &from, HINT))?;
        fs::rename(&from, &to).map_err(failed("write", &to, HINT))?;
        self.next += 1;
        Ok(())
    }

    fn unfinished(&self) -> PathBuf {
        self.folder.join(format!("{}.tmp", name_of(self.next)))
    }

    fn forget_from_next(&self) -> Result<()> {
        let Ok(listed) = fs::read_dir(&self.folder) else { return Ok(()) };
        for entry in listed.flatten() {
            if entry
                .file_name()
                .to_str()
                .and_then(number_of)
                .is_some_and(|number| number >= self.next)
            {
                match fs::remove_file(entry.path()) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(failed("remove", &entry.path(), HINT)(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

impl InboxWriter {
    /// Trackio removes the folder of a writer whose files it has read, perhaps just now.
    fn folder_and_file(&self, path: &Path) -> Result<BufWriter<File>> {
        let mut tries = 0;
        loop {
            fs::create_dir_all(&self.folder).map_err(failed("create", &self.folder, HINT))?;
            match File::create(path) {
                Ok(file) => return Ok(BufWriter::new(file)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && tries < 3 => {
                    tries += 1;
                }
                Err(error) => return Err::<_, Error>(failed("create", path, HINT)(error)),
            }
        }
    }
}

fn name_of(number: u64) -> String {
    format!("{number:08}.jsonl")
}

/// The number of a file that was written here, finished or not.
fn number_of(name: &str) -> Option<u64> {
    let name = name.strip_suffix(".tmp").unwrap_or(name);
    let digits = name.strip_suffix(".jsonl")?;
    (digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let listed = fs::read_dir(folder).map(|listed| listed.flatten().collect::<Vec<_>>());
        let names = listed.unwrap_or_default().into_iter().map(|entry| entry.file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_seen_once_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("inbox/me");
        let mut writer = InboxWriter::new(folder.clone(), 0).unwrap();
        writer.write(&json!({"v": 1})).unwrap();
        assert_eq!(names(&folder), ["00000000.jsonl.tmp"]);
        writer.close().unwrap();
        assert_eq!(names(&folder), ["00000000.jsonl"]);
        writer.close().unwrap();
        assert_eq!(writer.next(), 1, "a file without lines is none");
        assert_eq!(fs::read_to_string(folder.join("00000000.jsonl")).unwrap(), "{\"v\":1}\n");
    }

    #[test]
    fn what_was_written_beyond_the_place_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("me");
        let mut writer = InboxWriter::new(folder.clone(), 0).unwrap();
        for _ in 0..3 {
            writer.write(&json!({})).unwrap();
            writer.close().unwrap();
        }
        writer.write(&json!({})).unwrap();
        fs::write(folder.join("notes.jsonl"), "of somebody else").unwrap();
        drop(writer);
        InboxWriter::new(folder.clone(), 1).unwrap();
        assert_eq!(names(&folder), ["00000000.jsonl", "notes.jsonl"]);
    }

    #[test]
    fn a_folder_that_trackio_has_removed_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("me");
        let mut writer = InboxWriter::new(folder.clone(), 0).unwrap();
        writer.write(&json!({})).unwrap();
        writer.close().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        writer.write(&json!({})).unwrap();
        writer.close().unwrap();
        assert_eq!(names(&folder), ["00000001.jsonl"]);
    }
}
