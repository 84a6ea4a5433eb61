//! Writing files of a store.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Write},
};

use serde::Serialize;

use super::StorePath;
use crate::mounts;
use crate::platform::{
    entry::{Access, Look},
    files::{self as system, AsFolder},
};

impl StorePath {
    /// Makes this file, which must not be there.
    pub(crate) fn create(&self) -> io::Result<File> {
        self.make(Access::New { private: false })
    }

    /// As [`create`](Self::create), for nobody else to read.
    pub(crate) fn create_private(&self) -> io::Result<File> {
        self.make(Access::New { private: true })
    }

    /// Opens this file, which must be there, to write to it.
    pub(crate) fn open_to_write(&self) -> io::Result<File> {
        self.make(Access::Write)
    }

    /// Opens this file to lock it, and makes it if there is none.
    pub(crate) fn open_to_lock(&self) -> io::Result<File> {
        self.make(Access::Lock)
    }

    /// Opens this file to write behind what is in it, and makes it if there is none.
    pub(crate) fn open_to_append(&self) -> io::Result<File> {
        self.make(Access::Append)
    }

    /// Makes this, which must not be there, as a mark that all processes see: a link that leads to `target`, or where
    /// links cannot be had, an empty file.
    pub(crate) fn create_mark(&self, target: &std::path::Path) -> io::Result<()> {
        self.check_written_here()?;
        system::mark(self.open_parent()?, self.last(), target)
    }

    fn make(&self, access: Access) -> io::Result<File> {
        self.check_written_here()?;
        Ok(system::open(self.open_parent()?, self.last(), access)?.0)
    }

    /// Writes this file whole or not at all: under another name beside it, then renamed. With
    /// `sync`, it is on the disk before it gets its name.
    pub(crate) fn replace(
        &self,
        sync: bool,
        write: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<()> {
        self.check_written_here()?;
        let folder = self.open_parent()?;
        let temporary = self.temporary();
        let written = || -> io::Result<()> {
            let file = create_anew(&folder, temporary.last())?;
            write(&file)?;
            if sync {
                file.sync_all()?;
            }
            system::rename((&folder, temporary.last()), (&folder, self.last()))
        };
        written().inspect_err(|_| {
            // A disk that is full needs the space.
            let _ = system::remove(&folder, temporary.last());
        })
    }

    /// As [`replace`](Self::replace), with these bytes.
    pub(crate) fn replace_with(&self, bytes: &[u8], sync: bool) -> io::Result<()> {
        self.replace(sync, |mut file| file.write_all(bytes))
    }

    /// Where this file is written before it has its name.
    pub(crate) fn temporary(&self) -> Self {
        self.sibling(format!("{}.tmp", self.name()))
    }

    /// Makes this file, in place of what may be left of one that was never finished.
    pub(crate) fn create_anew(&self) -> io::Result<File> {
        self.check_written_here()?;
        create_anew(self.open_parent()?, self.last())
    }

    /// Adds a line of JSON in one write, so that lines of several processes never mix. Makes the
    /// file if there is none. In a mounted folder, the line goes to where the file lies.
    pub(crate) fn append_line(&self, line: &impl Serialize) -> io::Result<()> {
        if let Some((mount, below)) = mounts::at(self) {
            return mount.append(&below, &serde_json::to_value(line)?);
        }
        let mut file = self.open_to_append()?;
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        if ends_within_a_line(&file)? {
            text.insert(0, b'\n');
        }
        match file.write(&text)? {
            written if written == text.len() => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    /// Sets the file's time to now, as the machine that holds it sees it.
    pub(crate) fn touch(&self) -> io::Result<()> {
        system::touch(&self.open_to_write()?)
    }

    /// Makes this folder, and those before it.
    pub(crate) fn create_folder(&self) -> io::Result<()> {
        self.check_written_here()?;
        if !self.is_held() {
            create_start(self)?;
        }
        let mut at = self.at_start();
        for name in self.names_behind_start() {
            let next = at.child(name);
            system::make_folder(next.open_parent()?, name)?;
            at = next.hold()?;
        }
        Ok(())
    }

    /// Gives this file or folder another place in the store.
    pub(crate) fn rename_to(&self, other: &Self) -> io::Result<()> {
        self.check_written_here()?;
        other.check_written_here()?;
        system::rename((self.open_parent()?, self.last()), (other.open_parent()?, other.last()))
    }

    /// Makes renames in this folder outlive the machine.
    pub(crate) fn sync(&self) -> io::Result<()> {
        system::sync_folder(self.list()?)
    }
}

/// A name may be taken by what an earlier attempt left, or by a link that somebody put there: that
/// is removed, never written to.
fn create_anew(folder: impl AsFolder, name: &OsStr) -> io::Result<File> {
    let create = || system::open(&folder, name, Access::New { private: false });
    let created = match create() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            system::remove(&folder, name)?;
            create()
        }
        created => created,
    };
    Ok(created?.0)
}

#[expect(clippy::disallowed_methods, reason = "the root of a store is a person's own folder")]
fn create_start(place: &StorePath) -> io::Result<()> {
    std::fs::create_dir_all(place.start())
}

/// Whether a full disk has cut the last line short.
fn ends_within_a_line(file: &File) -> io::Result<bool> {
    let length = Look::at(file)?.length;
    let mut last = [b'\n'];
    if length > 0 {
        system::read_exact_at(file, &mut last, length - 1)?;
    }
    Ok(last != [b'\n'])
}
