//! What a data set holds, as one hash: a file, or a folder with all that is in it.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::{format::folder::StorePath, value::content_hash::Hashed};

/// The most entries of one folder: their names are in memory, to be sorted.
const MOST_NAMES: usize = 1 << 20;

/// So many folders within each other. A file system may have more, a data set has not.
const DEEPEST: usize = 128;

/// What is known of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    /// How many files it has, if it is a folder.
    pub(crate) files: Option<u64>,
    /// Links, pipes and devices in the folder, which are left out.
    pub(crate) left_out: u64,
}

/// Reads all of a file or folder that somebody named. `go_on` is asked at each chunk, and may end it.
///
/// The hash of a file is that of its bytes. That of a folder is the SHA-256 over its files in the order of
/// their names, folder by folder, of which each adds: the length of its path within the folder, that path with
/// `/` between its names, its size, both as 8 bytes with the least first, and the 32 bytes of its own SHA-256.
/// Times, owners, permissions and empty folders are no part of it, and no link in it is followed.
pub(crate) fn read(path: &Path, go_on: &dyn Fn() -> io::Result<()>) -> io::Result<Contents> {
    let each = &mut |_: &[u8]| go_on();
    match StorePath::named(path).hold() {
        Ok(folder) => {
            let mut walk = Walk { go_on, hash: Sha256::new(), bytes: 0, files: 0, left_out: 0 };
            walk.folder(&folder, &mut Vec::new(), 0)?;
            let hashed = Hashed { bytes: walk.bytes, sha256: walk.hash.finalize().into() };
            Ok(Contents { files: Some(walk.files), left_out: walk.left_out, ..of(&hashed) })
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Ok(of(&Hashed::of(open_plain(path)?, each)?))
        }
        Err(error) => Err(error),
    }
}

fn of(hashed: &Hashed) -> Contents {
    Contents { sha256: hashed.hexadecimal(), bytes: hashed.bytes, files: None, left_out: 0 }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file that the program names, by a link if it likes"
)]
fn open_plain(path: &Path) -> io::Result<std::fs::File> {
    // A pipe would keep whoever opens it waiting.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is neither a file nor a folder",
        ));
    }
    std::fs::File::open(path)
}

/// A walk through a folder.
struct Walk<'a> {
    go_on: &'a dyn Fn() -> io::Result<()>,
    hash: Sha256,
    bytes: u64,
    files: u64,
    left_out: u64,
}

impl Walk<'_> {
    /// `within` is the path of this folder within the data set, ended by `/` unless it is empty.
    fn folder(&mut self, folder: &StorePath, within: &mut Vec<u8>, depth: usize) -> io::Result<()> {
        (self.go_on)()?;
        let mut names = folder.all_names()?;
        if names.len() > MOST_NAMES || depth > DEEPEST {
            let text = format!("{} has too many entries or is too deep", folder.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        names.sort_unstable_by(|one, other| bytes(one).cmp(bytes(other)));
        for name in names {
            let length = within.len();
            within.extend_from_slice(bytes(&name));
            self.entry(folder, &name, within, depth)?;
            within.truncate(length);
        }
        Ok(())
    }

    fn entry(
        &mut self,
        folder: &StorePath,
        name: &OsString,
        within: &mut Vec<u8>,
        depth: usize,
    ) -> io::Result<()> {
        let place = folder.child(name);
        let look = place.look()?;
        if look.is_folder() {
            within.push(b'/');
            return self.folder(&place.hold()?, within, depth + 1);
        }
        if !look.is_file() {
            self.left_out += 1;
            return Ok(());
        }
        let hashed = Hashed::of(place.open()?, &mut |_| (self.go_on)())?;
        self.hash.update((within.len() as u64).to_le_bytes());
        self.hash.update(&*within);
        self.hash.update(hashed.bytes.to_le_bytes());
        self.hash.update(hashed.sha256);
        self.bytes += hashed.bytes;
        self.files += 1;
        Ok(())
    }
}

fn bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;

    fn contents(path: &Path) -> Contents {
        read(path, &|| Ok(())).unwrap()
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_file_has_the_hash_that_sha256sum_prints() {
        let folder = folder(&[("train.csv", "1,2,3")]);
        let file = folder.path().join("train.csv");
        let output = Command::new("sha256sum").arg(&file).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let read = contents(&file);
        assert_eq!(Some(&*read.sha256), printed.split_whitespace().next());
        assert_eq!((read.bytes, read.files), (5, None));
    }

    #[test]
    fn a_folder_has_the_same_hash_wherever_it_is_and_whenever_it_was_made() {
        let files = [("b", "two"), ("a/x", "one"), ("a/y/z", ""), ("a.txt", "three")];
        let [one, other] = [folder(&files), folder(&files)];
        fs::create_dir(other.path().join("empty")).unwrap();
        let read = contents(one.path());
        assert_eq!(read, contents(other.path()));
        assert_eq!((read.bytes, read.files), (11, Some(4)));
        // Stored runs have it: it may not change.
        assert_eq!(read.sha256, "b6d0b68fba6d5e510b0fc75366e141c9e555a394343eef5a5ca810817b18113b");
    }

    #[test]
    fn whatever_is_changed_in_a_folder_changes_its_hash() {
        let hash = |files: &[(&str, &str)]| contents(folder(files).path()).sha256;
        let hashes = [
            hash(&[("a", "one"), ("b", "two")]),
            hash(&[("a", "one"), ("b", "twO")]),
            hash(&[("a", "one"), ("c", "two")]),
            hash(&[("a", "two"), ("b", "one")]),
            hash(&[("a", "onetwo"), ("b", "")]),
            hash(&[("a", "one"), ("b", "two"), ("c", "")]),
            hash(&[("a", "one"), ("d/b", "two")]),
            hash(&[("a", "one")]),
            hash(&[]),
        ];
        let distinct: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
    }

    #[cfg(unix)]
    #[test]
    fn links_within_a_folder_are_counted_and_not_followed() {
        let folder = folder(&[("a", "one")]);
        let before = contents(folder.path());
        std::os::unix::fs::symlink("/etc", folder.path().join("etc")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        let read = contents(folder.path());
        assert_eq!(read, Contents { left_out: 2, ..before });
        let link = folder.path().join("again");
        assert_eq!(contents(&link), read, "but the one that was named is");
    }

    #[test]
    fn who_is_told_to_stop_stops() {
        let folder = folder(&[("a", "one")]);
        let stop = || Err(io::Error::from(io::ErrorKind::Interrupted));
        assert!(read(folder.path(), &stop).is_err());
        assert!(read(&folder.path().join("a"), &stop).is_err());
        assert!(read(&folder.path().join("missing"), &|| Ok(())).is_err());
    }
}
