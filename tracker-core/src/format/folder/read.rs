//! Reading files of a store.

use std::{
    fs::File,
    io::{self, Read},
    ops::Range,
    path::{Component, Path},
    sync::Arc,
};

use super::{Ranged, StorePath, mebibytes, ranged::Afar};
use crate::mounts;
use crate::platform::{
    entry::{Access, Look, out_of_folder},
    files as system,
};

impl StorePath {
    /// Opens this file for reading.
    pub(crate) fn open(&self) -> io::Result<File> {
        Ok(self.open_and_look()?.0)
    }

    /// Opens this file for reading, and says what is known of it.
    pub(crate) fn open_and_look(&self) -> io::Result<(File, Look)> {
        self.bring()?;
        system::open(self.open_parent()?, self.last(), Access::Read)
    }

    /// Opens this file to read some of it, and says what is known of it. Of one that lies elsewhere, only what is read
    /// is fetched, where its kind lets.
    pub(crate) fn open_ranged(&self) -> io::Result<(Arc<dyn Ranged>, Look)> {
        if let Some((mount, below)) = mounts::at(self)
            && let Some(file) = mount.part(&below)?
        {
            let mut look = self.look()?;
            look.length = file.length();
            return Ok((Arc::new(Afar(file)), look));
        }
        let (file, look) = self.open_and_look()?;
        Ok((Arc::new(file), look))
    }

    /// The whole file, which must not be longer than `limit`.
    pub(crate) fn read(&self, limit: u64) -> io::Result<Vec<u8>> {
        Ok(self.read_and_look(limit)?.0)
    }

    /// As [`read`](Self::read), with what is known of the file that was read.
    pub(crate) fn read_and_look(&self, limit: u64) -> io::Result<(Vec<u8>, Look)> {
        let (file, look) = self.open_and_look()?;
        let too_long = || {
            let limit = mebibytes(limit);
            let text = format!("it is longer than {limit}, the most that is read of such a file");
            io::Error::new(io::ErrorKind::FileTooLarge, text)
        };
        if look.length > limit {
            return Err(too_long());
        }
        let mut bytes = Vec::with_capacity(look.length as usize + 1);
        file.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit { Err(too_long()) } else { Ok((bytes, look)) }
    }

    /// The first bytes of the file, at most `most`.
    pub(crate) fn read_beginning(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Opens what is at this path within this folder. A link may lead to it, as long as it does not
    /// lead out of the folder: people link files of their own.
    pub(crate) fn open_beneath(&self, path: &Path) -> io::Result<File> {
        if let Some((mount, below)) = mounts::at(self) {
            mount.bring(&below.join(path))?;
        }
        let folder = self.hold()?;
        let mut place = folder.clone();
        for part in path.components() {
            match part {
                Component::Normal(name) => place = place.child(name),
                Component::CurDir => {}
                _ => return Err(out_of_folder()),
            }
        }
        match folder.held().and_then(|folder| system::open_beneath(folder, path)) {
            Some(file) => file,
            // Without the call that looks after links, none is followed.
            None => place.open(),
        }
    }
}

/// Reads what there is of a range of a file's bytes.
pub(crate) fn read_range(file: &File, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
    let end = range.end.min(Look::at(file)?.length);
    let wanted = end.saturating_sub(range.start) as usize;
    bytes.clear();
    bytes.reserve_exact(wanted);
    while bytes.len() < wanted && system::read_on(file, range.start, bytes)? > 0 {}
    bytes.truncate(wanted);
    Ok(())
}
