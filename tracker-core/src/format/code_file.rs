//! `code.json` and `code.patch`: what git knew of a run's code beside its commit.

use std::{fmt::Write, path::Path};

use serde::{Deserialize, Serialize};

use crate::{Error, Result, format::run_file::FORMAT_VERSION};

/// The most bytes of a patch that are kept.
pub(crate) const MOST_PATCH: usize = 1 << 20;

/// The most changed files that are listed.
pub(crate) const MOST_FILES: usize = 1_000;

/// What git knew of a run's code when its process first asked: the commit, and what was changed
/// since. The contents of `code.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Code {
    pub(crate) version: u32,
    /// The commit that the files were compared with; `None` in a repository without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether any file was changed, or not tracked by git.
    pub dirty: bool,
    /// These files, in git's order. An untracked folder stands for all that it holds, and ends
    /// with a slash.
    #[serde(default)]
    pub files: Vec<ChangedFile>,
    /// Whether there were more files than are listed.
    #[serde(default)]
    pub files_cut: bool,
    /// How much of the patch was kept.
    pub patch_kept: PatchKept,
}

/// A file that was not as the commit has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangedFile {
    /// Its path from the root of the repository. Bytes that are no UTF-8 are written as `\xe9`.
    pub path: String,
    /// What became of it.
    pub status: FileStatus,
    /// The path that it had before, if it was renamed or copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What became of a file since the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FileStatus {
    /// It is new, and git was told of it.
    Added,
    /// Its contents or its mode differ.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another name.
    Renamed,
    /// It was made from another file.
    Copied,
    /// A merge of it is not done.
    Unmerged,
    /// It is a submodule at another commit, or with changes of its own.
    Submodule,
    /// Git was never told of it, so that the patch does not have it.
    Untracked,
    /// What this version has no word for.
    #[serde(other)]
    Other,
}

impl FileStatus {
    /// As one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
            Self::Renamed => "renamed",
            Self::Copied => "copied",
            Self::Unmerged => "unmerged",
            Self::Submodule => "submodule",
            Self::Untracked => "untracked",
            Self::Other => "other",
        }
    }
}

/// How much of a patch was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PatchKept {
    /// There is none: no file that git tracks was changed.
    None,
    /// All of it.
    Whole,
    /// Its first MiB, up to the end of a line.
    Cut,
    /// Nothing, because git did not give it in time, or there is no commit to compare with.
    Unknown,
}

/// What `git diff` said, byte for byte. The contents of `code.patch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch(pub(crate) Vec<u8>);

impl Patch {
    /// The bytes, as `git apply` takes them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A part of a patch as text: bytes that are no UTF-8 are written as `\xe9`.
    pub fn legible(part: &[u8]) -> String {
        legible(part)
    }

    /// The patch as text, in which bytes that are no UTF-8 are written as `\xe9`.
    pub fn to_text(&self) -> String {
        legible(&self.0)
    }
}

impl Code {
    /// Takes the text of a `code.json` apart, which is at `path`.
    pub(crate) fn of(text: &[u8], path: &Path) -> Result<Self> {
        let version = serde_json::from_slice::<Version>(text).map_or(0, |known| known.version);
        if version > FORMAT_VERSION {
            return Err(Error::NewerFormat {
                path: path.to_path_buf(),
                version,
                known: FORMAT_VERSION,
            });
        }
        serde_json::from_slice(text).map_err(|error| Error::Damaged {
            path: path.to_path_buf(),
            reason: error.to_string(),
            hint: "remove the file: only what git knew of the code is lost".into(),
        })
    }
}

/// The most bytes of a `code.json`: a thousand paths are much less.
pub(crate) const MOST_JSON: u64 = 8 << 20;

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// The bytes as text. What is no UTF-8 can still be read and told apart.
pub(crate) fn legible(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As version 1 wrote it.
    const GOLDEN: &str = r#"{
        "version": 1,
        "commit": "0123abcd",
        "dirty": true,
        "files": [{"path": "src/b.rs", "status": "renamed", "from": "src/a.rs"}, {"path": "new", "status": "untracked"}],
        "files_cut": false,
        "patch_kept": "whole"
    }"#;

    fn read(text: &str) -> Result<Code> {
        Code::of(text.as_bytes(), Path::new("code.json"))
    }

    #[test]
    fn what_version_1_wrote_is_read() {
        let code = read(GOLDEN).unwrap();
        assert_eq!((code.commit.as_deref(), code.dirty), (Some("0123abcd"), true));
        assert_eq!(code.files[0].from.as_deref(), Some("src/a.rs"));
        assert_eq!(code.files[1].status, FileStatus::Untracked);
        assert_eq!(code.patch_kept, PatchKept::Whole);
        let written: serde_json::Value = serde_json::to_value(&code).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(GOLDEN).unwrap());
    }

    #[test]
    fn a_status_of_later_versions_does_not_make_the_file_unreadable() {
        let code = read(&GOLDEN.replace("untracked", "conjured")).unwrap();
        assert_eq!(code.files[1].status, FileStatus::Other);
    }

    #[test]
    fn what_is_damaged_or_newer_is_told() {
        assert!(matches!(read("{"), Err(Error::Damaged { .. })));
        let newer = read(&GOLDEN.replace("\"version\": 1", "\"version\": 99"));
        assert!(matches!(newer, Err(Error::NewerFormat { version: 99, .. })));
    }

    #[test]
    fn bytes_that_are_no_text_stay_legible() {
        assert_eq!(legible(b"caf\xe9 \xff\xc3\xa9\n"), "caf\\xe9 \\xff\u{e9}\n");
    }
}
