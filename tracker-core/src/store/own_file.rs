//! A file that a writer alone adds to, and that somebody else may take away.

use std::{
    fs::File,
    io::{self, Write},
};

use crate::{
    fault::Fault,
    format::folder::{StorePath, read_range},
    platform::{entry::Look, files},
};

/// An open file with its place. Appending is idempotent: what failed half-way is written again in
/// its place.
///
/// Whoever removes the file takes its name only: what it holds can still be read here, and be
/// written again.
#[derive(Debug)]
pub(crate) struct OwnFile {
    file: File,
    path: StorePath,
    end: u64,
    /// Whether somebody has cut it: what was written over the gap since makes it no whole file.
    was_cut: bool,
}

/// What a disk took that did not take all.
#[derive(Debug)]
pub(crate) struct Part {
    /// How many bytes of whole records are in the file.
    pub(crate) bytes: usize,
    pub(crate) error: io::Error,
}

impl OwnFile {
    /// Makes a file whole or not at all, in the place of any other.
    pub(crate) fn create(path: StorePath, contents: &[u8]) -> io::Result<Self> {
        let file = make(&path, contents)?;
        Ok(Self { file, path, end: contents.len() as u64, was_cut: false })
    }

    /// A new file, which must not be there yet.
    pub(crate) fn claim(path: StorePath) -> io::Result<Self> {
        let file = path.create()?;
        Ok(Self { file, path, end: 0, was_cut: false })
    }

    /// The same file, after its folder has been renamed.
    pub(crate) fn moved_to(self, path: StorePath) -> Self {
        Self { path, ..self }
    }

    /// Gives the file its place, after its folder was made again.
    pub(crate) fn set_place(&mut self, path: StorePath) {
        self.path = path;
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.was_cut |= Look::at(&self.file)?.length < self.end;
        files::write_all_at(&self.file, bytes, self.end)?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Appends whole records, as many as the disk takes: readers find those it took before it
    /// refused, so they are no loss. `whole` says how many of its first bytes are whole records.
    pub(crate) fn append_records(
        &mut self,
        records: &[u8],
        whole: fn(&[u8]) -> usize,
    ) -> Result<(), Part> {
        self.append(records).map_err(|error| {
            let bytes = whole(&records[..self.of_these_there(records)]);
            self.end += bytes as u64;
            Part { bytes, error }
        })
    }

    /// How many of these bytes stand at the file's end.
    fn of_these_there(&self, bytes: &[u8]) -> usize {
        let mut there = Vec::new();
        let end = self.end + bytes.len() as u64;
        if read_range(&self.file, self.end..end, &mut there).is_err() {
            return 0;
        }
        bytes.iter().zip(&there).take_while(|(byte, there)| byte == there).count()
    }

    /// All that was written to it; less if somebody has cut it.
    pub(crate) fn contents(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        read_range(&self.file, 0..self.end, &mut bytes)?;
        Ok(bytes)
    }

    /// Whether it is where others look for it, as long as it was written.
    pub(crate) fn is_in_place(&self) -> bool {
        if Fault::FilesNotKept.is_planted() {
            return true;
        }
        let looks = (self.path.look(), Look::at(&self.file));
        let (Ok(here), Ok(open)) = looks else { return false };
        let is_whole = here.length >= self.end && open.length >= self.end && !self.was_cut;
        here.file == open.file && is_whole
    }

    /// Writes it again where it is gone.
    pub(crate) fn restore(&mut self) -> io::Result<()> {
        let contents = self.contents()?;
        if contents.len() as u64 != self.end || self.was_cut {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "somebody has cut it"));
        }
        self.file = make(&self.path, &contents)?;
        Ok(())
    }

    pub(crate) fn path(&self) -> &StorePath {
        &self.path
    }

    /// Brings what it holds onto the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// A second handle, to sync the file from another thread.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

fn make(path: &StorePath, contents: &[u8]) -> io::Result<File> {
    let unborn = path.sibling(format!("{}.new", path.name()));
    let mut file = unborn.create_anew()?;
    file.write_all(contents)?;
    unborn.rename_to(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn of_records_that_stand_in_the_file_already_whole_ones_count() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = OwnFile::claim(place(&folder)).unwrap();
        fs::write(file.path(), b"one two oth").unwrap();
        assert_eq!(file.of_these_there(b"one two other "), 11);
        assert_eq!(file.of_these_there(b"one three "), 5);
        file.append(b"one ").unwrap();
        assert_eq!(file.of_these_there(b"two other "), 7);
    }

    fn place(folder: &tempfile::TempDir) -> StorePath {
        StorePath::named(folder.path()).child("log-0")
    }

    #[test]
    fn a_file_that_was_removed_is_written_again_with_all_that_it_had() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = OwnFile::create(place(&folder), b"header ").unwrap();
        file.append(b"first ").unwrap();
        assert!(file.is_in_place());
        fs::remove_file(file.path()).unwrap();
        file.append(b"second").unwrap();
        assert!(!file.is_in_place());
        file.restore().unwrap();
        assert!(file.is_in_place());
        assert_eq!(fs::read(file.path()).unwrap(), b"header first second");
    }

    #[test]
    fn a_file_that_was_cut_is_not_taken_for_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = OwnFile::claim(place(&folder)).unwrap();
        file.append(b"first second").unwrap();
        File::options().write(true).open(file.path()).unwrap().set_len(5).unwrap();
        assert!(!file.is_in_place());
        file.restore().unwrap_err();
        assert_eq!(file.contents().unwrap(), b"first");
        file.append(b" third").unwrap();
        assert!(!file.is_in_place());
        file.restore().unwrap_err();
    }
}
